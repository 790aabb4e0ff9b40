"""Review: the queue, the candidate in 3D, why it was chosen, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, get_args

import panel as pn
import panel_material_ui as pmui
import param
from ase import Atoms

from dashboard.panels.acceptance import frame_of
from dashboard.panels.company import looking_html
from dashboard.panels.compare import Subject
from dashboard.panels.hotkeys import Key
from dashboard.panels.markup import Markup
from dashboard.panels.outbox import Outbox
from dashboard.panels.queue_list import QueueList
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.panels.veto_lessons import VetoLessons
from dashboard.panels.why import Facts, why_html
from dashboard.panels.why_depth import WhyDepth
from dashboard.plots.structure_scene import scene
from dashboard.plots.thumbnail import thumbnail
from dashboard.session import Session
from dashboard.theme import NARROW_CSS, PAIR_CSS
from dashboard.words import age, signed
from engine.core import Campaign, Candidate, Shown, Status, VetoReason
from engine.store import Store

REASONS: tuple[str, ...] = get_args(VetoReason)
OTHER = REASONS[-1]
HINT = (
    "<kbd>J</kbd> <kbd>K</kbd> next, previous · <kbd>A</kbd> approve · "
    "<kbd>X</kbd> <kbd>1</kbd>–<kbd>6</kbd> veto · <kbd>D</kbd> defer · "
    "<kbd>U</kbd> undo · <kbd>Q</kbd> colours · <kbd>F</kbd> forces · <kbd>R</kbd> camera · "
    "<kbd>C</kbd> compare"
)
PAST = "This is a replay. <kbd>Space</kbd> plays it, <kbd>←</kbd> <kbd>→</kbd> go an event back or on."
LOOKS = "You may look here. Whoever runs this server gives the role that decides."
EMPTY = "Nothing waits for you.\nCandidates appear here as the search finds them."


class Review:
    """The page for one session; `draw` brings it up to date, `press` takes a key."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._queue = QueueList(self._picture, empty=EMPTY, width=300, sizing_mode="stretch_height")
        self._queue.param.watch(self._clicked, "selected")
        self._viewer = StructureViewer(
            empty="Choose a candidate.", color_by="uncertainty", sizing_mode="stretch_both"
        )
        self._company = Markup("dd-looking", live=True, sizing_mode="stretch_width")
        self._why = Markup("dd-why", sizing_mode="stretch_width")
        self._depth = WhyDepth(self._viewer, self._picture)
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
            session.undo, empty="Nothing is on its way. An approval can be taken back for some seconds."
        )
        self._note = pmui.TextInput(
            placeholder="Note, kept with the decision",
            css_classes=["dd-note"],
            size="small",
            width=230,
            margin=0,
        )
        self._hint = Markup("dd-hint", margin=(8, 0, 0, 0))
        self._actions = self._action_bar()
        self._reasons = self._reason_bar()
        self._keys = self._actions_by_key()
        self._shown: tuple[str, str, str] | None = None
        self._asked_about: str | None = None
        self.view = self._layout()

    @property
    def components(self) -> list[Any]:
        """Components that follow the theme."""
        return [self._queue, self._viewer, self._compare.viewer, self._depth.atoms, self._outbox]

    def draw(self) -> None:
        """Show the session's newest snapshot."""
        session = self._session
        snapshot: Campaign | None = session.snapshot
        follower = session.follower
        if snapshot is None or follower is None:
            self._queue.show([])
            self._viewer.show(None)
            self._why.show("")
            self._depth.clear()
            self._trajectory.visible = False
            return
        self._lessons.draw(snapshot, follower.store)
        waiting = session.waiting
        now = session.now
        with param.parameterized.batch_call_watchers(self._queue):
            decided = [snapshot.candidates[c] for c in session.conflicts if c in snapshot.candidates]
            beaten = [_item(c, now, conflict=True) for c in decided if c not in waiting]
            room = self._queue.limit - len(beaten)
            items = [_item(c, now, conflict=c.id in session.conflicts) for c in waiting[:room]]
            drawn = [*({**item, "state": "conflict"} for item in beaten), *items]
            self._queue.show(drawn)
            self._queue.total = len(waiting) + len(beaten)
        listed = {item["id"] for item in drawn}
        self._queue.selected = session.candidate if session.candidate in listed else None
        self._draw_candidate(snapshot, follower.store, now)
        self.draw_company()
        self.draw_outbox()
        can_decide = session.may("curate") and any(c.id == session.candidate for c in waiting)
        for button in self._actions[:3]:
            button.disabled = not can_decide
        self._actions[3].disabled = not session.may("curate")
        self._hint.show(HINT if session.may("curate") else PAST if session.playback else LOOKS)
        if self._reasons.visible and not (can_decide and self._asked_about == session.candidate):
            self._reasons.visible = False
            if self._asked_about == session.candidate:
                session.say_why_not()

    def draw_outbox(self) -> None:
        """Say which decisions can still be taken back."""
        snapshot: Campaign | None = self._session.snapshot
        if snapshot is not None:
            self._outbox.items = _on_their_way(self._session, snapshot, self._session.now)

    def draw_company(self) -> None:
        """Say who else looks at the candidate on the screen."""
        self._company.show(looking_html(self._session.others, self._session.candidate))

    def draw_lessons(self) -> None:
        """Show what a worker has learnt from vetoes since the last look."""
        if self._lessons.came():
            self.draw()

    def press(self, key: Key) -> None:
        """Do what a key asks for on this page."""
        session = self._session
        if self._reasons.visible:
            if key.key in "123456":
                self._veto(REASONS[int(key.key) - 1])
            elif key.key == "Escape":
                self._reasons.visible = False
            return
        if key.key == "z" and key.ctrl:
            session.undo()
        elif key.key in self._keys:
            self._keys[key.key]()

    def _actions_by_key(self) -> dict[str, Callable[[], object]]:
        session = self._session
        return {
            "j": lambda: session.move(1),
            "ArrowDown": lambda: session.move(1),
            "k": lambda: session.move(-1),
            "ArrowUp": lambda: session.move(-1),
            "a": self._approve,
            "x": self._ask_reason,
            "d": self._defer,
            "u": session.undo,
            "q": self._change_colors,
            "f": self._toggle_forces,
            "r": self._viewer.reset_camera,
            "c": self._compare.toggle,
            "t": self._show_trajectory,
        }

    def _change_colors(self) -> None:
        colors = ("element", "uncertainty")
        self._viewer.color_by = colors[self._viewer.color_by == "element"]

    def _toggle_forces(self) -> None:
        self._viewer.show_forces = not self._viewer.show_forces

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
        labelled = candidate.status is Status.LABELLED
        structure = _structure(store, candidate.id, labelled)
        score = store.scores([candidate.id]).get(candidate.id)
        frame = frame_of(snapshot, store, candidate.id)
        self._why.show(
            why_html(Facts(snapshot, candidate, score, len(structure), now, frame, cost_below=True))
        )
        self._trajectory.visible = frame is not None
        shown = (self._session.campaign, candidate.id, f"{snapshot.model_id} {labelled}")
        if shown != self._shown:
            self._shown = shown
            values = None if score is None else score.atom_std
            forces = structure.get_forces() if labelled else None
            self._viewer.show(scene(structure, values=values, forces=forces, id=candidate.id))
        self._depth.draw(Subject(snapshot, store, candidate, structure), score)

    def _picture(self, candidate: str) -> str:
        follower = self._session.follower
        return "" if follower is None else _thumbnail(follower.store, candidate)

    def _clicked(self, event: Any) -> None:
        if event.new and event.new != self._session.candidate:
            self._session.candidate = event.new

    def _approve(self) -> None:
        self._session.approve(self._note.value_input or "", shown=self._said)
        self._note.value = ""

    @property
    def _said(self) -> Shown | None:
        return self._depth.said_of(self._session.candidate)

    def _defer(self) -> None:
        self._session.defer(shown=self._said)

    def _ask_reason(self) -> None:
        session = self._session
        if not session.may("curate"):
            return
        if any(c.id == session.candidate for c in session.waiting):
            self._asked_about = session.candidate
            self._reasons.visible = True
        else:
            session.say_why_not()

    def _veto(self, reason: str) -> None:
        note = self._note.value_input or ""
        if reason == OTHER and not note.strip():
            self._session.notify("Say why in the note first, then choose 6 again.", "info")
            return
        self._reasons.visible = False
        self._session.veto(reason, note, shown=self._said)
        self._note.value = ""

    def _action_bar(self) -> pn.Row:
        def button(label: str, hook: str, act: Any, **look: Any) -> Any:
            return pmui.Button(
                label=label, css_classes=[hook], on_click=lambda _: act(), margin=(0, 8, 0, 0), **look
            )

        session = self._session
        return pn.Row(
            button("Approve", "dd-approve", self._approve, color="primary"),
            button("Veto …", "dd-veto", self._ask_reason, color="error", variant="outlined"),
            button("Defer", "dd-defer", self._defer, color="default", variant="outlined"),
            button("Undo", "dd-undo", session.undo, color="default", variant="text"),
            self._note,
            margin=(10, 0, 0, 0),
            styles={"flex-wrap": "wrap", "row-gap": "8px"},
        )

    def _reason_bar(self) -> pn.FlexBox:
        def button(number: int, reason: str) -> Any:
            return pmui.Button(
                label=f"{number}  {reason}",
                css_classes=[f"dd-reason-{number}"],
                color="error",
                variant="outlined",
                size="small",
                margin=(0, 6, 6, 0),
                on_click=lambda _: self._veto(reason),
            )

        buttons = [button(number, reason) for number, reason in enumerate(REASONS, start=1)]
        return pn.FlexBox(*buttons, visible=False, margin=(8, 0, 0, 0))

    def _layout(self) -> Any:
        outbox = Markup("dd-words", margin=(18, 0, 0, 0))
        outbox.show("<h4>Outbox</h4>")
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
            self._actions,
            self._reasons,
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
        return pn.Row(
            self._queue,
            middle,
            side,
            sizing_mode="stretch_both",
            css_classes=["dd-review"],
            stylesheets=[NARROW_CSS],
            styles={"gap": "16px"},
        )


