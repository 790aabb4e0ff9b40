"""Cards of jumps into new states: their frames, what they cost, and what the labels say of the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from engine.core import Campaign, Candidate, Status
from engine.core.candidate import UNDECIDED
from engine.math import StateClass, mean_lifetime, state_class
from engine.store import ROLES, Jump, Stay, Store

_BEFORE, _AFTER = ROLES.index("before"), ROLES.index("after")
_FS = 1000.0  # in a ps


@dataclass(frozen=True, eq=False)
class JumpCard:
    """One card: the frames around a jump, decided about together or one by one.

    Attributes
    ----------
    jump : where and when
    frames : candidates, in the order of `ROLES`
    excess : of each frame, how far the reference has it above what the potential claimed (eV); None without
        a label
    state_excess : that of the frame after, counted from the frame before where that has a label: an error
        that all structures share is no new state's
    state_class : what these labels say of the state; None until the frame after has one
    stays : visits of each model that was watched, in turn
    core_seconds : what the frames that wait are expected to cost, from the labels so far; None without any
    """

    jump: Jump
    frames: tuple[Candidate, ...]
    excess: tuple[float | None, ...]
    state_excess: float | None
    state_class: StateClass | None
    stays: Mapping[str, Stay]
    core_seconds: float | None

    @property
    def waiting(self) -> tuple[Candidate, ...]:
        """Frames that nobody has decided about."""
        return tuple(frame for frame in self.frames if frame.status in UNDECIDED)

    @property
    def repaired_by(self) -> str | None:
        """The newest model, where it does not visit an invented state, or does visit one that was missing."""
        newest = [*self.stays][-1]
        if newest == self.jump.model_id or self.state_class is None:
            return None
        visits = self.stays[newest].visits > 0
        return newest if visits == (self.state_class == "missing before") else None


def jump_cards(campaign: Campaign, store: Store) -> tuple[JumpCard, ...]:
    """All cards of a campaign, in the order they were found."""
    watched = store.watched()
    said: Mapping[str, Any] = campaign.settings
    tolerance = float(said.get("watch", {}).get("tolerance", 0.0))
    each = campaign.core_seconds_each
    cards = []
    for jump in store.jumps():
        frames = tuple(campaign.candidates[name] for name in jump.frames if name in campaign.candidates)
        if len(frames) < len(ROLES):  # as known at an earlier event
            continue
        later = {one.model_id: one.stays[jump.name] for one in watched if jump.name in one.stays}
        excess = tuple(None if one.label_eV is None else one.label_eV - one.energy_eV for one in frames)
        of_state = _of_state(excess)
        n_waiting = sum(frame.status in UNDECIDED for frame in frames)
        cards.append(
            JumpCard(
                jump,
                frames,
                excess,
                of_state,
                None if of_state is None else state_class(of_state, tolerance),
                {**jump.stays, **later},
                None if each is None else n_waiting * each,
            )
        )
    return tuple(cards)


def _of_state(excess: Sequence[float | None]) -> float | None:
    before, after = excess[_BEFORE], excess[_AFTER]
    return after if after is None or before is None else after - before


def in_words(card: JumpCard) -> str:
    """What happened, in a few sentences."""
    jump = card.jump
    said = [f"{jump.name}: in {jump.model_id} after {jump.time / _FS:.2f} ps, {_signals(jump)}."]
    excess = card.state_excess
    than = "what was claimed"
    if card.excess[_BEFORE] is not None:
        than += ", counted from the frame before"
    if card.state_class == "invented" and excess is not None:
        said.append(f"Invented: the reference has the state {excess:.2f} eV above {than}.")
    elif card.state_class is not None and excess is not None:
        by = (
            "as high as"
            if abs(excess) < 0.005
            else f"{abs(excess):.2f} eV {'above' if excess > 0 else 'below'}"
        )
        said.append(f"Missing before: the state is real, {by} {than}.")
    elif any(frame.status is Status.VETOED for frame in card.frames):
        said.append("A frame was vetoed: what the state is stays open.")
    else:
        said.append("Its frames have no labels yet.")
    said.append(f"Visits: {', '.join(f'{model} {stay_words(stay)}' for model, stay in card.stays.items())}.")
    if card.repaired_by:
        done = "no longer has it" if card.state_class == "invented" else "has it"
        said.append(f"Repaired: {card.repaired_by} {done}.")
    return " ".join(said)


def stay_words(stay: Stay) -> str:
    """Number of visits, and how long one lasts."""
    if not stay.visits:
        return "none"
    lifetime = mean_lifetime(stay.time / _FS, stay.ended)
    if stay.ended:
        return f"{stay.visits} of {lifetime:.2f} ps"
    return f"{stay.visits}, not left in {stay.time / _FS:.2f} ps"


def _signals(jump: Jump) -> str:
    spelt = {"displacement": "displacement", "uncertainty": "u", "anharmonicity": "σᴬ"}
    return " and ".join(
        f"{spelt[name]} by {score:.0f} × its noise"
        if isfinite(score)
        else f"{spelt[name]}, which has no noise"
        for name, score in jump.scores.items()
    )
