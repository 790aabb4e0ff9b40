"""One property as labels come, with its error bar, against the reference's own value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import BoxAnnotation, HoverTool, Span
from numpy.typing import NDArray

from dashboard.plots.frame import Mark, empty_source, frame, key_html
from dashboard.theme import SERIES

Arrays = dict[str, NDArray[Any]]
FloatArray = NDArray[np.float64]

BLUE, GREEN = SERIES[0], SERIES[2]
KEY: tuple[Mark, ...] = (
    ("dot", BLUE, "committee, ± σ"),
    ("dashed", GREEN, "reference's own value"),
    ("band", GREEN, "target accuracy"),
)
EMPTY = (
    "Appears with the first fit: the property as the committee gives it, beside the reference's own value."
)


@dataclass(frozen=True, eq=False)
class PropertyConvergence:
    """A property of each cycle's committee.

    Attributes
    ----------
    name, unit : as written on the axis
    labels : (n,) that each cycle's committee was fitted to
    value, std : (n,) mean and spread of the members, NaN where it has none
    reference : the reference's own value, or None while it is not known
    target : accuracy that is asked for
    """

    name: str
    unit: str
    labels: NDArray[np.int64]
    value: FloatArray
    std: FloatArray
    reference: float | None
    target: float


def data(followed: PropertyConvergence) -> Arrays:
    """`label` (count), `value`, `low`, `high` and `off` (value − reference, NaN without one)."""
    reach = np.nan_to_num(followed.std)
    reference = np.nan if followed.reference is None else followed.reference
    return {
        "label": followed.labels,
        "value": followed.value,
        "low": followed.value - reach,
        "high": followed.value + reach,
        "off": followed.value - reference,
    }


def words(followed: PropertyConvergence) -> str:
    """Where it stands."""
    known = np.flatnonzero(np.isfinite(followed.value))
    if not len(known):
        return EMPTY
    last = int(known[-1])
    unit = f" {followed.unit}".rstrip()
    value, std = float(followed.value[last]), float(followed.std[last])
    spread = f" ± {_short(std)}" if np.isfinite(std) else ""
    said = f"{value:.4g}{spread}{unit} after {followed.labels[last]} labels"
    if followed.reference is None:
        return f"{said}; the reference's own value is not known yet.".replace("-", "−")
    off = value - followed.reference
    verdict = "on target" if abs(off) <= followed.target else f"target ± {followed.target:g}{unit}"
    away = f"{'−' if off < 0 else '+'}{_short(abs(off))}{unit}"
    return f"{said}: {away} off the reference's {followed.reference:.4g}{unit}, {verdict}.".replace("-", "−")


def _short(value: float) -> str:
    """Two significant digits, without an exponent."""
    text: str = np.format_float_positional(value, precision=2, unique=False, fractional=False, trim="-")
    return text


def key() -> str:
    """The figure's key."""
    return key_html(KEY)


class PropertyCurve:
    """A property against labels."""

    def __init__(self, name: str, unit: str) -> None:
        self._source = empty_source("label", "value", "low", "high", "off")
        plot = frame("labels the committee was fitted to", f"{name} ({unit})" if unit else name, 240)
        self._reference = Span(dimension="width", line_color=GREEN, line_dash="dashed", line_width=1.5)
        self._target = BoxAnnotation(fill_color=GREEN, fill_alpha=0.15, line_color=None)
        plot.add_layout(self._target)
        plot.add_layout(self._reference)
        plot.segment("label", "low", "label", "high", source=self._source, color=BLUE, alpha=0.6)
        plot.line("label", "value", source=self._source, color=BLUE, line_width=2)
        dots = plot.scatter("label", "value", source=self._source, color=BLUE, size=8)
        # an invisible pair of points, so that the axis holds the target too
        self._ends = empty_source("label", "value")
        plot.scatter("label", "value", source=self._ends, alpha=0, size=1)
        tips = [
            ("labels", "@label"),
            (name, f"@value{{0.000}} {unit}"),
            ("off the reference", f"@off{{+0.000}} {unit}"),
        ]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        self.figure = plot

    def update(self, followed: PropertyConvergence) -> None:
        """Show these cycles."""
        self._source.data = data(followed)
        known = followed.reference is not None and len(followed.labels) > 0
        self._reference.visible = self._target.visible = known
        ends: dict[str, Any] = {"label": [], "value": []}
        if followed.reference is not None and known:
            low, high = followed.reference - followed.target, followed.reference + followed.target
            self._reference.location = followed.reference
            self._target.update(bottom=low, top=high)
            ends = {"label": [followed.labels[0]] * 2, "value": [low, high]}
        self._ends.data = ends
