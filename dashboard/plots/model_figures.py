"""Figures of the model's quality: parity, calibration, learning curve, entropy of the probe set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import BoxAnnotation, CDSView, ColumnDataSource, GroupFilter, HoverTool, Range1d, Span

from dashboard.plots.frame import frame
from dashboard.plots.frame import key_html as marks_html
from dashboard.plots.model_quality import Arrays
from dashboard.plots.trajectory import ON_TARGET, uncertainties
from dashboard.theme import SERIES
from engine.core import Campaign

BLUE, ORANGE, GREEN, PINK, GREY = (SERIES[k] for k in (0, 1, 2, 3, 5))
REACH = 24  # px from a click to the point it means
KEYS = {
    "parity": (
        ("diamond", BLUE, "not seen by the model"),
        ("ring", GREEN, "fitted to"),
        ("line", GREY, "± σ"),
        ("dashed", GREY, "exact"),
    ),
    "calibration": (("dot", BLUE, "observed"), ("band", BLUE, "95 % interval"), ("dashed", GREY, "a true σ")),
    "curve": (("diamond", BLUE, "on labels it had not seen"), ("dot", GREEN, "on its own labels")),
    "entropy": (
        ("dot", GREEN, "mean, with its error"),
        ("dotted", PINK, "95th percentile"),
        ("dashed", GREY, "target accuracy"),
    ),
}
"""Shape, colour and words of what each figure draws."""


def key_html(name: str) -> str:
    """The key of a figure."""
    return marks_html(KEYS[name])


def entropy_key(campaign: Campaign) -> str:
    """The key of the entropy's figure, with the rule that ends the campaign if there is one."""
    band = ("band", ORANGE, "settled once the last fits lie within it")
    return marks_html([*KEYS["entropy"], *([band] if settling(campaign) else [])])


@dataclass(frozen=True)
class Settling:
    """What the rule that ends a campaign looks at: the probe set's entropy after the last fits.

    Attributes
    ----------
    labels, entropies : of those fits (count, nats)
    within : nats that they may move by
    cycles : fits that the rule asks for
    """

    labels: tuple[int, ...]
    entropies: tuple[float, ...]
    within: float
    cycles: int


def settling(campaign: Campaign) -> Settling | None:
    """The rule and the fits of this run that it looks at; None where none is set, or no fit counts."""
    rules = campaign.rules
    if rules is None or not rules.stop_entropy:
        return None
    fits = [model for model in campaign.models[campaign.models_before_run :] if model.accepted]
    known = [(m.n_train, m.probe_entropy) for m in fits[-rules.stop_cycles :] if m.probe_entropy is not None]
    if not known:
        return None
    labels, entropies = zip(*known, strict=True)
    return Settling(labels, entropies, rules.stop_entropy, rules.stop_cycles)


class Parity:
    """Predicted energy against label; a click picks a candidate."""

    def __init__(self, on_pick: Callable[[str], object]) -> None:
        self._on_pick = on_pick
        names = ("candidate", "label", "predicted", "std", "low", "high", "error", "kind")
        self._source = ColumnDataSource({name: [] for name in names})
        self._focus = ColumnDataSource({"label": [], "predicted": []})
        self._line = ColumnDataSource({"x": [], "y": []})
        self.figure = self._draw()

    def update(self, data: Arrays) -> None:
        """Show these predictions."""
        kind = np.where(data["seen"], "seen", "new")
        self._source.data = {
            **{name: data[name] for name in ("candidate", "label", "predicted", "std", "low", "high")},
            "error": data["predicted"] - data["label"],
            "kind": kind.astype(object),
        }
        both = np.concatenate([data["label"], data["predicted"]])
        if both.size:
            margin = 0.06 * float(np.ptp(both)) or 0.5
            ends = [float(both.min()) - margin, float(both.max()) + margin]
            self._line.data = {"x": ends, "y": ends}
            for axis in (self.figure.x_range, self.figure.y_range):
                axis.update(start=ends[0], end=ends[1])

    def focus(self, candidate: str | None) -> None:
        """Mark one candidate."""
        data = self._source.data
        at = np.flatnonzero(np.asarray(data["candidate"], dtype=object) == candidate)
        new = {name: np.asarray(data[name])[at] for name in ("label", "predicted")}
        if any(not np.array_equal(new[name], self._focus.data[name]) for name in new):
            self._focus.data = new

    def _draw(self) -> Any:
        plot = frame("label (eV)", "predicted energy (eV)", 340)
        plot.name = "parity"
        plot.x_range, plot.y_range = Range1d(0, 1), Range1d(0, 1)
        plot.line("x", "y", source=self._line, color=GREY, line_dash="dashed")
        plot.segment("label", "low", "label", "high", source=self._source, color=GREY, alpha=0.35)
        looks: dict[str, dict[str, Any]] = {
            "seen": {"fill_color": None, "line_color": GREEN, "line_width": 1.5, "marker": "circle"},
            "new": {"color": BLUE, "marker": "diamond"},
        }
        for kind, look in looks.items():
            view = CDSView(filter=GroupFilter(column_name="kind", group=kind))
            size = 7 if kind == "seen" else 10
            plot.scatter(
                "label",
                "predicted",
                source=self._source,
                view=view,
                size=size,
                name=kind,
                **look,
            )
        plot.scatter(
            "label",
            "predicted",
            source=self._focus,
            size=18,
            fill_color=None,
            line_color=ORANGE,
            line_width=3,
        )
        plot.add_tools(
            HoverTool(
                renderers=plot.select({"name": "seen"}) + plot.select({"name": "new"}),
                limit=1,
                tooltips=[
                    ("candidate", "@candidate"),
                    ("label", "@label{0.000} eV"),
                    ("predicted", "@predicted{0.000} eV"),
                    ("error", "@error{+0.000} eV"),
                    ("σ", "@std{0.000} eV"),
                ],
            )
        )
        plot.on_event(Tap, self._tapped)
        return plot

    def _tapped(self, event: Any) -> None:
        data, plot = self._source.data, self.figure
        if not len(data["label"]) or event.x is None:
            return
        far = sum(
            ((np.asarray(values) - at) / (axis.end - axis.start) * (pixels or 300)) ** 2
            for axis, pixels, at, values in (
                (plot.x_range, plot.inner_width, event.x, data["label"]),
                (plot.y_range, plot.inner_height, event.y, data["predicted"]),
            )
        )
        nearest = int(np.argmin(far))
        if far[nearest] <= REACH**2:
            self._on_pick(str(data["candidate"][nearest]))


