"""What a screening of many materials found: histograms of its errors, and who is suspicious."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from bokeh.models import HoverTool
from numpy.typing import NDArray

from dashboard.plots.frame import empty_source, frame
from dashboard.studies import PROTOCOL, RESULT, read
from dashboard.theme import SERIES

Arrays = dict[str, NDArray[Any]]
FloatArray = NDArray[np.float64]

MATERIALS = "materials/*.json"
"""Files of finished materials in a screening's folder."""
ERRORS = {"energy": ("energy error", "meV/atom"), "forces": ("force error", "meV/Å")}
"""What a histogram is of, with its unit."""
COLORS = {"energy": SERIES[2], "forces": SERIES[0]}
EMPTY = "Appears once the screening has ended."


@dataclass(frozen=True, eq=False)
class Screening:
    """A screening, finished or not.

    Attributes
    ----------
    name : of the screening
    asked, finished : materials
    errors : by kind (n,) mean absolute errors of the materials (`ERRORS`), nan where there is none
    materials : (n,) their names
    histograms : by kind, counts (k,) and edges (k + 1,) of Sturges' bins; empty before it has ended
    suspicious : reasons by material, the largest force error first
    ended : whether its result is there
    """

    name: str
    asked: int
    finished: int
    errors: Mapping[str, FloatArray]
    materials: tuple[str, ...]
    histograms: Mapping[str, tuple[FloatArray, FloatArray]]
    suspicious: Mapping[str, tuple[str, ...]]
    ended: bool


def screening(folder: Path) -> Screening | None:
    """What `deltadesk screen` left in its folder so far; None where it is none of its."""
    try:
        said, asked = read(folder / RESULT), read(folder / PROTOCOL)
        found = said.get("materials", ())
        return Screening(
            name=str(asked["name"]),
            asked=len(asked["material"]),
            finished=len(found) if said else sum(1 for _ in folder.glob(MATERIALS)),
            errors={kind: 1000 * np.array([one[kind] for one in found], dtype=float) for kind in ERRORS},
            materials=tuple(str(one["name"]) for one in found),
            histograms={
                kind: (np.array(bins["counts"], dtype=float), np.array(bins["edges"], dtype=float))
                for kind, bins in said.get("histograms", {}).items()
            },
            suspicious={name: tuple(why) for name, why in said.get("suspicious", {}).items()},
            ended=bool(said),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def data(screened: Screening, kind: str) -> Arrays:
    """Bars of a histogram: `left`, `right` (in its unit), `count`, and the `materials` in each."""
    counts, edges = screened.histograms.get(kind, (np.empty(0), np.zeros(1)))
    errors = screened.errors[kind]
    place = np.clip(np.searchsorted(edges, errors, side="right") - 1, 0, len(counts) - 1)
    place[np.isnan(errors)] = -1
    inside = [
        ", ".join(name for name, at in zip(screened.materials, place, strict=True) if at == k)
        for k in range(len(counts))
    ]
    return {
        "left": edges[:-1],
        "right": edges[1:],
        "count": counts,
        "materials": np.array(inside, dtype=object),
    }


def words(screened: Screening) -> str:
    """How many materials were compared, and how many of them are suspicious."""
    if not screened.ended:
        return f"<b>Not finished: {screened.finished} of {screened.asked} materials.</b> {EMPTY}"
    return (
        f"{screened.finished} of {screened.asked} materials; {len(screened.suspicious)} of them suspicious. "
        "Mean absolute errors; of energies, which count from different zeros, without the mean difference of "
        "a material. Bins by Sturges' rule."
    )


def suspicious_html(screened: Screening) -> str:
    """Who should be looked at and why, as a table for a `Markup("dd-rules")`."""
    index = {name: k for k, name in enumerate(screened.materials)}
    rows = "".join(
        f"<tr><td>{escape(name)}</td>{_cells(screened, index.get(name))}"
        f"<td>{escape('; '.join(why))}</td></tr>"
        for name, why in screened.suspicious.items()
    )
    heads = ("suspicious", *(f"{what} ({unit})" for what, unit in ERRORS.values()), "why")
    head = "".join(f"<th>{words}</th>" for words in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""


def _cells(screened: Screening, k: int | None) -> str:
    values = [np.nan if k is None else float(errors[k]) for errors in screened.errors.values()]
    return "".join(f"<td class=num>{'–' if np.isnan(value) else f'{value:.1f}'}</td>" for value in values)


class ErrorHistogram:
    """How many materials have which error."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._source = empty_source("left", "right", "count", "materials")
        what, unit = ERRORS[kind]
        plot = frame(f"{what} ({unit})", "materials", 260)
        plot.y_range.start = 0
        plot.yaxis.ticker.min_interval = 1  # materials are counted
        bars = plot.quad(
            "left",
            "right",
            "count",
            0,
            source=self._source,
            color=COLORS[kind],
            alpha=0.75,
            line_color=None,
        )
        tips = [
            (what, f"@left{{0.0}} to @right{{0.0}} {unit}"),
            ("materials", "@count: @materials"),
        ]
        plot.add_tools(HoverTool(renderers=[bars], tooltips=tips))
        self.figure = plot

    def update(self, screened: Screening) -> None:
        """Show this screening."""
        self._source.data = data(screened, self._kind)