def _item(candidate: Candidate, now: float, conflict: bool) -> dict[str, Any]:
    badge = "FLAG" if candidate.flags else "DEFERRED" if candidate.status is Status.DEFERRED else ""
    if not badge and now - candidate.selected_time < 60:
        badge = "NEW"
    if conflict:
        badge = "CONFLICT"
    above, std = -dict(candidate.terms).get("promise", 0.0), candidate.energy_std_eV
    sigma = "" if std is None else f" ± {std:.2f}"
    return {
        "id": candidate.id,
        "title": candidate.id,
        "subtitle": candidate.generator.replace("-", " "),
        "badge": badge,
        "score": f"{signed(above)}{sigma} eV",
        "age": age(now - candidate.selected_time) if now - candidate.selected_time >= 60 else "",
        "state": "waiting",
    }


def _on_their_way(session: Session, snapshot: Campaign, now: float) -> list[dict[str, Any]]:
    hold = snapshot.rules.hold if snapshot.rules else 0.0
    rows = [
        {"id": sent.candidate, "words": f"{sent.kind}, sending", "left": 0.0, "hold": 0.0}
        for sent in session.sent.values()
    ]
    for candidate in snapshot.with_status(Status.APPROVED):
        if candidate.decision is not None and candidate.id not in session.sent:
            left = candidate.decision.time + candidate.decision.hold_s - now
            rows.append(
                {
                    "id": candidate.id,
                    "words": f"approved by {candidate.decision.by}",
                    "left": left,
                    "hold": hold,
                }
            )
    return rows


@lru_cache(maxsize=2048)
def _thumbnail(store: Store, candidate: str) -> str:
    return thumbnail(_structure(store, candidate, labelled=False))


@lru_cache(maxsize=256)
def _structure(store: Store, candidate: str, labelled: bool) -> Atoms:  # noqa: ARG001 - part of the key
    """The structure; it carries the reference's forces once it is labelled."""
    return store.structures([candidate])[0]
