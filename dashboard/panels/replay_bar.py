"""The bar above every page while the past is looked at: where in the log, how fast, and what happens."""

from __future__ import annotations

import time
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.captions import STAGES, caption, stage
from dashboard.panels.markup import Markup, e
from dashboard.panels.moment_slider import MomentSlider
from dashboard.playback import Answer, Playback
from dashboard.session import Session
from dashboard.theme import STACK_CSS

SPEEDS = {"× 1": 1.0, "× 2": 2.0, "× 5": 5.0, "× 20": 20.0}
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16" height="16" fill="currentColor">'
)
PLAY, PAUSE = f'{_SVG}<path d="M8 5v14l11-7z"/></svg>', f'{_SVG}<path d="M6 5h4v14H6zm8 0h4v14h-4z"/></svg>'
STEP = f'{_SVG}<path d="M6 5v14l9-7zM16 5h2.5v14H16z"/></svg>'


class ReplayBar:
    """``dd-replay``; `draw` brings it up to date, `press` takes a key."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: tuple[Any, ...] = ()
        self._of: Playback | None = None
        self._play = self._button("Play", PLAY, "dd-replay-play", self.toggle)
        self._step = self._button("Next", STEP, "dd-replay-next", self._forward)
        self._where = MomentSlider(align="center", margin=(0, 12), styles={"flex": "1 1 140px"})
        self._where.param.watch(self._moved, "value")
        self._speed = pmui.Select(
            options=list(SPEEDS),
            value="× 1",
            label="Speed",
            size="small",
            width=84,
            margin=(0, 8),
            align="center",
        )
        self._speed.param.watch(lambda event: self._set(speed=SPEEDS[event.new]), "value")
        self._ask = pmui.Switch(
            value=False, label="Ask me first", align="center", margin=(0, 12), css_classes=["dd-ask"]
        )
        self._ask.param.watch(lambda event: self._set(asks=event.new), "value")
        self._leave = self._button("Leave the replay", "", "dd-replay-leave", session.come_back)
        self._caption = Markup("dd-replay", live=True, sizing_mode="stretch_width", margin=(6, 0, 0, 0))
        self._yes = self._button(
            "A  I would approve it", "", "dd-would", lambda: session.answer(approves=True), color="primary"
        )
        self._no = self._button(
            "X  I would not", "", "dd-would-not", lambda: session.answer(approves=False), color="error"
        )
        self._answers = pn.FlexBox(self._yes, self._no, gap="8px", margin=(8, 0, 0, 0), visible=False)
        controls = pn.FlexBox(
            self._play,
            self._step,
            self._where,
            self._speed,
            self._ask,
            self._leave,
            sizing_mode="stretch_width",
            align_items="center",
            gap="6px",
        )
        paper = pmui.Paper(
            controls,
            self._caption,
            self._answers,
            elevation=0,
            sx={
                "border": "1px solid",
                "borderColor": "divider",
                "p": "10px 14px",
                "width": "100%",
                "boxSizing": "border-box",
            },
            sizing_mode="stretch_width",
            margin=(0, 0, 16, 0),
        )
        self.view = pn.Column(paper, sizing_mode="stretch_width", stylesheets=[STACK_CSS], visible=False)

    def draw(self) -> None:
        """Show where the session's playback is, or nothing."""
        playback: Playback | None = self._session.playback
        self.view.visible = playback is not None
        if playback is not self._of:
            self._begin(playback)
        if playback is None:
            return
        replay, given = playback.replay, playback.answers
        now = (replay.folder, replay.position, playback.question, len(given), playback.playing)
        if now == self._shown:
            return
        self._shown = now
        with pn.io.hold():
            self._where.param.update(last=max(2, len(replay.events)), value=replay.position)
            self._play.label = "Pause" if playback.playing else "Play"
            self._play.icon = PAUSE if playback.playing else PLAY
            self._step.disabled = playback.at_end
            self._answers.visible = playback.question is not None
            self._caption.show(_words(playback))

    def _begin(self, playback: Playback | None) -> None:
        """Have the controls say what is so of another playback."""
        self._of, self._shown = playback, ()
        if playback is not None:
            self._speed.value = next(label for label, speed in SPEEDS.items() if speed == playback.speed)
            self._ask.value = playback.asks

    @property
    def components(self) -> list[Any]:
        """Components that follow the theme."""
        return [self._where]

    def tick(self) -> None:
        """Let time go on."""
        now = time.monotonic()
        self._session.move_in_time(lambda playback: playback.tick(now))

    def press(self, key: str) -> bool:
        """Take a key, if it is one of the bar's."""
        session = self._session
        playback: Playback | None = session.playback
        if playback is None:
            return False
        acts = {" ": self.toggle, "ArrowRight": self._forward, "ArrowLeft": self._back}
        if playback.question is not None:
            acts |= {"a": lambda: session.answer(approves=True), "x": lambda: session.answer(approves=False)}
        if key not in acts:
            return False
        acts[key]()
        return True

    def toggle(self) -> None:
        """Play, or stand still."""
        now = time.monotonic()
        self._session.move_in_time(lambda p: p.pause() if p.playing else p.play(now))
        self.draw()

    def _forward(self) -> None:
        self._session.move_in_time(lambda playback: playback.step())
        self.draw()

    def _back(self) -> None:
        self._session.move_in_time(lambda playback: playback.go(playback.replay.position - 1))
        self.draw()

    def _moved(self, event: Any) -> None:
        playback = self._session.playback
        if playback is not None and event.new != playback.replay.position:
            self._session.move_in_time(lambda p: p.go(event.new))
            self.draw()

    def _set(self, **wish: Any) -> None:
        playback = self._session.playback
        if playback is not None:
            for name, value in wish.items():
                setattr(playback, name, value)

    def _button(self, label: str, icon: str, hook: str, act: Any, **look: Any) -> Any:
        return pmui.Button(
            label=label,
            css_classes=[hook],
            size="small",
            align="center",
            margin=0,
            on_click=lambda _: act(),
            **{"variant": "outlined", **({"icon": icon} if icon else {}), **look},
        )


