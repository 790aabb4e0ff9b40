"""Selection rules side by side, as a race wrote them down: learning curves with bands, labels saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dashboard.plots import band_curves
from dashboard.plots.band_curves import GREY, Arrays, BandCurves, FloatArray
from dashboard.plots.frame import key_html, series_color
from dashboard.theme import SERIES

N_COLORS = len(SERIES) - 1  # the last one is the baseline's
EMPTY = "Appears when two repetitions of every rule have ended: their errors at equal labels."


@dataclass(frozen=True)
class Saved:
    """What a rule saves against the baseline at the target error (`engine.math.LabelsSaved`)."""

    saved: float
    low: float
    high: float
    part: float
    reached: int
    reached_baseline: int
    repetitions: int


@dataclass(frozen=True, eq=False)
class RuleComparison:
    """Several rules on one pool.

    Attributes
    ----------
    name : of the race
    labels : (n,) rising
    curves : by rule (3, n) mean error, low and high end of its 95 % band
    saved : by rule, without the baseline
    unit : of the errors
    target : error at which labels are counted
    repetitions : of each rule
    baseline : the rule that the others are held against
    """

    name: str
    labels: NDArray[np.int64]
    curves: Mapping[str, FloatArray]
    saved: Mapping[str, Saved]
    unit: str
    target: float
    repetitions: int
    baseline: str = "random"


def read(path: Path) -> RuleComparison | None:
    """What `deltadesk race` wrote into ``result.json``; None where it is not such a file."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        rules, metric, target = said["rules"], said["metric"], float(said["target"])
        curves = {
            rule: np.array([one[metric][end] for end in ("mean", "low", "high")], dtype=float)
            for rule, one in rules.items()
        }
        ledger = [one for one in said["ledger"] if one["error"] == target]
        return RuleComparison(
            name=str(said["name"]),
            labels=np.array(next((one["labels"] for one in rules.values()), []), dtype=np.int64),
            curves=curves,
            saved={one["rule"]: Saved(**{key: one[key] for key in Saved.__annotations__}) for one in ledger},
            unit=str(said["unit"]),
            target=target,
            repetitions=len(said["seeds"]),
            baseline=str(said["baseline"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def data(compared: RuleComparison) -> tuple[Arrays, dict[str, Arrays]]:
    """Mean curves, and the band of each: see `band_curves.data`."""
    return band_curves.data(compared.labels, compared.curves, looks(compared))


def looks(compared: RuleComparison) -> dict[str, tuple[str, str]]:
    """Colour and dash of each rule's line: grey for the baseline, dashed after the last colour."""
    others = [name for name in compared.curves if name != compared.baseline]
    found = {
        name: (series_color(k % N_COLORS), "solid" if k < N_COLORS else "dashed")
        for k, name in enumerate(others)
    }
    return {**found, compared.baseline: (GREY, "solid")}


def ledger_html(compared: RuleComparison) -> str:
    """The ledger as a table, for a `Markup("dd-rules")`; a rule is better where its band leaves no doubt."""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td class=num>{_signed(row.saved)}</td>"
        f"<td class=num>{_signed(row.low)} to {_signed(row.high)}</td><td class=num>{_percent(row.part)}</td>"
        f"<td class=num>{row.reached} of {row.repetitions}</td><td>{_verdict(row)}</td></tr>"
        for name, row in compared.saved.items()
    )
    heads = ("rule", "labels saved", "95 %", "part", "reached it", "verdict")
    head = "".join(f"<th>{words}</th>" for words in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""


def key(compared: RuleComparison, target: bool = True) -> str:
    """Rules and their lines, and the target if there is one."""
    marks = [
        ("line" if dash == "solid" else "dashed", color, name)
        for name, (color, dash) in looks(compared).items()
        if name in compared.curves
    ]
    return key_html([*marks, *([("dotted", GREY, "target")] if target and marks else [])])


def words(compared: RuleComparison) -> str:
    """What is compared."""
    if not compared.curves:
        return EMPTY
    return (
        f"Mean of {compared.repetitions} repetitions, with the 95 % band of the mean. Labels are counted "
        f"until an error of {compared.target:g} {escape(compared.unit)}, against "
        f"{escape(compared.baseline)}; who did not reach it counts with the whole budget."
    )


class RuleCurves(BandCurves):
    """Error against labels, one line and one band a rule."""

    def __init__(self) -> None:
        super().__init__("error", 340)

    def update(self, compared: RuleComparison) -> None:
        """Show these rules."""
        self.figure.yaxis[0].axis_label = f"mean absolute error ({compared.unit})"
        self.draw(compared.labels, compared.curves, looks(compared), compared.target)


def _signed(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:+.0f}".replace("-", "−")


def _percent(value: float) -> str:
    return f"{100 * value:+.0f} %".replace("-", "−")


def _verdict(row: Saved) -> str:
    if row.reached == row.reached_baseline == 0:
        return "reached by neither"
    if row.low > 0:
        return '<span class="good">saves labels</span>'
    return '<span class="bad">costs labels</span>' if row.high < 0 else "not decidable"
