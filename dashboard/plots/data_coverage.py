"""What the labelled data cover: their entropy as they came, and what each waiting candidate would add."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import FixedTicker, HoverTool, Range1d
from numpy.typing import NDArray

from dashboard.plots.frame import Mark, empty_source, frame, key_html
from dashboard.theme import SERIES
from engine.loop.description import Coverage

Arrays = dict[str, NDArray[Any]]

BLUE, ORANGE, GREEN, GREY = (SERIES[k] for k in (0, 1, 2, 5))
MOST = 20  # candidates drawn, the newest environments first
FAR = 20.0  # nats: beyond, an environment is simply far from everything
ROW = 22  # px
NOVELTY_KEY: tuple[Mark, ...] = (
    ("diamond", ORANGE, "newest atom, not covered"),
    ("diamond", GREEN, "newest atom, covered"),
    ("line", GREY, "all atoms, median"),
    ("dashed", GREY, "covered up to here"),
)
EMPTY = "Appears with the first labelled structures: how much new the data gained with each of them."
NOTHING_WAITS = "No candidate waits: what each would add appears here."


def growth(coverage: Coverage) -> Arrays:
    """`label` (count) and `entropy` (nats)."""
    return {"label": np.arange(1, len(coverage.entropy) + 1), "entropy": coverage.entropy}


def novelties(coverage: Coverage) -> Arrays:
    """Candidates by their newest atom, the newest on top; at most `MOST`.

    Returns
    -------
    `candidate`, `row` (0 is the lowest), `low`, `middle`, `high` (nats, lowest, median and highest dH),
    `drawn_low`, `drawn_middle`, `drawn` (the same, at most `FAR`), `part` (of atoms not covered) and `color`
    """
    known = sorted(coverage.novelty.items(), key=lambda item: -float(item[1].max()))[:MOST]
    n = len(known)
    low, middle, high, part = (
        np.array([of(values) for _, values in known], dtype=float)
        for of in (np.min, np.median, np.max, lambda v: (v > 0).mean())
    )
    return {
        "candidate": np.array([name for name, _ in known], dtype=object),
        "row": np.arange(n)[::-1],
        "low": low,
        "middle": middle,
        "high": high,
        "drawn_low": np.minimum(low, FAR),
        "drawn_middle": np.minimum(middle, FAR),
        "drawn": np.minimum(high, FAR),
        "part": part,
        "color": np.where(high > 0, ORANGE, GREEN).astype(object),
    }


def key() -> str:
    """Key of the candidates' figure."""
    return key_html(NOVELTY_KEY)


def growth_words(coverage: Coverage) -> str:
    """H(t) in a sentence, and what of all that was found, and of the last test, the labels cover."""
    if not len(coverage.entropy):
        return EMPTY
    n, last = len(coverage.entropy), float(coverage.entropy[-1])
    before = float(coverage.entropy[max(0, n - 1 - max(1, n // 5))])
    said = [f"{last:.2f} nats after {n} labels; the last fifth of them added {last - before:+.2f}."]
    if coverage.found is not None:
        said.append(f"The labels cover {coverage.found:.0%} of the environments found without a label.")
    if coverage.tested is not None:
        said.append(
            f"Of those in the labels that the last fit was tested on, {coverage.tested:.0%} were covered by "
            "what its predecessor had been fitted to."
        )
    return " ".join(said).replace("-", "−")


def novelty_words(coverage: Coverage) -> str:
    """One sentence about the candidates that wait."""
    if not coverage.novelty:
        return NOTHING_WAITS
    new = sum(bool((values > 0).any()) for values in coverage.novelty.values())
    shown = min(MOST, len(coverage.novelty))
    return (
        f"{new} of {len(coverage.novelty)} waiting candidates hold an environment that the labels do not "
        f"cover (dH &gt; 0); {shown} drawn, from {FAR:g} nats on at the edge."
    )


class EntropyGrowth:
    """H(t) of the labelled data."""

    def __init__(self) -> None:
        self._source = empty_source("label", "entropy")
        plot = frame("labelled structures", "entropy of the data (nats)", 280)
        plot.line("label", "entropy", source=self._source, color=BLUE, line_width=2)
        dots = plot.scatter("label", "entropy", source=self._source, color=BLUE, size=5)
        tips = [("labels", "@label"), ("H", "@entropy{0.00} nats")]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        self.figure = plot

    def update(self, coverage: Coverage) -> None:
        """Show these labels."""
        self._source.data = growth(coverage)


class CandidateNovelty:
    """dH of waiting candidates, one row each."""

    def __init__(self) -> None:
        names = ("candidate", "row", "low", "middle", "high", "part", "color")
        self._source = empty_source(*names, "drawn_low", "drawn_middle", "drawn")
        plot = frame("novelty of an environment, dH (nats)", "", 120)
        plot.y_range = Range1d(-0.6, 0.6)
        plot.ygrid.visible = False
        plot.line([0, 0], [-1, MOST], color=GREY, line_dash="dashed", line_width=1.5)
        plot.segment("drawn_low", "row", "drawn", "row", source=self._source, color=GREY, line_width=2)
        plot.scatter(
            "drawn_middle", "row", source=self._source, marker="dash", angle=np.pi / 2, size=11, color=GREY
        )
        dots = plot.scatter("drawn", "row", source=self._source, marker="diamond", size=11, color="color")
        tips = [
            ("candidate", "@candidate"),
            ("newest atom", "@high{0.0} nats"),
            ("median", "@middle{0.0} nats"),
            ("not covered", "@part{0 %} of atoms"),
        ]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        self.figure = plot

    def update(self, coverage: Coverage) -> None:
        """Show these candidates; the figure is as high as it has rows."""
        found = novelties(coverage)
        self._source.data = found
        axis, at = self.figure.yaxis[0], found["row"].tolist()
        axis.ticker = FixedTicker(ticks=at)
        axis.major_label_overrides = dict(zip(at, found["candidate"], strict=True))
        self.figure.y_range.update(start=-0.6, end=max(len(at), 1) - 0.4)
        self.figure.height = ROW * max(len(at), 1) + 60
