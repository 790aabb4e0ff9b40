"""Data & model: labels against predictions, calibration of σ, learning curve, entropy, the labelled set."""

from __future__ import annotations

import time
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboard.panels.blank import Blank
from dashboard.panels.data_table import DataTable
from dashboard.panels.look import Look
from dashboard.panels.markup import Markup, e
from dashboard.plots import model_quality as quality
from dashboard.plots.model_figures import Calibration, Entropy, LearningCurve, Parity, key_html
from dashboard.session import Session
from dashboard.theme import NARROW_CSS, STACK_CSS, style_figure
from dashboard.words import age, known, signed
from engine.core import Campaign, Candidate
from engine.store import Store

EMPTY = (
    "No label yet",
    "Predictions against labels, the calibration of σ and the labelled set appear here with the first label.",
)


class Data:
    """The page for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._session = session
        self._parity = Parity(self._pick)
        self._calibration, self._curve, self._entropy = Calibration(), LearningCurve(), Entropy()
        self._blank = Blank(session, "data")
        self._model = pmui.Select(
            options=[quality.AT_SELECTION],
            value=quality.AT_SELECTION,
            label="Predicted by",
            size="small",
            width=170,
            css_classes=["dd-model"],
            margin=(0, 0, 8, 0),
        )
        self._model.param.watch(lambda _: self._redraw(), "value")
        self._table = DataTable(columns=_heads(), label="Labelled structures", height=330)
        self._table.param.watch(self._chosen, "selected")
        self._look = Look(session, height=300)
        figures = {
            "parity": self._parity.figure,
            "calibration": self._calibration.figure,
            "curve": self._curve.figure,
            "entropy": self._entropy.figure,
        }
        self._words = {
            name: Markup("dd-hint", sizing_mode="stretch_width", margin=(2, 0, 0, 0)) for name in figures
        }
        self._panes = {
            name: pn.pane.Bokeh(style_figure(figure, dark), sizing_mode="stretch_width")
            for name, figure in figures.items()
        }
        self._drawn: tuple[Campaign, str] | None = None
        self._content, self.view = self._layout()

    @property
    def components(self) -> list[Any]:
        """Components that follow the theme."""
        return [self._table, self._look.viewer]

    def draw(self) -> None:
        """Show the session's newest snapshot."""
        session = self._session
        snapshot: Campaign | None = session.snapshot
        follower = session.follower
        labelled = snapshot is not None and bool(snapshot.labels)
        self._content.visible = labelled
        self._blank.draw(labelled, *EMPTY)
        if snapshot is None or follower is None or not labelled:
            return
        models = [quality.AT_SELECTION, *(f"{m.model_id}, {known(m)}" for m in snapshot.models)]
        if models != self._model.options:
            value = self._model.value if self._model.value in models else quality.AT_SELECTION
            self._model.param.update(options=models, value=value)
        if self._drawn != (snapshot, self._model.value):
            self._drawn = (snapshot, self._model.value)
            self._draw_model(snapshot, follower.store)
        if session.candidate is None and snapshot.best is not None:
            session.candidate = snapshot.best.id
        self._parity.focus(session.candidate)
        self._table.selected = session.candidate if session.candidate in snapshot.labels else None
        self._look.draw()

    def _draw_model(self, campaign: Campaign, store: Store) -> None:
        selected = quality.at_selection(campaign)
        predictions, fitted = selected, frozenset[str]()
        if self._model.value != quality.AT_SELECTION:
            model_id = self._model.value.split(",")[0]
            scores = store.scores(campaign.labels, model_id)
            predictions = {name: (score.energy, score.energy_std) for name, score in scores.items()}
            fitted = quality.fitted_labels(campaign, model_id)
        data = quality.parity(campaign, predictions, fitted)
        self._parity.update(data)
        self._words["parity"].show(_parity_words(data))
        calibration = quality.calibration(quality.parity(campaign, selected))
        self._calibration.update(calibration)
        self._curve.update(quality.learning_curve(campaign))
        self._entropy.update(campaign)
        wait = _what_will_appear(campaign)
        says = {
            "calibration": quality.calibration_words(calibration),
            "curve": _curve_words(campaign),
            "entropy": _entropy_words(campaign),
        }
        for name, words in says.items():
            self._panes[name].visible = bool(words)
            self._words[name].show(e(words or wait[name]))
        rows = quality.label_rows(campaign, selected)
        with param.parameterized.batch_call_watchers(self._table):
            self._table.rows = [_row(*row) for row in rows]
            self._table.total = len(rows)

    def _redraw(self) -> None:
        if self._drawn is not None:
            self.draw()

    def _pick(self, candidate: str) -> None:
        self._session.candidate = candidate

    def _chosen(self, event: Any) -> None:
        if event.new and event.new != self._session.candidate:
            self._session.candidate = event.new

    def _layout(self) -> tuple[Any, Any]:
        def panel(title: str, name: str, *above: Any) -> Any:
            key = Markup("dd-key", sizing_mode="stretch_width", margin=(2, 0, 4, 0))
            key.show(key_html(name))
            return pn.Column(
                _head(title),
                *above,
                key,
                self._panes[name],
                self._words[name],
                sizing_mode="stretch_width",
                min_width=300,
                margin=(0, 0, 22, 0),
            )

        def row(*panels: Any) -> Any:
            return pn.Row(
                *panels,
                sizing_mode="stretch_width",
                stylesheets=[NARROW_CSS, STACK_CSS],
                styles={"gap": "24px"},
            )

        left = pn.Column(
            row(
                panel("Predicted against label", "parity", self._model),
                panel('Calibration of <span class="sign">σ</span>', "calibration"),
            ),
            row(panel("Learning curve", "curve"), panel("Entropy of the probe set", "entropy")),
            _head("Labelled structures"),
            self._table,
            sizing_mode="stretch_width",
            min_width=320,
        )
        content = row(left, pn.Column(self._look.view, width=340))
        view = pn.Column(self._blank.view, content, sizing_mode="stretch_width", css_classes=["dd-data"])
        return content, view


