"""States: what the watch saw in each model, and a card for each jump into a new state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.figure_panel import FigurePanel, heading
from dashboard.panels.markup import Markup, chip, e
from dashboard.plots import state_watch
from dashboard.plots.state_watch import SIGNALS, SignalCurves
from dashboard.session import Session
from dashboard.shown import shown_together
from dashboard.structures import picture_of, structure_of
from dashboard.words import age, signed
from engine.core import Campaign, Candidate
from engine.loop.jump_cards import JumpCard, in_words, jump_cards
from engine.store import ROLES, Store, Watched

NOTHING = "Appears after the first fit, once a worker has followed trajectories in the model."
NO_JUMP = "No trajectory came into a state that no label is like."
MOST = 30  # cards that are drawn
TONES = {"invented": "bad", "missing before": "good", None: "quiet"}
Picture = tuple[str, str]
"""A structure as an address of a picture, and what is said of it."""


class StatesSection:
    """The section for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._session = session
        self._curves = SignalCurves()
        self._model = _choice("Model", "dd-watched-model", 120)
        self._signal = _choice("Signal", "dd-watched-signal", 170)
        for choice in (self._model, self._signal):
            choice.param.watch(lambda _: self._draw_curves(), "value")
        self._panel = FigurePanel(
            "Long trajectories in each model",
            self._curves.figure,
            pn.Row(self._model, self._signal, margin=0),
            dark=dark,
            key=state_watch.key(),
        )
        self._state = Markup("dd-hint", live=True, sizing_mode="stretch_width", margin=(0, 0, 10, 0))
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self._watched: dict[str, Watched] = {}
        self._drawn: tuple[Any, ...] = ()
        self._cards: dict[str, _Card] = {}
        self.components: list[Any] = []
        self.view = pn.Column(
            self._panel.view,
            heading("Jumps into new states"),
            self._state,
            self._place,
            sizing_mode="stretch_width",
            min_width=320,
        )

    def draw(self, snapshot: Campaign, store: Store) -> None:
        """Read what was watched, and the cards, where an event has come or something is on its way."""
        key = (store, snapshot.seq, tuple(self._session.sent))
        if key == self._drawn:
            return
        self._drawn = key
        watched = {one.model_id: one for one in store.watched()}
        if list(watched) != list(self._watched):
            self._follow(watched)
        cards = jump_cards(snapshot, store)
        trouble = next((one.trouble for one in reversed(watched.values()) if one.trouble), "")
        self._state.show(e(trouble) if trouble else "" if cards else NO_JUMP if watched else "")
        newest = {card.jump.name: card for card in reversed(cards[-MOST:])}
        if list(newest) != list(self._cards):
            self._cards = {name: self._cards.get(name) or _Card(self._session) for name in newest}
            self._place[:] = [one.view for one in self._cards.values()]
        for name, card in newest.items():
            self._cards[name].draw(card, lambda candidate: _shown(store, candidate))

    def _follow(self, watched: dict[str, Watched]) -> None:
        """Offer the models; who looks at the newest looks at the new one."""
        last = next(reversed(self._watched), None)
        stays = self._model.value in watched and self._model.value != last
        self._watched = watched
        value = self._model.value if stays else next(reversed(watched))
        self._model.param.update(options=list(watched), value=value)
        self._draw_curves()

    def _draw_curves(self) -> None:
        one = self._watched.get(self._model.value or "")
        there = [name for name in SIGNALS if one and any(name in signals for signals in one.signals)]
        options = {SIGNALS[name]: name for name in there}
        if self._signal.options != options:
            value = self._signal.value if self._signal.value in there else next(iter(there), None)
            self._signal.param.update(options=options, value=value)
        drawn = one is not None and self._signal.value in there
        if one is not None and drawn:
            self._curves.show(one, self._signal.value)
        self._panel.show(NOTHING if one is None else state_watch.words(one), drawn=drawn)


