"""Model: predictions against labels, calibration, learning curve, forecast, entropy, the labelled set."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.asking import Asking
from dashboard.panels.figure_panel import FigurePanel, heading, side_by_side
from dashboard.panels.look import Look
from dashboard.panels.markup import e
from dashboard.plots import error_forecast as forecast
from dashboard.plots import model_quality as quality
from dashboard.plots.model_figures import (
    Calibration,
    Entropy,
    LearningCurve,
    Parity,
    entropy_key,
    key_html,
)
from dashboard.sections import model_words as words
from dashboard.sections.label_table import fill, label_table
from dashboard.session import Session
from dashboard.words import known
from engine.core import Campaign
from engine.loop.forecasting import foresee
from engine.store import Store


class ModelSection:
    """The section for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._session = session
        self._parity = Parity(self._pick)
        self._calibration, self._curve, self._entropy = Calibration(), LearningCurve(), Entropy()
        self._forecast, self._foreseen = forecast.ErrorForecast(), Asking(session.runtime)
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
        self._table = label_table()
        self._table.param.watch(self._chosen, "selected")
        self._look = Look(session, height=300)
        self._panels = self._figures(dark)
        self._drawn: tuple[Campaign, str] | None = None
        self._told: tuple[Any, ...] | None = None
        self.components: list[Any] = [self._table, self._look.viewer]
        self.view = self._layout()

    def draw(self, snapshot: Campaign, store: Store) -> None:
        """Show a snapshot that has labels."""
        session = self._session
        models = [quality.AT_SELECTION, *(f"{m.model_id}, {known(m)}" for m in snapshot.models)]
        if models != self._model.options:
            value = self._model.value if self._model.value in models else quality.AT_SELECTION
            self._model.param.update(options=models, value=value)
        if self._drawn != (snapshot, self._model.value):
            self._drawn = (snapshot, self._model.value)
            self._draw_model(snapshot, store)
        self._draw_forecast(snapshot)
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
        self._panels["parity"].show(words.parity(data))
        calibration = quality.calibration(quality.parity(campaign, selected))
        self._calibration.update(calibration)
        self._curve.update(quality.learning_curve(campaign))
        self._entropy.update(campaign)
        wait = words.what_will_appear(campaign)
        says = {
            "calibration": quality.calibration_words(calibration),
            "curve": words.curve(campaign),
            "entropy": words.entropy(campaign),
        }
        for name, said in says.items():
            key = entropy_key(campaign) if name == "entropy" else None
            self._panels[name].show(e(said or wait[name]), drawn=bool(said), key=key)
        fill(self._table, campaign, selected)

    def _draw_forecast(self, campaign: Campaign) -> None:
        errors = forecast.errors(campaign)
        target = 1e3 * campaign.rules.stop_error if campaign.rules else 0.0
        asked = (tuple(errors["label"].tolist()), tuple(errors["error"].tolist()), target)
        came = forecast.has_curve(errors) and self._foreseen.look((foresee.__name__, *asked), foresee, *asked)
        if came or asked != self._told:
            self._told = asked
            self._forecast.update(errors, self._foreseen.value, target)
            said = self._foreseen.problem or forecast.words(errors, self._foreseen.value, target)
            self._panels["forecast"].show(said, drawn=len(errors["label"]) > 0)

    def _redraw(self) -> None:
        snapshot, follower = self._session.snapshot, self._session.follower
        if self._drawn is not None and snapshot is not None and follower is not None:
            self.draw(snapshot, follower.store)

    def _pick(self, candidate: str) -> None:
        self._session.candidate = candidate

    def _chosen(self, event: Any) -> None:
        if event.new and event.new != self._session.candidate:
            self._session.candidate = event.new

    def _figures(self, dark: bool) -> dict[str, FigurePanel]:
        sigma = 'Calibration of <span class="sign">σ</span>'
        drawn: dict[str, tuple[str, Any]] = {
            "calibration": (sigma, self._calibration),
            "curve": ("Learning curve", self._curve),
            "entropy": ("Entropy of the probe set", self._entropy),
        }
        panels = {
            name: FigurePanel(title, plot.figure, dark=dark, key=key_html(name))
            for name, (title, plot) in drawn.items()
        }
        ahead = FigurePanel(
            "Labels until the target error", self._forecast.figure, dark=dark, key=forecast.key()
        )
        parity = FigurePanel(
            "Predicted against label", self._parity.figure, self._model, dark=dark, key=key_html("parity")
        )
        return {"parity": parity, **panels, "forecast": ahead}

    def _layout(self) -> Any:
        views = {name: panel.view for name, panel in self._panels.items()}
        left = pn.Column(
            side_by_side(views["parity"], views["calibration"]),
            side_by_side(views["curve"], views["forecast"]),
            views["entropy"],
            heading("Labelled structures"),
            self._table,
            sizing_mode="stretch_width",
            min_width=320,
        )
        return side_by_side(left, pn.Column(self._look.view, width=340))
