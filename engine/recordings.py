"""Campaigns that were recorded and come with deltadesk: backups, to be replayed and never run."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from assets import asset
from engine import campaigns
from engine.errors import CampaignError
from engine.store.backup import restore
from engine.store.connection import FILENAME

FOLDER = "recordings"
"""Where they are unpacked, in the home of campaigns."""
SUFFIX = " (recorded)"
"""What the name of a recorded campaign ends with on a page, so that it is nobody's own."""


@dataclass(frozen=True)
class Recording:
    """One that comes with deltadesk.

    Attributes
    ----------
    name : of its file in ``assets/recordings``
    title, words : what it is, and what is seen in it
    """

    name: str
    title: str
    words: str


def known() -> list[Recording]:
    """Every recording, in the order of ``about.toml``."""
    about = tomllib.loads(asset("recordings/about.toml").read_text(encoding="utf-8"))
    return [Recording(name, **said) for name, said in about.items()]


def unpacked(name: str) -> Path:
    """Folder of a recording, unpacked the first time that it is asked for.

    Raises
    ------
    CampaignError
        if there is no such recording, or it cannot be unpacked
    """
    if name not in {recording.name for recording in known()}:
        raise CampaignError(f"no recording is called {name!r}")
    folder = campaigns.home() / FOLDER / name
    if not (folder / FILENAME).exists():
        try:
            restore(asset(f"recordings/{name}.zip"), folder)
        except OSError as error:
            raise CampaignError(f"{folder} cannot be made: {error.strerror or error}") from error
    return folder
