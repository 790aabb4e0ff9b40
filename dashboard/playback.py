"""How a replay is played: how fast, how far, and when it stops to ask "would you approve?"."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core import Campaign, CandidateApproved, CandidateVetoed, Recorded, ReferenceCompleted
from engine.loop import Replay

LESSON = 600.0  # s that a whole campaign takes at most, at speed 1
SHORT = 0.25  # s of an event that is like the one before it, or of no interest
SECONDS = {
    "CampaignStarted": 4.0,
    "RunControlled": 3.0,
    "CandidateSelected": 2.0,
    "CandidateApproved": 1.5,
    "CandidateVetoed": 2.0,
    "ReferenceSubmitted": 1.0,
    "ReferenceCompleted": 2.5,
    "ReferenceFailed": 3.0,
    "ModelRefitted": 4.0,
}
"""How long the first event of a kind in a row stays on the screen."""


@dataclass(frozen=True)
class Answer:
    """What the person in front would have done, and what was done."""

    candidate: str
    approves: bool
    approved: bool
    label_eV: float | None
    """What its calculation gave in the end."""
    best_eV: float | None
    """The lowest label at that moment."""

    @property
    def agrees(self) -> bool:
        """Whether both would have done the same."""
        return self.approves == self.approved

    @property
    def is_best(self) -> bool:
        """Whether its label came out below all that were known."""
        return self.label_eV is not None and (self.best_eV is None or self.label_eV < self.best_eV)


class Playback:
    """Moves a replay forward with the clock.

    Attributes
    ----------
    replay : what is shown, its first event at least
    before : the campaign just before the newest event that is shown
    playing, speed : whether the clock moves it, and how many times as fast
    asks : whether it stops before decisions
    question : the candidate that it asks about now, or None
    answers : what was answered so far
    """

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.playing = False
        self.speed = 1.0
        self.asks = False
        self.question: str | None = None
        self.answers: list[Answer] = []
        self._labels = {
            item.event.candidate: item.event.energy_eV
            for item in replay.events
            if isinstance(item.event, ReferenceCompleted)
        }
        self._pace = min(1.0, LESSON / sum(self._lasts(k) for k in range(len(replay.events))))
        self._shown_at: float | None = None
        self.before = Campaign()
        self._show(1)

    @property
    def at_end(self) -> bool:
        """Whether all of it is shown."""
        return self.replay.position == len(self.replay.events)

    @property
    def last(self) -> Recorded:
        """The newest event that is shown."""
        return self.replay.events[self.replay.position - 1]

    def play(self, now: float) -> None:
        """Let a clock that says `now` (s) move it from here, or from the start if it was at the end."""
        if self.at_end:
            self.go(1)
        self.playing, self._shown_at = True, now

    def pause(self) -> None:
        """Stand still."""
        self.playing, self._shown_at = False, None

    def tick(self, now: float) -> None:
        """Show what is due by this moment."""
        while self.playing and self.question is None and self._shown_at is not None:
            lasts = self._pace * self._lasts(self.replay.position - 1) / self.speed
            if now < self._shown_at + lasts:
                return
            self._shown_at += lasts
            self.step()
            if self.at_end:
                self.pause()

    def step(self) -> None:
        """Show the next event, or ask about it first."""
        position = self.replay.position
        if self.at_end or self.question is not None:
            return
        event = self.replay.events[position].event
        if (
            self.asks
            and isinstance(event, CandidateApproved | CandidateVetoed)
            and self._is_new(event.candidate)
        ):
            self.question = event.candidate
        else:
            self._show(position + 1)

    def go(self, position: int) -> None:
        """Show the campaign after its first `position` events."""
        self.question = None
        self._show(position)

    def answer(self, *, approves: bool, now: float) -> Answer | None:
        """Say what one would have done with the candidate in question; then see what was done."""
        candidate = self.question
        if candidate is None:
            return None
        best, done = self.replay.campaign.best, self.replay.events[self.replay.position].event
        given = Answer(
            candidate=candidate,
            approves=approves,
            approved=isinstance(done, CandidateApproved),
            label_eV=self._labels.get(candidate),
            best_eV=None if best is None else best.label_eV,
        )
        self.answers.append(given)
        self.question = None
        self._show(self.replay.position + 1)
        if self.playing:
            self._shown_at = now
        return given

    def _is_new(self, candidate: str) -> bool:
        return all(answer.candidate != candidate for answer in self.answers)

    def _show(self, position: int) -> None:
        position = max(1, position)
        self.replay.seek(position - 1)
        self.before = self.replay.campaign
        self.replay.seek(position)

    def _lasts(self, index: int) -> float:
        """Seconds that an event stays on the screen, before the pace and the speed."""
        events = self.replay.events
        kind = events[index].event.kind
        again = index > 0 and events[index - 1].event.kind == kind
        return SHORT if again else SECONDS.get(kind, SHORT)