class Calibration:
    """Fraction of labels within kσ against the fraction that a true σ gives."""

    def __init__(self) -> None:
        self._source = ColumnDataSource(
            {name: [] for name in ("k", "expected", "observed", "low", "high", "n")}
        )
        plot = frame("expected fraction within kσ", "observed fraction of labels", 340)
        plot.x_range, plot.y_range = Range1d(0, 1.02), Range1d(0, 1.02)
        plot.line([0, 1], [0, 1], color=GREY, line_dash="dashed")
        plot.varea(
            "expected",
            "low",
            "high",
            source=self._source,
            color=BLUE,
            alpha=0.15,
        )
        plot.segment("expected", "low", "expected", "high", source=self._source, color=BLUE, alpha=0.5)
        plot.line("expected", "observed", source=self._source, color=BLUE, line_width=2)
        dots = plot.scatter("expected", "observed", source=self._source, color=BLUE, size=8)
        tips = [
            ("within", "@k σ"),
            ("observed", "@observed{0 %} of @n labels"),
            ("expected", "@expected{0 %}"),
            ("95 %", "@low{0 %} to @high{0 %}"),
        ]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        self.figure = plot

    def update(self, data: Arrays) -> None:
        """Show this calibration."""
        self._source.data = data


class LearningCurve:
    """Error on labels the model had not seen, and on its own, against the number of labels."""

    def __init__(self) -> None:
        names = ("model", "labels", "mae_new", "n_train", "mae_train")
        self._source = ColumnDataSource({name: [] for name in names})
        plot = frame("labels the model was fitted to", "mean absolute error (eV)", 300)
        plot.y_range.start = 0
        series = (
            ("labels", "mae_new", BLUE, "diamond", "labels not seen"),
            ("n_train", "mae_train", GREEN, "circle", "its own labels"),
        )
        for across, up, color, marker, words in series:
            plot.line(across, up, source=self._source, color=color, line_width=2)
            dots = plot.scatter(across, up, source=self._source, color=color, marker=marker, size=9)
            tips = [("labels", f"@{across}"), (words, f"@{up}{{0.000}} eV")]
            plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        self.figure = plot

    def update(self, data: Arrays) -> None:
        """Show these refits."""
        self._source.data = data


class Entropy:
    """Mean and 95th percentile of the probe set's entropy, with the target, against the number of labels."""

    def __init__(self) -> None:
        names = ("label", "model", "entropy", "low", "high", "p95", "target")
        self._names = names
        self._source = ColumnDataSource({name: [] for name in names})
        plot = frame("labels the model was fitted to", "entropy of the probe set (nats)", 300)
        plot.segment("label", "low", "label", "high", source=self._source, color=GREEN, alpha=0.6)
        plot.line("label", "entropy", source=self._source, color=GREEN, line_width=2)
        dots = plot.scatter("label", "entropy", source=self._source, color=GREEN, size=8)
        plot.line(
            "label",
            "p95",
            source=self._source,
            color=PINK,
            line_dash="dotted",
            line_width=2,
        )
        plot.add_layout(
            Span(location=ON_TARGET, dimension="width", line_color=GREY, line_dash="dashed", line_width=1.5)
        )
        # the axis holds the target whatever the values are
        plot.scatter("label", "target", source=self._source, alpha=0, size=1)
        self._settled = BoxAnnotation(fill_color=ORANGE, fill_alpha=0.15, line_color=None, visible=False)
        plot.add_layout(self._settled)
        tips = [("model", "@model"), ("mean", "@entropy{0.00} nats"), ("95th percentile", "@p95{0.00} nats")]
        plot.add_tools(HoverTool(renderers=[dots], tooltips=tips))
        self.figure = plot

    def update(self, campaign: Campaign) -> None:
        """Show the refits of this snapshot."""
        data = uncertainties(campaign)
        self._source.data = {name: data[name] for name in self._names}
        self._settled.visible = (rule := settling(campaign)) is not None
        if rule is not None:
            middle = (min(rule.entropies) + max(rule.entropies)) / 2
            self._settled.update(
                left=rule.labels[0],
                right=rule.labels[-1],
                bottom=middle - rule.within / 2,
                top=middle + rule.within / 2,
            )
