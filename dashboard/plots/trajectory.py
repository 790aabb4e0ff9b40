"""Live trajectories against labels: best energy, σ of the queue, entropy of the probe set."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.plotting import figure
from numpy.typing import NDArray

from engine.core import Campaign

Arrays = dict[str, NDArray[Any]]

ON_TARGET = 0.5 * np.log(2 * np.pi * np.e)
"""Gaussian entropy of a committee whose spread is the target accuracy: 1.419 nats."""


def energies(campaign: Campaign) -> Arrays:
    """Labels in the order they came: `label` (count), `energy` and `best` (eV), `candidate`."""
    labelled = [campaign.candidates[candidate] for candidate in campaign.labels]
    energy = np.array([c.label_eV for c in labelled], dtype=float)
    return {
        "label": np.arange(1, len(labelled) + 1),
        "energy": energy,
        "best": np.minimum.accumulate(energy) if energy.size else energy,
        "candidate": np.array([c.id for c in labelled], dtype=object),
    }


def uncertainties(campaign: Campaign) -> Arrays:
    """One row a refit: `label` (count), `queue_std` (eV), `entropy`, `low`, `high`, `p95` (nats).

    Where nothing waited at the refit, `queue_std` is the mean over what was selected under the model it made.
    """
    models = campaign.models
    selected = _std_of_selected(campaign)

    def column_of(name: str) -> NDArray[Any]:
        values = [getattr(model, name) for model in models]
        return np.array([np.nan if value is None else value for value in values], dtype=float)

    entropy, error = column_of("probe_entropy"), column_of("probe_entropy_error")
    return {
        "label": np.array([model.n_train for model in models], dtype=int),
        "model": np.array([model.model_id for model in models], dtype=object),
        "queue_std": np.array(
            [
                m.queue_std_eV if m.queue_std_eV is not None else selected.get(m.model_id, np.nan)
                for m in models
            ],
            dtype=float,
        ),
        "mae_new": column_of("mae_new_eV"),
        "entropy": entropy,
        "low": entropy - error,
        "high": entropy + error,
        "p95": column_of("probe_entropy_p95"),
        "target": np.full(len(models), ON_TARGET),
    }


def _std_of_selected(campaign: Campaign) -> dict[str, float]:
    """Mean σ (eV) of the candidates that were selected under each model."""
    stds: dict[str, list[float]] = {}
    for candidate in campaign.candidates.values():
        if candidate.energy_std_eV is not None:
            stds.setdefault(candidate.model_id, []).append(candidate.energy_std_eV)
    return {model_id: float(np.mean(values)) for model_id, values in stds.items()}


class Trajectory:
    """Three figures over one axis of labels; `update` patches their sources and redraws nothing else."""

    def __init__(self, colors: dict[str, str]) -> None:
        self._energies = ColumnDataSource(_empty("label", "energy", "best", "candidate"))
        names = ("label", "model", "queue_std", "mae_new", "entropy", "low", "high", "p95", "target")
        self._models = ColumnDataSource(_empty(*names))
        self._colors = colors
        top = self._energy_figure()
        self.figures = [top, self._std_figure(top.x_range), self._entropy_figure(top.x_range)]

    @property
    def layout(self) -> Any:
        """The figures, one below the other."""
        return column(self.figures, sizing_mode="stretch_width")

    def update(self, campaign: Campaign) -> None:
        """Show this snapshot."""
        self._energies.data = energies(campaign)
        self._models.data = uncertainties(campaign)

    def _energy_figure(self) -> Any:
        plot = _figure("best energy (eV)", height=250)
        plot.step(
            "label", "best", source=self._energies, color=self._colors["best"], line_width=2, mode="after"
        )
        dots = plot.scatter(
            "label", "energy", source=self._energies, size=7, color=self._colors["energy"], alpha=0.8
        )
        plot.add_tools(
            HoverTool(
                renderers=[dots],
                tooltips=[
                    ("candidate", "@candidate"),
                    ("label", "@energy{0.000} eV"),
                    ("best", "@best{0.000} eV"),
                ],
            )
        )
        return plot

    def _std_figure(self, x_range: Any) -> Any:
        plot = _figure("σ of the queue (eV)", height=190, x_range=x_range)
        plot.line("label", "queue_std", source=self._models, color=self._colors["std"], line_width=2)
        dots = plot.scatter("label", "queue_std", source=self._models, color=self._colors["std"], size=7)
        plot.add_tools(
            HoverTool(renderers=[dots], tooltips=[("model", "@model"), ("mean σ", "@queue_std{0.000} eV")])
        )
        return plot

    def _entropy_figure(self, x_range: Any) -> Any:
        plot = _figure("probe entropy (nats)", height=210, x_range=x_range)
        color = self._colors["entropy"]
        plot.varea("label", "low", "high", source=self._models, color=color, alpha=0.15)
        plot.segment("label", "low", "label", "high", source=self._models, color=color, alpha=0.6)
        plot.line("label", "entropy", source=self._models, color=color, line_width=2)
        dots = plot.scatter("label", "entropy", source=self._models, color=color, size=7)
        plot.line(
            "label", "p95", source=self._models, color=self._colors["p95"], line_dash="dotted", line_width=1.5
        )
        plot.line("label", "target", source=self._models, color=self._colors["target"], line_dash="dashed")
        plot.add_tools(
            HoverTool(
                renderers=[dots],
                tooltips=[("model", "@model"), ("mean", "@entropy{0.00}"), ("95th percentile", "@p95{0.00}")],
            )
        )
        plot.xaxis.axis_label = "labels (reference calculations)"
        return plot


def _figure(label: str, *, height: int, x_range: Any = None) -> Any:
    extra = {} if x_range is None else {"x_range": x_range}
    plot = figure(height=height, sizing_mode="stretch_width", toolbar_location=None, tools="", **extra)
    plot.yaxis.axis_label = label
    return plot


def _empty(*names: str) -> dict[str, list[Any]]:
    return {name: [] for name in names}
