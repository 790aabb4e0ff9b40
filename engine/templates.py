"""Templates that come with deltadesk: campaign.toml files, and families that differ in a few settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assets import asset
from engine.config.writing import rewritten
from engine.errors import ConfigError


def _cluster(x: int) -> tuple[str, Mapping[str, Any]]:
    formula = f"Ag{2 * x}S{x}"
    return "ag6s3", {"name": formula, "system": {"composition": formula}}


VARIANTS: dict[str, tuple[str, Mapping[str, Any]]] = {
    **{f"ag{2 * x}s{x}": _cluster(x) for x in (2, 5, 6, 7, 8)},
    "ag4s2-gpaw": (
        "ag6s3",
        {
            "name": "Ag4S2 in GPAW",
            "system": {"composition": "Ag4S2", "cell": [14.0, 14.0, 14.0], "confinement": 8.0},
            "reference": {"name": "gpaw-lcao"},
        },
    ),
    "s-ag100": (
        "s-ag111",
        {
            "name": "S on Ag(100)",
            "system": {"composition": "S2", "slab": {"surface": "fcc100", "size": [4, 2, 3]}},
        },
    ),
}
"""Name to the file it starts from and what it changes; the demo, Ag8S4, has a file of its own."""


def names() -> list[str]:
    """Every template, Ag4S2 before Ag10S5."""
    known = {*VARIANTS, *(path.stem for path in asset("templates").glob("*.toml"))}
    return sorted(known, key=lambda name: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", name)])


def files(name: str) -> Path:
    """Folder of the files that a template names, if it has any."""
    base, _ = VARIANTS.get(name, (name, {}))
    return asset(f"templates/{base}")


def text(name: str) -> str:
    """The campaign.toml of a template.

    Raises
    ------
    ConfigError
        if there is no such template
    """
    if name not in names():
        raise ConfigError(f"no template is called {name!r}; known: {', '.join(names())}")
    base, changes = VARIANTS.get(name, (name, {}))
    return rewritten(asset(f"templates/{base}.toml").read_text(encoding="utf-8"), changes)
