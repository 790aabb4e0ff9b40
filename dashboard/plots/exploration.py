"""What molecular dynamics met in each model: accepted against expected frames, and its test frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bokeh.models import HoverTool
from numpy.typing import NDArray

from dashboard.plots.dynamics import UNCERTAINTIES
from dashboard.plots.frame import empty_source, frame, key_html
from dashboard.theme import SERIES
from engine.core import Exploration

Arrays = dict[str, NDArray[Any]]

BLUE, ORANGE, GREEN, GREY = (SERIES[k] for k in (0, 1, 2, 5))
WIDTH = 2.0  # of the band, × its standard deviation, where no rule of the campaign says another
LABELS = {
    "acceptance": "frames accepted (%)",
    "energy": "E (eV/atom)",
    "u": "u",
}
"""What is drawn, one figure each."""
KEYS = {
    "acceptance": key_html(
        [("dot", ORANGE, "accepted"), ("dashed", GREY, "expected"), ("band", GREY, "by chance, 95 %")]
    ),
    "energy": key_html([("dot", GREEN, "mean ± standard deviation")]),
    "u": key_html([("dot", BLUE, "mean ± standard deviation")]),
}
EMPTY = "Appears with the first frames that are judged: how many a model accepts, beside what it should."
_NAMES = ("label", "model", "observed", "expected", "low", "high", "judged")
_MOMENTS = ("mean", "low", "high")


def data(met: Sequence[Exploration], n_train: Mapping[str, int], width: float = WIDTH) -> Arrays:
    """One row a model, in turn.

    Returns
    -------
    `label` (labels that it was fitted to), `model`, `observed`, `expected`, `low`, `high` (%), `judged`
    (frames); `energy-mean`, `-low`, `-high` (eV/atom); `u-mean`, `-low`, `-high`, nan without one
    """
    from engine.math import acceptance_band  # with scipy, for which the first page does not wait

    expected = np.array([one.expected for one in met], dtype=float).reshape(-1, 2)
    test_frames, judged = (np.array([getattr(m, n) for m in met], int) for n in ("test_frames", "judged"))
    low, high = acceptance_band(expected[:, 0], expected[:, 1], test_frames, judged, width)
    return {
        "label": np.array([n_train.get(one.model_id, 0) for one in met], dtype=int),
        "model": np.array([one.model_id for one in met], dtype=object),
        "observed": np.array([100 * one.acceptance for one in met]),
        "expected": 100 * expected[:, 0],
        "low": 100 * low,
        "high": 100 * high,
        "judged": judged,
        **_spread("energy", [one.energy for one in met]),
        **_spread("u", [one.uncertainty for one in met]),
    }


def words(met: Sequence[Exploration], columns: Arrays) -> str:
    """What the newest model met."""
    if not met:
        return EMPTY
    last = met[-1]
    return (
        f"In {last.model_id} {last.accepted:,} of {last.judged:,} frames were accepted, "
        f"{columns['observed'][-1]:.1f} %; of its {last.test_frames} test frames "
        f"{columns['expected'][-1]:.1f} % would be ({columns['low'][-1]:.1f} to {columns['high'][-1]:.1f} % "
        f"by chance). {last.rewinds:,} rewinds after explosions."
    )


class ExplorationFigures:
    """Three figures over the labels that each model was fitted to."""

    def __init__(self) -> None:
        moments = (f"{what}-{end}" for what in ("energy", "u") for end in _MOMENTS)
        self._source = empty_source(*_NAMES, *moments)
        self.figures = {
            "acceptance": self._acceptance(),
            "energy": self._moments("energy", GREEN),
            "u": self._moments("u", BLUE),
        }

    def update(self, columns: Arrays, uncertainty: str) -> None:
        """Show these models; `uncertainty` is the kind of their u."""
        self._source.data = columns
        self.figures["u"].yaxis[0].axis_label = f"u ({UNCERTAINTIES[uncertainty][1]})"

    def _acceptance(self) -> Any:
        plot = frame("labels the model was fitted to", LABELS["acceptance"], 240)
        plot.varea("label", "low", "high", source=self._source, color=GREY, alpha=0.15)
        plot.segment("label", "low", "label", "high", source=self._source, color=GREY, alpha=0.4)
        plot.line("label", "expected", source=self._source, color=GREY, line_dash="dashed", line_width=1.5)
        plot.line("label", "observed", source=self._source, color=ORANGE, line_width=2)
        dots = plot.scatter("label", "observed", source=self._source, color=ORANGE, size=8)
        tips = [
            ("model", "@model"),
            ("accepted", "@observed{0.0} % of @judged"),
            ("expected", "@expected{0.0} % (@low{0.0} to @high{0.0})"),
        ]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        return plot

    def _moments(self, what: str, color: str) -> Any:
        plot = frame("labels the model was fitted to", LABELS[what], 240)
        plot.segment("label", f"{what}-low", "label", f"{what}-high", source=self._source, color=color)
        plot.line("label", f"{what}-mean", source=self._source, color=color, line_width=2)
        dots = plot.scatter("label", f"{what}-mean", source=self._source, color=color, size=8)
        ends = [(end, f"@{{{what}-{end}}}{{0.0000}}") for end in _MOMENTS]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=[("model", "@model"), *ends]))
        return plot


def _spread(name: str, moments: Sequence[tuple[float, float] | None]) -> Arrays:
    known = [(np.nan, np.nan) if pair is None else pair for pair in moments]
    mean, std = np.array(known, dtype=float).reshape(-1, 2).T
    return {f"{name}-mean": mean, f"{name}-low": mean - std, f"{name}-high": mean + std}