def _words(playback: Playback) -> str:
    """The loop with its stage, what happened, the question, and the tally."""
    replay, event = playback.replay, playback.last.event
    at = stage(event)
    loop = "".join(
        f"<li{' aria-current=step' if k == at else ''}>{e(name)}</li>" for k, name in enumerate(STAGES)
    )
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(playback.last.time))
    words = [
        f'<ol class="loop">{loop}</ol>',
        f'<span class="fine">event {replay.position:,} of {len(replay.events):,} · {moment}</span>',
        f"<p>{e(caption(event, playback.before))}</p>",
    ]
    if playback.question is not None:
        words.append(f"<p><b>Would you approve {e(playback.question)}?</b></p>")
    elif playback.answers:
        words.append(f'<p class="fine">{e(verdict(playback.answers[-1]))} {e(tally(playback.answers))}</p>')
    return "".join(words)


def verdict(answer: Answer) -> str:
    """What came of the candidate that was asked about last."""
    did = "It was approved" if answer.approved else "It was vetoed"
    if answer.label_eV is None:
        came = ", and has no label."
    elif answer.is_best:
        came = f", and its label, {answer.label_eV:.3f} eV, was the lowest so far."
    else:
        came = f", and its label was {answer.label_eV - (answer.best_eV or 0.0):.3f} eV above the lowest."
    return f"{'As you would have' if answer.agrees else 'Not as you would have'}. {did}{came}"


def tally(answers: list[Answer]) -> str:
    """How the answers would have changed the campaign."""
    same = sum(answer.agrees for answer in answers)
    unspent = [a for a in answers if a.approved and not a.approves]
    lost = sum(a.is_best for a in unspent)
    words = f"You agreed {same} of {len(answers)} times"
    if unspent:
        words += f" and would have kept {len(unspent)} calculation{'s' * (len(unspent) > 1)} unspent"
        words += (
            f", {lost} of which gave a new lowest energy"
            if lost
            else ", none of which gave a new lowest energy"
        )
    return f"{words}."
