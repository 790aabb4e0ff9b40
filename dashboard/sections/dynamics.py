"""Dynamics: the trajectories of the search md, played in 3D beside their curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from ase import Atoms

from dashboard.asking import Asking
from dashboard.panels.figure_panel import WIDTH, FigurePanel, show_figure
from dashboard.panels.hotkeys import Key
from dashboard.panels.markup import Markup, e
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.plots import dynamics
from dashboard.plots.dynamics import DynamicsCurves
from dashboard.plots.structure_scene import scene
from dashboard.sections.exploration import Met
from dashboard.session import Session
from dashboard.theme import NARROW_CSS, STACK_CSS, style_figure
from engine.config import MDSettings
from engine.core import Campaign
from engine.loop.messages import search_of
from engine.loop.trajectories import LONGEST, SEARCH, Run, md_settings, run_of
from engine.store import Store

INTERVAL = 150  # ms from frame to frame
NOT_KEPT = "The positions of these frames were not kept."
HINT = (
    "<kbd>Space</kbd> play, pause · <kbd>←</kbd> <kbd>→</kbd> frame · "
    "<kbd>R</kbd> camera · a click on a curve jumps to its frame"
)


class DynamicsSection:
    """The section for one session; `draw` brings it up to date, `press` takes a key."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._session = session
        self._asking = Asking(session.runtime, rest=0.0)  # a person turns the pages
        self._curves = DynamicsCurves(self._jump)
        self._viewer = StructureViewer(empty=NOT_KEPT, color_by="uncertainty", height=400)
        self._player = pmui.Player(
            label="",
            start=0,
            end=1,
            value=0,
            interval=INTERVAL,
            loop_policy="once",
            show_loop_controls=False,
            visible_buttons=["first", "previous", "pause", "play", "next", "last"],
            sizing_mode="stretch_width",
            width=None,
            margin=(4, 0),
            css_classes=["dd-player"],
        )
        self._player.param.watch(lambda _: self._draw_frame(), "value")
        self._number = pmui.Select(
            label="Trajectory",
            options=[],
            size="small",
            width=110,
            margin=(8, 8, 8, 0),
            css_classes=["dd-trajectory"],
        )
        self._number.param.watch(lambda _: self._draw_trajectory(), "value")
        self._state = Markup("dd-hint", live=True, sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        self._words = Markup("dd-frame", sizing_mode="stretch_width", margin=(6, 0, 0, 0))
        self._panel = FigurePanel("Along the trajectory", self._curves.figures["u"], dark=dark)
        self._panel.view.margin = 0
        self._panes = {
            name: pn.pane.Bokeh(style_figure(figure, dark), sizing_mode="stretch_width")
            for name, figure in self._curves.figures.items()
            if name != "u"
        }
        self._met = Met(session, dark)
        self._earlier, self._later, self._newest = (
            self._button(words, act)
            for words, act in (("Earlier", self._go_back), ("Later", self._go_on), ("Newest", self._follow))
        )
        self._place: tuple[str, int] | None = None
        self._candidate: str | None = None
        self._wanted: str | None = None
        self._shown: Run | None = None
        self._steps: dict[str, int] = {}
        self._settings = MDSettings()
        self.components: list[Any] = [self._viewer]
        self._content = self._layout()
        self.view = pn.Column(self._state, self._content, sizing_mode="stretch_width", min_width=320)

    def draw(self, snapshot: Campaign, store: Store) -> None:
        """Ask a worker for the run that is looked at, and show what came."""
        taken = store.count_steps(0)
        self._steps = {chain: n for chain, n in taken.items() if search_of(chain) == SEARCH}
        if not self._steps:
            self._content.visible = False
            self._state.show(dynamics.EMPTY)
            return
        self._follow_candidate(snapshot, store)
        chain, step = self._place or self._last()
        newest = self._steps.get(chain, 1) - 1
        key = (run_of.__name__, str(store.folder), chain, step, min(newest, step + LONGEST))
        if self._asking.look(key, run_of, store.folder, dict(snapshot.settings), chain, step):
            self._settings = md_settings(snapshot.settings)
            self._show()
        self._met.draw(snapshot, store, sum(self._steps.values()))
        self._say()

    def press(self, key: Key) -> None:
        """Play, pause, step; look as at first."""
        player = self._player
        match key.key:
            case " ":
                if not player.direction and player.value >= player.end:
                    player.value = player.start
                player.direction = 0 if player.direction else 1
            case "ArrowRight" | "ArrowLeft":
                step = 1 if key.key == "ArrowRight" else -1
                self._jump(player.value + step)
            case "r":
                self._viewer.reset_camera()

    def _last(self) -> tuple[str, int]:
        """The newest step of the chain that took most."""
        chain = max(self._steps, key=lambda name: self._steps[name])
        return chain, self._steps[chain] - 1

    def _follow_candidate(self, snapshot: Campaign, store: Store) -> None:
        """Go to the run of the session's candidate, once for each, if it is a frame of one."""
        candidate = self._session.candidate
        if candidate == self._candidate:
            return
        self._candidate = candidate
        if candidate in snapshot.candidates and snapshot.candidates[candidate].generator == SEARCH:
            (row,) = store.proposals([candidate])
            self._place, self._wanted = (row.generator, row.step), candidate
            self._shown = None

    def _say(self) -> None:
        run = self._shown
        if self._asking.problem:
            self._state.show(e(self._asking.problem))
        elif run is None or run is not self._asking.value:
            self._state.show("…reading: a worker unpacks the frames.")
        elif not run.trajectories:
            self._state.show(dynamics.EMPTY)
        else:
            self._state.show(
                f"<b>{e(run.chain)}</b>, steps {run.first + 1} to {run.last + 1}: "
                f"{len(run.trajectories)} trajectories that began together."
            )

    def _show(self) -> None:
        """Take the answer; stay at the frame if it is of the same run."""
        run: Run | None = self._asking.value
        if run is None:
            return
        before, self._shown = self._shown, run
        same = before is not None and (before.chain, before.first) == (run.chain, run.first)
        number = self._number.value if same and self._number.value is not None else 0
        at = self._player.value if same else 0
        if self._wanted is not None:
            number, at = _place_of(run, self._wanted) or (number, at)
            self._wanted = None
        self._content.visible = True
        self._played.visible = bool(run.trajectories)
        self._earlier.disabled = run.first == 0
        self._later.disabled = run.last >= self._steps.get(run.chain, 1) - 1
        count = len(run.trajectories)
        options = {f"{k + 1} of {count}": k for k in range(count)}
        self._number.param.update(options=options, value=number if number < count else None)
        self._draw_trajectory(at)

    def _draw_trajectory(self, at: int = 0) -> None:
        run = self._shown
        if run is None or self._number.value is None:
            return
        number = self._number.value
        n = len(run.trajectories[number].time)
        self._curves.show(run, number, self._settings)
        columns = run.trajectories[number].columns
        unsure = bool(np.isfinite(columns["u"]).any())
        words = "" if unsure else dynamics.NO_SPREAD if n else dynamics.EMPTY
        self._panel.show(words, drawn=unsure, key=dynamics.key(self._settings))
        for name, pane in self._panes.items():
            show_figure(pane, bool(np.isfinite(columns[name]).any()))
        self._player.param.update(end=max(n - 1, 1), value=min(at, max(n - 1, 0)), disabled=n < 2)
        self._draw_frame()

    def _draw_frame(self) -> None:
        """Show the player's frame: coordinates, the lines of the curves, and a sentence."""
        run = self._shown
        if run is None or self._number.value is None:
            return
        number, at = self._number.value, self._player.value
        trajectory = run.trajectories[number]
        with pn.io.hold():
            self._curves.mark(at)
            if at >= len(trajectory.time):
                self._viewer.show(None)
                self._words.show("")
                return
            self._words.show(dynamics.words(run, number, at))
            k = dynamics.atoms_at(trajectory, at)
            self._viewer.show(None if k is None else _scene(run, number, k))

    def _jump(self, frame: int) -> None:
        """Stop, and show this frame."""
        self._player.direction = 0
        self._player.value = max(self._player.start, min(self._player.end, frame))

    def _go_back(self) -> None:
        if self._shown is not None:
            self._place = (self._shown.chain, max(self._shown.first - 1, 0))

    def _go_on(self) -> None:
        if self._shown is not None:
            self._place = (self._shown.chain, self._shown.last + 1)

    def _follow(self) -> None:
        self._place = None

    def _button(self, words: str, act: Any) -> Any:
        return pmui.Button(
            label=words,
            size="small",
            variant="outlined",
            color="default",
            on_click=lambda _: act(),
            margin=(8, 8, 8, 0),
        )

    def _layout(self) -> Any:
        hint = Markup("dd-hint", margin=(8, 0, 0, 0))
        hint.show(HINT)
        bar = pn.FlexBox(self._number, self._earlier, self._later, self._newest, align_items="center")
        left = pn.Column(
            bar,
            self._viewer,
            self._player,
            self._words,
            hint,
            sizing_mode="stretch_width",
            styles={"min-width": WIDTH},
        )
        right = pn.Column(
            self._panel.view,
            *self._panes.values(),
            sizing_mode="stretch_width",
            styles={"min-width": WIDTH},
        )
        self._played = pn.Row(
            left,
            right,
            sizing_mode="stretch_width",
            stylesheets=[NARROW_CSS, STACK_CSS],
            styles={"gap": "24px"},
            css_classes=["dd-dynamics"],
        )
        return pn.Column(self._played, self._met.view, sizing_mode="stretch_width", visible=False)


def _place_of(run: Run, candidate: str) -> tuple[int, int] | None:
    """Trajectory and frame of a candidate."""
    found = (
        (number, frame)
        for number, trajectory in enumerate(run.trajectories)
        for frame, name in trajectory.proposed.items()
        if name == candidate
    )
    return next(found, None)


def _scene(run: Run, number: int, k: int) -> dict[str, Any]:
    """What the viewer draws of one of the kept frames."""
    one = run.trajectories[number]
    atoms = Atoms(one.numbers, one.positions[k], cell=one.cell, pbc=one.pbc)
    return scene(
        atoms,
        values=one.of_atoms,
        id=f"{run.chain}-{run.first}-{number}-{one.kept[k]}",
        value_label="σᴬ of the atom",
        value_unit="ratio",
    )
