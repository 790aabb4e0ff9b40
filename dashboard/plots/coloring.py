"""What the points of the landscape may be coloured by, and the key to the colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.panels.markup import e
from dashboard.plots.atlas import STATES, Atlas
from dashboard.plots.structure_scene import map_colors
from dashboard.theme import RAMP, SERIES

CHOICES = {"state": "state", "σ (eV)": "std", "energy (eV)": "energy", "search": "search", "visits": "visits"}
"""Column of the atlas, by the words of the select."""
LABELS = {
    "std": "σ of the energy (eV)",
    "energy": "best known energy (eV)",
    "visits": "how often its minimum was found",
}
QUIET = SERIES[-1]
STATE_COLORS = (QUIET, SERIES[0], SERIES[3], SERIES[2], SERIES[4], SERIES[1])  # in the order of STATES
SHADES = 64


@dataclass(frozen=True)
class Coloring:
    """Colours of one column between `low` and `high`; `names` where it holds categories.

    Attributes
    ----------
    field : column of the atlas
    palette : colours from low to high
    low, high : in the column's unit
    label : what the key says, with its unit
    digits : after the point, in the key
    counts : how many points have each name
    """

    field: str
    palette: tuple[str, ...]
    low: float
    high: float
    label: str = ""
    digits: int = 2
    names: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


def coloring(field: str, atlas: Atlas) -> Coloring:
    """Colours for what the atlas holds now."""
    values = atlas.columns[field]
    if field == "state":
        return _categories(field, values, STATES, STATE_COLORS)
    if field == "search":
        names = tuple(atlas.searches)
        return _categories(field, values, names, tuple(SERIES[k % len(SERIES)] for k in range(len(names))))
    known = values[np.isfinite(values)]
    # the few that are far out would take the colours from all others
    low, high = (0.0, 1.0) if not known.size else np.quantile(known, (0.0, 0.95)).tolist()
    label = LABELS[field]
    return Coloring(field, shades(), low, max(high, low + 1e-6), label, digits=0 if field == "visits" else 2)


def shades() -> tuple[str, ...]:
    """The ramp in steps too fine to see."""
    rgb = (255 * map_colors(np.linspace(0, 1, SHADES), 0, 1)).round().astype(int)
    return tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in rgb.tolist())


def key_html(colors: Coloring) -> str:
    """The key: a swatch for each category that occurs, or the ramp with its ends."""
    if colors.names:
        return "".join(
            f'<span><i style="background:{color}"></i>{e(name)} <b>{count:,}</b></span>'
            for name, color, count in zip(colors.names, colors.palette, colors.counts, strict=True)
            if count
        )
    ramp = f"linear-gradient(90deg, {', '.join(RAMP)})"
    return (
        f"<span>{e(colors.label)}</span><span><b>{colors.low:.{colors.digits}f}</b>"
        f'<i class="ramp" style="background:{ramp}"></i><b>≥ {colors.high:.{colors.digits}f}</b></span>'
        f'<span><i style="background:{QUIET}"></i>not known</span>'
    )


def _categories(
    field: str, values: NDArray[np.int16], names: tuple[str, ...], palette: tuple[str, ...]
) -> Coloring:
    counts = np.bincount(values, minlength=len(names)).tolist()
    return Coloring(field, palette, -0.5, len(names) - 0.5, names=names, counts=tuple(counts))
