"""A trajectory of molecular dynamics over time: uncertainty, energy and anharmonicity of its frames."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import HoverTool, Span
from numpy.typing import NDArray

from dashboard.plots.frame import empty_source, frame, key_html
from dashboard.theme import SERIES
from engine.config import MDSettings
from engine.loop.trajectories import Run, Trajectory

Arrays = dict[str, NDArray[Any]]

BLUE, ORANGE, GREEN, GREY = (SERIES[k] for k in (0, 1, 2, 5))
UNCERTAINTIES = {
    "max": ("largest spread of forces", "eV/Å"),
    "mean": ("mean spread of forces", "eV/Å"),
    "relative-max": ("largest relative spread of forces", "ratio"),
    "relative-mean": ("mean relative spread of forces", "ratio"),
    "energy": ("σ of the energy", "eV/atom"),
}
"""Words and unit of each kind of uncertainty."""
CURVES = {"u": BLUE, "energy": GREEN, "anharmonicity": SERIES[3]}
"""What is drawn, one figure each, from above."""
NO_SPREAD = "This model says no uncertainty: every frame has P_U = 1."
EMPTY = "Appears once a step of the search md has judged frames; the first ones are its measure."


def data(run: Run, number: int) -> tuple[Arrays, Arrays]:
    """Frames of a trajectory, and those of them that were proposed.

    Returns
    -------
    frames : `time` (ps), `u` (of its kind), `energy` (meV/atom above the mean of the test frames, or above
        the first frame where there is none), `anharmonicity`, `frame`
    proposed : the same of the proposed ones, with `candidate`
    """
    trajectory = run.trajectories[number]
    energy = trajectory.columns["energy"]
    zero = run.energy[0] if run.energy else (energy[0] if len(energy) else 0.0)
    frames: Arrays = {
        "frame": np.arange(len(energy)),
        "time": trajectory.time,
        "u": trajectory.columns["u"],
        "energy": 1000 * (energy - zero),
        "anharmonicity": trajectory.columns["anharmonicity"],
    }
    at = np.array(sorted(trajectory.proposed), dtype=int)
    names = np.array([trajectory.proposed[int(k)] for k in at], dtype=object)
    return frames, {**{name: values[at] for name, values in frames.items()}, "candidate": names}


def thresholds(run: Run, settings: MDSettings) -> dict[str, float | None]:
    """Where P_U is ½, and where P_E leaves 1, in the units of `data`."""
    from engine.math import energy_edge  # with scipy, for which the first page does not wait

    energy = None
    if run.energy is not None:
        edge, _ = energy_edge(*run.energy, settings.viability)
        energy = 1000 * (edge - run.energy[0])
    u = None if run.u is None else run.u[0] + settings.shift * run.u[1]
    return {"u": u, "energy": energy, "anharmonicity": None}


def key(settings: MDSettings) -> str:
    """What is drawn."""
    from engine.math import energy_edge

    _, falls = energy_edge(0.0, 1.0, settings.viability)
    of_energy = "above which P_E falls" if falls else "below which P_E falls"
    return key_html(
        [
            ("diamond", ORANGE, "proposed"),
            ("line", GREY, "the frame on the screen"),
            ("dashed", GREY, f"P_U = ½, and the energy {of_energy}"),
        ]
    )


def words(run: Run, number: int, at: int) -> str:
    """What is known of one frame, for the page."""
    trajectory = run.trajectories[number]
    frames, _ = data(run, number)
    n, columns = len(trajectory.time), trajectory.columns
    of_u, unit = UNCERTAINTIES[run.uncertainty]
    said = [f"<b>Frame {at + 1} of {n}</b>, {trajectory.time[at]:.3f} ps"]
    if np.isfinite(columns["u"][at]):
        said.append(f"{of_u} {columns['u'][at]:.4f} {unit}")
    said.append(f"energy {frames['energy'][at]:+.1f} meV/atom".replace("-", "−"))
    if np.isfinite(columns["anharmonicity"][at]):
        said.append(f"σᴬ {columns['anharmonicity'][at]:.3f}")
    chance = columns["P_U"][at] * columns["P_E"][at]
    verdict = "was not taken"
    if columns["draw"][at] < chance:
        verdict = "was taken, but not proposed: not new enough, or too many at once"
    if at in trajectory.proposed:
        verdict = f"was proposed: <b>{escape(trajectory.proposed[at])}</b>"
    return (
        f"{', '.join(said)}.<br>P = {columns['P_U'][at]:.3f} for its uncertainty × "
        f"{columns['P_E'][at]:.3f} for its energy; {columns['draw'][at]:.3f} was drawn: it {verdict}."
    )


def atoms_at(trajectory: Trajectory, at: int) -> int | None:
    """Which of the kept positions is nearest to a frame; None where none were kept."""
    return int(np.abs(trajectory.kept - at).argmin()) if len(trajectory.kept) else None


class DynamicsCurves:
    """Three figures over one axis of time; a click on one says which frame was meant.

    Parameters
    ----------
    on_pick : told the frame
    """

    def __init__(self, on_pick: Callable[[int], object]) -> None:
        self._on_pick = on_pick
        self._frames = empty_source("frame", "time", *CURVES)
        self._proposed = empty_source("frame", "time", *CURVES, "candidate")
        self._now: list[Span] = []
        self._limits: dict[str, Span] = {}
        self.figures: dict[str, Any] = {}
        for name in CURVES:
            shared = {"x_range": self.figures["u"].x_range} if self.figures else {}
            self.figures[name] = self._figure(name, **shared)

    def show(self, run: Run, number: int, settings: MDSettings) -> None:
        """Draw a trajectory."""
        self._frames.data, self._proposed.data = data(run, number)
        self.figures["u"].yaxis[0].axis_label = f"u ({UNCERTAINTIES[run.uncertainty][1]})"
        for name, at in thresholds(run, settings).items():
            self._limits[name].update(visible=at is not None, location=at or 0.0)

    def mark(self, at: int) -> None:
        """Put the line at a frame; nothing else is sent."""
        time = self._frames.data["time"]
        for span in self._now:
            span.update(visible=at < len(time), location=float(time[at]) if at < len(time) else 0.0)

    def _figure(self, name: str, **shared: Any) -> Any:
        labels = {"u": "u", "energy": "ΔE (meV/atom)", "anharmonicity": "σᴬ"}
        last = name == "anharmonicity"
        plot = frame("time (ps)" if last else "", labels[name], 172 if last else 146, **shared)
        plot.name = f"dynamics-{name}"
        plot.xaxis.visible = last
        plot.yaxis.ticker.desired_num_ticks = 4
        plot.min_border_left = 76  # so that the times stand below one another
        self._limits[name] = Span(
            dimension="width", line_color=GREY, line_dash="dashed", line_width=1.2, visible=False
        )
        now = Span(dimension="height", line_color=GREY, line_width=2, visible=False)
        self._now.append(now)
        plot.add_layout(self._limits[name])
        plot.add_layout(now)
        line = plot.line("time", name, source=self._frames, color=CURVES[name], line_width=1.6)
        marks = plot.scatter("time", name, source=self._proposed, color=ORANGE, marker="diamond", size=12)
        tips = [("frame", "@frame"), ("time", "@time{0.000} ps"), (labels[name], f"@{name}{{0.0000}}")]
        plot.add_tools(
            HoverTool(renderers=[marks], tooltips=[("candidate", "@candidate"), *tips]),
            HoverTool(renderers=[line], tooltips=tips, mode="vline"),
        )
        plot.on_event(Tap, self._tapped)
        return plot

    def _tapped(self, event: Any) -> None:
        time = np.asarray(self._frames.data["time"])
        if len(time) and event.x is not None:
            self._on_pick(int(np.abs(time - event.x).argmin()))
