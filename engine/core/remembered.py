"""What is read off one snapshot is kept beside it: all who look at a campaign look at the same one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from engine.core.campaign import Campaign

Found = TypeVar("Found")


def remembered(read: Callable[[Campaign], Found]) -> Callable[[Campaign], Found]:
    """Read each snapshot once; what comes of it must not be changed."""
    name = f"{read.__module__}.{read.__qualname__}"

    @wraps(read)
    def once(campaign: Campaign) -> Found:
        kept = vars(campaign)  # where its cached properties are, too
        if name not in kept:
            kept[name] = read(campaign)
        return cast("Found", kept[name])

    return once
