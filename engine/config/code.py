"""Settings that name a program, a class, a file that is opened as code or one outside the campaign's folder.

A page may not change them.

Whoever may write campaign.toml or type a command on this machine runs programs here anyway. Whoever came
through a browser must not: not by a command, nor by a keyword argument that a calculator hands to a shell,
nor by the name of one, which some calculators write into their program's input as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from engine.config.base import inside, merged
from engine.errors import NotAllowedError

NAMES_CODE = ("calculator", "command", "files")
READERS = frozenset({"kind", "name"})
"""Of a section: who gets what it names. A file that one opens for its weights alone, another one runs."""
NAMES_FILE = "source"
"""Of labels from outside: campaign.toml may name any file of this machine, a page those of its folder."""
ARGUMENTS = "settings"
"""Keyword arguments of somebody else's code: numbers and switches pass, text may name anything."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""Of an argument, and of what lies in it; spaces, quotes or line ends could make it an instruction."""


def refuse_code(changes: Mapping[str, Any], before: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Let changes pass that came from a page, unless one of them can run something or leads outside.

    Parameters
    ----------
    changes : nested as campaign.toml is; None leaves a setting out and passes
    before : what campaign.toml says without them; it may name what runs, and goes on to run as it does there

    Raises
    ------
    NotAllowedError
        naming the first setting that can
    """
    for path, _ in code(changes):
        raise NotAllowedError(
            f"{path} can name a program or a file that runs: it is written in campaign.toml or given on the "
            "command line, not through a page"
        )
    for section, part in changes.items():
        if isinstance(part, Mapping) and READERS & part.keys():
            for path, _ in code(merged(before.get(section) or {}, part), section):
                raise NotAllowedError(
                    f"{section}.{min(READERS & part.keys())} decides what becomes of {path}: they are "
                    "written in campaign.toml, not through a page"
                )
    for path in _outside(changes, ""):
        raise NotAllowedError(
            f"{path} names a file outside the campaign's folder: it is written in campaign.toml, not through "
            "a page; or copy the file into the folder"
        )


def _is_inside(name: str) -> bool:
    try:
        return not inside(name).startswith("~")  # somebody's home
    except ValueError:
        return False


def _outside(part: Any, path: str) -> Iterator[str]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            here = f"{path}.{key}" if path else str(key)
            if key == NAMES_FILE and isinstance(value, str) and not _is_inside(value):
                yield here
            yield from _outside(value, here)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _outside(one, path)


def code(part: Any, path: str = "", within: bool = False) -> Iterator[tuple[str, str]]:
    """What can run something: (path of the setting, its text).

    `within` arguments every text can, and every name that is no plain word: then that is the text.
    """
    if isinstance(part, Mapping):
        for key, value in part.items():
            here = f"{path}.{key}" if path else str(key)
            if key in NAMES_CODE and value is not None:
                yield from (
                    (here, str(one)) for one in (value if isinstance(value, list | tuple) else [value])
                )
            if within and value is not None and not NAME.fullmatch(str(key)):
                yield here, str(key)
            yield from code(value, here, within or key == ARGUMENTS)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from code(one, path, within)
    elif within and isinstance(part, str):
        yield path, part
