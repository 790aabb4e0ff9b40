"""Settings that name a program, a class or a file that is opened as code: a page may not change them.

Whoever may write campaign.toml or type a command on this machine runs programs here anyway. Whoever came
through a browser must not: not by a command, nor by a keyword argument that a calculator hands to a shell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.errors import NotAllowedError

NAMES_CODE = ("calculator", "command")
ARGUMENTS = "settings"
"""Keyword arguments of somebody else's code: numbers and switches pass, text may name anything."""


def refuse_code(changes: Mapping[str, Any]) -> None:
    """Let changes pass that came from a page, unless one of them can run something.

    Parameters
    ----------
    changes : nested as campaign.toml is; None leaves a setting out and passes

    Raises
    ------
    NotAllowedError
        naming the first setting that can
    """
    for path in _code(changes, ""):
        raise NotAllowedError(
            f"{path} can name a program or a file that runs: it is written in campaign.toml or given on the "
            "command line, not through a page"
        )


def _code(part: Any, path: str, within: bool = False) -> Iterator[str]:
    """Paths of what can run something; `within` arguments, every text can."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            here = f"{path}.{key}" if path else str(key)
            if key in NAMES_CODE and value is not None:
                yield here
            yield from _code(value, here, within or key == ARGUMENTS)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _code(one, path, within)
    elif within and isinstance(part, str):
        yield path