def _head(title: str) -> Markup:
    head = Markup("dd-words")
    head.show(f"<h4>{title}</h4>")
    return head


def _what_will_appear(campaign: Campaign) -> dict[str, str]:
    missing = max(0, (campaign.rules.cold_start if campaign.rules else 0) - len(campaign.labels))
    fit = (
        f"Appears after the first fit; approve {missing} more."
        if missing
        else "Appears after the first fit, which runs."
    )
    after = (
        "Appears with the first label of a candidate that a fitted model selected. "
        "Approve one on the page Review."
    )
    probe = "Appears with the next fit once the probe set is full: the search must find more structures."
    return {
        "calibration": after if campaign.models else fit,
        "curve": fit,
        "entropy": probe if campaign.models else fit,
    }


def _parity_words(data: quality.Arrays) -> str:
    lines = []
    for words, rows in (("Labels not seen", ~data["seen"]), ("Labels it was fitted to", data["seen"])):
        found = quality.errors(data["predicted"][rows], data["label"][rows])
        if found is not None:
            lines.append(
                f"{words}: MAE <b>{found.mae:.3f} eV</b>, RMSE <b>{found.rmse:.3f} eV</b> over {found.n}."
            )
    return "<br>".join(lines) or "No prediction of this model is stored."


def _curve_words(campaign: Campaign) -> str:
    if not campaign.models:
        return ""
    last = campaign.models[-1]
    before = campaign.models[-2].model_id if len(campaign.models) > 1 else "the uMLIP, shifted by a constant,"
    return (
        f"At the last refit {before} was {last.mae_new_eV:.3f} eV off on labels it had not seen; "
        f"{last.model_id} is {last.mae_train_eV:.3f} eV off on its own {known(last)}."
    )


def _entropy_words(campaign: Campaign) -> str:
    measured = [model for model in campaign.models if model.probe_entropy is not None]
    if not measured:
        return ""
    last = measured[-1]
    return (
        f"Mean {last.probe_entropy:.2f} nats after {known(last)}. On target at 1.42: "
        "there the spread of the ensemble is the target accuracy."
    )


def _heads() -> list[dict[str, Any]]:
    return [
        {"label": "candidate", "words": True},
        {"label": "label (eV)", "title": "the reference's energy"},
        {"label": "fmax (eV/Å)", "title": "largest force"},
        {"label": "predicted (eV)", "title": "at selection; of the bare uMLIP after a constant shift"},
        {"label": "error (eV)", "title": "predicted − label"},
        {"label": "σ (eV)", "title": "at selection"},
        {"label": "took"},
        {"label": "approved by", "words": True},
        {"label": "when", "words": True},
    ]


def _row(candidate: Candidate, predicted: float | None, std: float | None) -> dict[str, Any]:
    label, fmax, decision = candidate.label_eV, candidate.fmax, candidate.decision
    error = None if predicted is None or label is None else predicted - label
    when = decision.time if decision else candidate.selected_time
    by = decision.by if decision else "–"

    def text(value: float | None, digits: int) -> str:
        return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")

    return {
        "id": candidate.id,
        "cells": [
            candidate.id,
            text(label, 3),
            text(fmax, 2),
            text(predicted, 3),
            "–" if error is None else signed(error, 3),
            text(std, 3),
            age(candidate.seconds),
            by,
            time.strftime("%d %b %H:%M:%S", time.localtime(when)),
        ],
        "sort": [candidate.id, label, fmax, predicted, error, std, candidate.seconds, by, when],
    }
