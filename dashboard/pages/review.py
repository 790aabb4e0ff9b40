"""Review: the queue, the candidate in 3D, why it was chosen, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from ase import Atoms

from dashboard.model_forces import ModelForces
from dashboard.panels.acceptance import frame_of
from dashboard.panels.bulk_bar import BulkBar
from dashboard.panels.company import looking_html
from dashboard.panels.compare import Subject
from dashboard.panels.decision_bar import DecisionBar
from dashboard.panels.edit_bar import EditBar
from dashboard.panels.hotkeys import Key
from dashboard.panels.markup import Markup
from dashboard.panels.outbox import Outbox, on_their_way
from dashboard.panels.queue_column import QueueColumn
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.panels.veto_lessons import VetoLessons
from dashboard.panels.why import Facts, why_html
from dashboard.panels.why_depth import WhyDepth
from dashboard.plots.structure_scene import scene
from dashboard.session import Session
from dashboard.shown import warned
from dashboard.structures import picture_of, structure_of
from dashboard.theme import NARROW_CSS, PAIR_CSS
from engine.core import Campaign, Candidate, Shown, Status
from engine.protocols import FloatArray
from engine.store import Score, Store

HINT = (
    "<kbd>J</kbd> <kbd>K</kbd> next, previous · <kbd>A</kbd> approve · "
    "<kbd>X</kbd> <kbd>1</kbd>–<kbd>6</kbd> veto · <kbd>D</kbd> defer · "
    "<kbd>U</kbd> undo · <kbd>V</kbd> choose several · <kbd>C</kbd> compare · <kbd>E</kbd> edit · "
    "<kbd>?</kbd> all keys"
)
PAST = "This is a replay. <kbd>Space</kbd> plays it, <kbd>←</kbd> <kbd>→</kbd> go an event back or on."
LOOKS = "You may look here. Whoever runs this server gives the role that decides."
LOOKING = ("q", "f", "r", "c")
"""Keys that leave atoms alone that a person has moved."""
AHEAD = 50  # ms after a candidate is drawn


class Review:
    """The page for one session; `draw` brings it up to date, `press` takes a key."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._queue = QueueColumn(session, self._picture)
        self._viewer = StructureViewer(
            empty="Choose a candidate.", color_by="uncertainty", sizing_mode="stretch_both"
        )
        self._company = Markup("dd-looking", live=True, sizing_mode="stretch_width")
        self._why = Markup("dd-why", sizing_mode="stretch_width")
        self._depth = WhyDepth(self._viewer, session.runtime, self._picture)
        self._compare = self._depth.compare
        self._lessons = VetoLessons(session, self.draw)
        self._trajectory = pmui.Button(
            label="Show its trajectory",
            css_classes=["dd-show-trajectory"],
            variant="outlined",
            color="default",
            size="small",
            margin=(12, 0, 0, 0),
            visible=False,
            on_click=lambda _: self._show_trajectory(),
        )
        self._outbox = Outbox(
            session.undo,
            session.send_now,
            empty="Nothing is on its way. An approval can be taken back for some seconds.",
        )
        self._hint = Markup("dd-hint", margin=(8, 0, 0, 0), sizing_mode="stretch_width")
        self._edit = EditBar(session, self._viewer, self._show_again)
        self._decisions = DecisionBar(session, self._said, held=self._edit.holds)
        self._bulk = BulkBar(session, self._decisions.ask_reason, lambda: self._lessons.warnings)
        self._keys = self._actions_by_key()
        self._shown: tuple[str, str, str] | None = None
        self._forces = ModelForces(session.runtime)
        self.view = self._layout()

    @property
    def components(self) -> list[Any]:
        """Components that follow the theme."""
        return [self._queue.cards, self._viewer, self._compare.viewer, self._depth.atoms, self._outbox]

    @property
    def taken_keys(self) -> tuple[str, ...]:
        """Keys that are waited for: they are no button's that was pressed before."""
        return ("Enter",) if self._bulk.asks and not self._decisions.asks else ()

    def draw(self) -> None:
        """Show the session's newest snapshot."""
        session = self._session
        snapshot: Campaign | None = session.snapshot
        follower = session.follower
        if snapshot is None or follower is None:
            self._queue.clear()
            self._viewer.show(None)
            self._why.show("")
            self._depth.clear()
            self._trajectory.visible = False
            self._outbox.items = []
            self._decisions.draw()
            self._bulk.draw()
            return
        self._lessons.draw(snapshot, follower.store)
        self._queue.draw(snapshot, follower.store, self._lessons.warnings)
        self._edit.draw(session.candidate)
        self._draw_candidate(snapshot, follower.store, session.now)
        self.draw_company()
        self.draw_outbox()
        self._hint.show(HINT if session.may("curate") else PAST if session.playback else LOOKS)
        self._decisions.draw()
        self._bulk.draw()

    def draw_outbox(self) -> None:
        """Say which decisions can still be taken back."""
        snapshot: Campaign | None = self._session.snapshot
        if snapshot is not None:
            self._outbox.can_send = self._session.may("curate")
            self._outbox.items = on_their_way(self._session, snapshot, self._session.now)

    def draw_company(self) -> None:
        """Say who else looks at the candidate on the screen."""
        self._company.show(looking_html(self._session.others, self._session.candidate))

    def follow_workers(self) -> None:
        """Show what workers have learnt from vetoes, found of forces or matched since the last look."""
        answers = [self._lessons.came(), self._forces.came(), self._compare.came()]
        if any(answers):
            self.draw()

    def press(self, key: Key) -> None:
        """Do what a key asks for on this page."""
        pressed = ("ctrl " if key.ctrl else "") + ("shift " if key.shift else "") + key.key
        if self._decisions.asks:
            self._decisions.press(key.key)
        elif self._bulk.asks and key.key in ("Enter", "Escape"):
            self._bulk.confirm() if key.key == "Enter" else self._bulk.leave()
        elif key.key == "Escape":
            self._leave()
        elif pressed in self._keys:
            self._act(pressed)

    def _act(self, pressed: str) -> None:
        """Do it; where atoms were moved, approving asks for what comes of them and all else waits."""
        if self._edit.moved and pressed == "a":
            self._edit.ask()
        elif pressed in LOOKING or not self._edit.holds():
            self._keys[pressed]()

    def _leave(self) -> None:
        """Close what is open, the innermost first."""
        if self._edit.opened:
            self._edit.close()
        elif self._compare.is_open:
            self._compare.toggle()
        elif self._session.marked:
            self._bulk.clear()
        elif self._session.queue_view.narrows:
            self._queue.bar.clear()

    def _actions_by_key(self) -> dict[str, Callable[[], object]]:
        session = self._session
        return {
            "j": lambda: session.move(1),
            "ArrowDown": lambda: session.move(1),
            "k": lambda: session.move(-1),
            "ArrowUp": lambda: session.move(-1),
            "a": self._decisions.approve,
            "x": self._decisions.ask_reason,
            "d": self._decisions.defer,
            "shift d": lambda: self._decisions.defer("next fit"),
            "u": session.undo,
            "shift u": session.redo,
            "ctrl z": session.undo,
            "ctrl shift z": session.redo,
            "ctrl Enter": session.send_now,
            "v": session.mark,
            "shift j": lambda: session.mark(1),
            "shift k": lambda: session.mark(-1),
            "shift a": self._bulk.ask,
            "shift x": self._bulk.veto,
            "e": self._start_edit,
            "q": self._change_colors,
            "f": self._toggle_forces,
            "r": self._viewer.reset_camera,
            "c": self._compare.toggle,
            "t": self._show_trajectory,
        }

    def _change_colors(self) -> None:
        colors = self._viewer.param.color_by.objects
        self._viewer.color_by = colors[(colors.index(self._viewer.color_by) + 1) % len(colors)]
        self.draw()

    def _start_edit(self) -> None:
        """Let the person move atoms of the candidate on the screen."""
        session, follower = self._session, self._session.follower
        if self._edit.opened:
            self._edit.close()
        elif session.candidate and follower is not None and session.may("curate"):
            self._edit.open(session.candidate, structure_of(follower.store, session.candidate))

    def _toggle_forces(self) -> None:
        self._viewer.show_forces = not self._viewer.show_forces
        self.draw()

    def _show_trajectory(self) -> None:
        """Go to where the candidate, a frame of molecular dynamics, came from."""
        if self._trajectory.visible:
            self._session.param.update(page="data", section="dynamics")

    def _draw_candidate(self, snapshot: Campaign, store: Store, now: float) -> None:
        candidate = snapshot.candidates.get(self._session.candidate or "")
        if candidate is None:
            self._viewer.show(None)
            self._why.show("")
            self._depth.clear()
            self._trajectory.visible = False
            self._shown = None
            return
        structure, score = self._show_structure(snapshot, store, candidate)
        frame = frame_of(snapshot, store, candidate.id)
        self._why.show(
            why_html(Facts(snapshot, candidate, score, len(structure), now, frame, cost_below=True))
        )
        self._trajectory.visible = frame is not None
        self._depth.draw(Subject(snapshot, store, candidate, structure), score)

    def draw_structure(self) -> None:
        """Show the candidate in 3D alone: what a person waits for, before all else of the page."""
        session, follower = self._session, self._session.follower
        candidate = session.snapshot and session.snapshot.candidates.get(session.candidate or "")
        if candidate and follower is not None:
            self._edit.draw(session.candidate)
            self._show_structure(session.snapshot, follower.store, candidate)

    def _show_structure(
        self, snapshot: Campaign, store: Store, candidate: Candidate
    ) -> tuple[Atoms, Score | None]:
        """Put it into the viewer, unless it is there; the structure, and what the model says of it."""
        labelled = candidate.status is Status.LABELLED
        structure = structure_of(store, candidate.id, labelled=labelled)
        score = store.scores([candidate.id]).get(candidate.id)
        forces = self._forces_on(snapshot, store, candidate, structure)
        known = f"{snapshot.model_id} {labelled} {forces is not None}"
        shown = (self._session.campaign, candidate.id, known)
        if shown != self._shown and not self._edit.opened:  # a fit does not undo what a person drags
            self._shown = shown
            values = None if score is None else score.atom_std
            whose = "force" if labelled else f"force in {snapshot.model_id}"
            drawn = scene(structure, values=values, forces=forces, force_label=whose, id=candidate.id)
            self._viewer.show(drawn)
            self._session.soon(self._prepare_next, AHEAD)
        return structure, score

    def _forces_on(
        self, snapshot: Campaign, store: Store, candidate: Candidate, structure: Atoms
    ) -> FloatArray | None:
        """Those of the reference once it is labelled, else those of the model if a person wants them."""
        if candidate.status is Status.LABELLED:
            self._forces.forget()
            return np.asarray(structure.get_forces())
        if not self._viewer.show_forces and self._viewer.color_by != "force":
            self._forces.forget()
            return None
        forces = self._forces.of(store, candidate.id, snapshot.model_id)
        self._viewer.no_forces = self._forces.words
        return forces

    def _prepare_next(self) -> None:
        """Read what the next candidate of the queue will be drawn with, while this one is looked at."""
        session, follower = self._session, self._session.follower
        following = session.following
        if follower is not None and session.snapshot is not None and following is not None:
            structure_of(follower.store, following)
            self._depth.prepare(session.snapshot, follower.store, following)

    def _said(self) -> Shown | None:
        """What a decision about the candidate on the screen keeps."""
        candidate = self._session.candidate
        said = self._depth.said_of(candidate)
        return None if said is None else warned(said, self._lessons.warnings.get(str(candidate), ""))

    def _show_again(self) -> None:
        self._shown = None
        self.draw()

    def _picture(self, candidate: str) -> str:
        follower = self._session.follower
        return "" if follower is None else picture_of(follower.store, candidate)

    def _layout(self) -> Any:
        outbox = Markup("dd-words", margin=(18, 0, 0, 0))
        outbox.show("<h2>Outbox</h2>")
        pictures = pn.Row(
            self._viewer,
            self._compare.viewer,
            sizing_mode="stretch_both",
            stylesheets=[PAIR_CSS],
            styles={"gap": "12px"},
        )
        middle = pn.Column(
            pictures,
            self._compare.words,
            self._edit.view,
            self._decisions.view,
            self._hint,
            sizing_mode="stretch_both",
            min_width=320,
        )
        side = pn.Column(
            self._company,
            self._why,
            self._lessons.view,
            self._depth.view,
            self._trajectory,
            outbox,
            self._outbox,
            width=340,
            sizing_mode="stretch_height",
            scroll="y-auto",
        )
        queue = pn.Column(
            self._queue.bar.view,
            self._queue.cards,
            self._bulk.view,
            width=300,
            sizing_mode="stretch_height",
            margin=0,
        )
        return pn.Row(
            queue,
            middle,
            side,
            sizing_mode="stretch_both",
            css_classes=["dd-review"],
            stylesheets=[NARROW_CSS],
            styles={"gap": "16px"},
        )
