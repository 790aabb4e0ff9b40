"""Sizes of type: those of a desk, and those of class mode, which a room reads from a wall.

Read by panel-material-ui (`material_sizes`), by our own components and every panel of text (`variables`, as
``--dd-type-…``), and by what Bokeh says beside its figures (``--bokeh-font-size``); `dashboard.wall` enlarges
the figures themselves.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

LEAST = 18
"""Smallest type of class mode (px)."""


@dataclass(frozen=True)
class Sizes:
    """Named sizes of type, and what must have room for it (px)."""

    tiny: float
    label: float
    small: float
    text: float
    lead: float
    title: float
    number: float
    head: float
    plot: float
    rail: int
    header: int


DESK = Sizes(
    tiny=10.5,
    label=11,
    small=12,
    text=13,
    lead=14,
    title=15,
    number=18,
    head=22,
    plot=12,
    rail=204,
    header=52,
)
CLASS = Sizes(
    tiny=LEAST,
    label=LEAST,
    small=LEAST,
    text=LEAST,
    lead=20,
    title=22,
    number=28,
    head=30,
    plot=LEAST,
    rail=250,
    header=64,
)


def sizes(class_mode: bool) -> Sizes:
    """Sizes of the mode."""
    return CLASS if class_mode else DESK


def variables(of: Sizes) -> dict[str, str]:
    """CSS variables of the sizes, by name; ``--dd-roomy`` takes what small type alone has room for away."""
    named = {f"--dd-type-{name}": f"{value}px" for name, value in asdict(of).items()}
    return {**named, "--bokeh-font-size": f"{of.plot}px", "--dd-roomy": "none" if of is CLASS else "block"}


def _over(size: float) -> dict[str, str]:
    """A label over its field in its full size, not at three quarters of it."""
    return {
        "fontSize": f"{size}px !important",
        "transform": f"translate(14px, -{round(0.72 * size)}px) scale(1) !important",
        "maxWidth": "calc(100% - 24px) !important",
    }


def material_sizes(of: Sizes) -> dict[str, dict[str, Any]]:
    """Style overrides of Material's components, by name; those of a desk have their own sizes."""
    if of is not CLASS:
        return {"MuiTooltip": {"tooltip": {"fontSize": of.small}}}
    plain = {"fontSize": of.text}
    rooms = ("Button", "ToggleButton", "InputBase", "MenuItem", "FormHelperText", "Tab", "Chip", "TableCell")
    return {
        **{f"Mui{name}": {"root": plain} for name in rooms},
        "MuiTooltip": {"tooltip": plain},
        "MuiListItemText": {"primary": plain, "secondary": plain},
        "MuiFormControlLabel": {"label": plain},
        "MuiInputLabel": {"root": {**plain, "&.MuiInputLabel-shrink": _over(of.text)}},
        "MuiOutlinedInput": {"notchedOutline": {"& legend": plain}},
    }