class _Card:
    """A card with its buttons, which decide about all frames that wait."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._card: JumpCard | None = None
        self._text = Markup("dd-jump", sizing_mode="stretch_width")
        approve = pmui.Button(
            label="Approve all",
            size="small",
            css_classes=["dd-approve-jump"],
            margin=(0, 8, 0, 0),
            on_click=lambda _: self._decide(approve=True),
        )
        veto = pmui.Button(
            label="Veto all",
            size="small",
            color="error",
            variant="outlined",
            css_classes=["dd-veto-jump"],
            margin=0,
            on_click=lambda _: self._decide(approve=False),
        )
        self._actions = pn.Row(approve, veto, margin=0)
        looks = [self._look(at, role) for at, role in enumerate(ROLES)]
        row = pn.FlexBox(self._actions, *looks, gap="8px", align_items="center", margin=(8, 0, 0, 0))
        self.view = pn.Column(self._text, row, sizing_mode="stretch_width", margin=(0, 0, 18, 0))

    def draw(self, card: JumpCard, picture: Callable[[str], Picture]) -> None:
        self._card = card
        self._text.show(card_html(card, picture))
        self._actions.visible = bool(self._waiting) and self._session.may("curate")

    @property
    def _waiting(self) -> list[Candidate]:
        """Frames about which nobody has decided, nor this tab a moment ago."""
        waiting = () if self._card is None else self._card.waiting
        return [frame for frame in waiting if frame.id not in self._session.sent]

    def _decide(self, *, approve: bool) -> None:
        """Decide about all that wait; what the card says is kept with each."""
        card = self._card
        if card is None:
            return
        words, cost = in_words(card), _cost(card)
        shown = {frame.id: shown_together(frame, cost, sentence=words) for frame in self._waiting}
        self._session.decide_about(shown, approve=approve, shown=shown)

    def _look(self, at: int, role: str) -> Any:
        """A button that shows a frame in 3D, among all structures."""
        return pmui.Button(
            label=f"3D: {role}",
            size="small",
            variant="text",
            css_classes=[f"dd-look-{role}"],
            margin=0,
            on_click=lambda _: self._turn_to(at),
        )

    def _turn_to(self, at: int) -> None:
        if self._card is not None:
            self._session.param.update(candidate=self._card.frames[at].id, page="landscape")


def card_html(card: JumpCard, picture: Callable[[str], Picture]) -> str:
    """A jump: its class, what happened, its frames with their energies, and what it still costs."""
    title = chip(card.state_class or "not classed yet", TONES[card.state_class])
    frames = "".join(
        _frame_html(role, frame, excess, picture(frame.id))
        for role, frame, excess in zip(ROLES, card.frames, card.excess, strict=True)
    )
    cost = f'<p class="fine">{e(_cost(card))}</p>' if card.waiting else ""
    words = in_words(card).removeprefix(f"{card.jump.name}: ")
    return (
        f'<div class="head"><b>{e(card.jump.name)}</b> {title}</div><p>{e(words[0].upper() + words[1:])}</p>'
        f'<div class="frames">{frames}</div>{cost}'
    )


def _cost(card: JumpCard) -> str:
    """What its frames that wait cost."""
    each = "" if card.core_seconds is None else f", about {age(card.core_seconds)} of one core"
    return f"{len(card.waiting)} reference calculations wait for a word{each}."


def _frame_html(role: str, frame: Candidate, excess: float | None, shown: Picture) -> str:
    label = "–" if frame.label_eV is None else f"{frame.label_eV:.3f} eV".replace("-", "−")
    claimed = f"{frame.energy_eV:.3f} eV".replace("-", "−")
    above = "" if excess is None else f"<span>{signed(excess, 3)} eV to the claim</span>"
    picture, words = shown
    apart = f"<span>{e(words)}</span>" if words else ""
    return (
        f'<figure><img src="{picture}" alt="" width="96" height="72"><figcaption><b>{e(role)}</b> '
        f"{e(frame.id)}<span>{e(frame.status)}</span>{apart}<span>claimed {claimed}</span>"
        f"<span>label {label}</span>{above}</figcaption></figure>"
    )


def _shown(store: Store, candidate: str) -> Picture:
    structure = structure_of(store, candidate)
    words = f"{structure.get_distance(0, 1):.2f} Å apart" if len(structure) == 2 else ""
    return picture_of(store, candidate), words


def _choice(label: str, hook: str, width: int) -> Any:
    return pmui.Select(
        label=label, options=[], size="small", width=width, css_classes=[hook], margin=(0, 8, 8, 0)
    )
