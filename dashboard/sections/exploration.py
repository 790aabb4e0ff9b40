"""What molecular dynamics met in each model: the lower part of the section Dynamics."""

from __future__ import annotations

import numpy as np
import panel as pn

from dashboard.asking import Asking
from dashboard.panels.figure_panel import FigurePanel, side_by_side
from dashboard.plots import exploration
from dashboard.plots.exploration import ExplorationFigures
from dashboard.session import Session
from engine.core import Campaign, Exploration
from engine.loop.trajectories import explored, md_settings
from engine.store import Store


class Met:
    """Acceptance, energies and uncertainties, model by model; `draw` brings them up to date."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._asking = Asking(session.runtime)
        self._figures = ExplorationFigures()
        self._panels = {
            name: FigurePanel(title, self._figures.figures[name], dark=dark, key=exploration.KEYS[name])
            for name, title in (
                ("acceptance", "Accepted frames, model by model"),
                ("energy", "Energy of the test frames"),
                ("u", "Uncertainty of the test frames"),
            )
        }
        self.view = pn.Column(
            side_by_side(*(panel.view for panel in self._panels.values())),
            sizing_mode="stretch_width",
            margin=(18, 0, 0, 0),
        )

    def draw(self, snapshot: Campaign, store: Store, n_steps: int) -> None:
        """Ask a worker where steps were taken since, and show what came."""
        key = (explored.__name__, str(store.folder), n_steps)
        if not self._asking.look(key, explored, store.folder) or self._asking.value is None:
            return
        met: tuple[Exploration, ...] = self._asking.value
        rule = snapshot.rules.stop_acceptance if snapshot.rules else 0.0
        n_train = {model.model_id: model.n_train for model in snapshot.models}
        columns = exploration.data(met, n_train, rule or exploration.WIDTH)
        self._figures.update(columns, md_settings(snapshot.settings).uncertainty)
        self._panels["acceptance"].show(exploration.words(met, columns), drawn=bool(met))
        self._panels["energy"].show("", drawn=bool(met))
        self._panels["u"].show("", drawn=bool(np.isfinite(columns["u-mean"]).any()))
