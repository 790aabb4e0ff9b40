"""Selection rules side by side: learning curves with bands, and the labels that each saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from bokeh.models import HoverTool, Span
from numpy.typing import NDArray

from dashboard.plots.frame import empty_source, frame, key_html, series_color
from dashboard.theme import SERIES

if TYPE_CHECKING:
    from engine.math import LabelsSaved

Arrays = dict[str, NDArray[Any]]
FloatArray = NDArray[np.float64]

GREY = SERIES[5]
N_COLORS = len(SERIES) - 1  # the last one is the baseline's
EMPTY = "Appears when a rule and random selection have run on the same pool: their errors at equal labels."


@dataclass(frozen=True, eq=False)
class RuleComparison:
    """Errors of several rules on one pool.

    Attributes
    ----------
    labels : (n,) rising
    errors : by rule (repetitions, n) > 0; the same repetitions in each
    unit : of the errors
    baseline : the rule that the others are held against
    target : error at which labels are counted
    """

    labels: NDArray[np.int64]
    errors: Mapping[str, FloatArray]
    unit: str
    target: float
    baseline: str = "random"


def data(compared: RuleComparison) -> tuple[Arrays, dict[str, Arrays]]:
    """Mean curves, and the 95 % band of each over repetitions.

    Errors are averaged as logarithms, as they are drawn.

    Returns
    -------
    lines : `xs`, `ys`, `name`, `color`, `dash`, one row a rule
    bands : by rule `label`, `low`, `high`, `mean`; low and high NaN from one repetition
    """
    from engine.math import bootstrap_band  # with scipy, for which the first page does not wait

    n = len(compared.errors)
    lines: Arrays = {name: np.empty(n, dtype=object) for name in ("xs", "ys", "name", "color", "dash")}
    bands: dict[str, Arrays] = {}
    for k, (name, errors) in enumerate(compared.errors.items()):
        logarithm = np.log(errors)
        low, high = bootstrap_band(logarithm)
        mean = np.exp(logarithm.mean(axis=0))
        bands[name] = {"label": compared.labels, "low": np.exp(low), "high": np.exp(high), "mean": mean}
        lines["xs"][k], lines["ys"][k] = compared.labels, mean
        lines["name"][k], (lines["color"][k], lines["dash"][k]) = name, looks(compared)[name]
    return lines, bands


def looks(compared: RuleComparison) -> dict[str, tuple[str, str]]:
    """Colour and dash of each rule's line: grey for the baseline, dashed after the last colour."""
    others = [name for name in compared.errors if name != compared.baseline]
    found = {
        name: (series_color(k % N_COLORS), "solid" if k < N_COLORS else "dashed")
        for k, name in enumerate(others)
    }
    return {**found, compared.baseline: (GREY, "solid")}


def ledger(compared: RuleComparison) -> dict[str, LabelsSaved]:
    """What each rule saves against the baseline until the target error; empty without a baseline."""
    from engine.math import labels_saved, labels_to_reach

    if compared.baseline not in compared.errors:
        return {}
    needed = {
        name: np.array([labels_to_reach(compared.labels, row, compared.target) for row in errors])
        for name, errors in compared.errors.items()
    }
    budget, baseline = float(compared.labels[-1]), needed.pop(compared.baseline)
    return {name: labels_saved(values, baseline, budget) for name, values in needed.items()}


def ledger_html(compared: RuleComparison) -> str:
    """The ledger as a table, for a `Markup("dd-rules")`; a rule is better where its band leaves no doubt."""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td class=num>{_signed(row.saved)}</td>"
        f"<td class=num>{_signed(row.low)} to {_signed(row.high)}</td><td class=num>{_percent(row.part)}</td>"
        f"<td class=num>{row.reached} of {row.repetitions}</td><td>{_verdict(row)}</td></tr>"
        for name, row in ledger(compared).items()
    )
    heads = ("rule", "labels saved", "95 %", "part", "reached it", "")
    head = "".join(f"<th>{words}</th>" for words in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""


def key(compared: RuleComparison) -> str:
    """Rules and their lines."""
    marks = [
        ("line" if dash == "solid" else "dashed", color, name)
        for name, (color, dash) in looks(compared).items()
        if name in compared.errors
    ]
    return key_html([*marks, ("dashed", GREY, "target error")] if marks else [])


def words(compared: RuleComparison) -> str:
    """What is compared."""
    if not compared.errors:
        return EMPTY
    repetitions = min(len(errors) for errors in compared.errors.values())
    return (
        f"Mean of {repetitions} repetitions, with the 95 % band of the mean. Labels are counted until an "
        f"error of {compared.target:g} {escape(compared.unit)}, against {escape(compared.baseline)}."
    )


class RuleCurves:
    """Error against labels, one line and one band a rule."""

    def __init__(self, unit: str) -> None:
        self._lines = empty_source("xs", "ys", "name", "color", "dash")
        self._bands: dict[str, Any] = {}
        plot = frame("labels", f"error ({unit})", 320, y_axis_type="log")
        self._target = Span(dimension="width", line_color=GREY, line_dash="dashed", line_width=1.5)
        plot.yaxis.ticker.mantissas = [1, 2, 5]
        plot.add_layout(self._target)
        lines = plot.multi_line("xs", "ys", source=self._lines, color="color", line_dash="dash", line_width=2)
        plot.add_tools(
            HoverTool(
                renderers=[lines], tooltips=[("rule", "@name"), ("labels", "$data_x{0}"), ("error", "$y")]
            )
        )
        self.figure = plot

    def update(self, compared: RuleComparison) -> None:
        """Show these rules."""
        lines, bands = data(compared)
        self._target.location = compared.target
        self._lines.data = lines
        for name in bands:
            if name not in self._bands:
                color, _ = looks(compared)[name]
                source = empty_source("label", "low", "high", "mean")
                self.figure.varea("label", "low", "high", source=source, color=color, alpha=0.15)
                self._bands[name] = source
        for name, source in self._bands.items():
            source.data = bands.get(name, {column: [] for column in source.data})


def _signed(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:+.0f}".replace("-", "−")


def _percent(value: float) -> str:
    return f"{100 * value:+.0f} %".replace("-", "−")


def _verdict(row: LabelsSaved) -> str:
    if row.low > 0:
        return '<span class="good">saves labels</span>'
    return '<span class="bad">costs labels</span>' if row.high < 0 else "not decidable"
