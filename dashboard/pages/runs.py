"""Runs: every campaign of this server, and how to begin one."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.notices import reading
from dashboard.panels.markup import Markup, chip, e
from dashboard.session import Session
from dashboard.tab import PIECE
from dashboard.words import headline
from engine import recordings
from engine.core import Campaign
from engine.recordings import Recording

WELCOME = """
<h2 class="large">Search for structures, spend only where you say so</h2>
<p>The demo looks for the structure of Ag8S4: CHGNet searches, a Δ-model corrects it from your labels, and
every reference calculation (GFN1-xTB, a tenth of a second each) waits for your approval. The first candidates
are there within half a minute.</p>
"""
RECORDED = """
<h2>Recorded campaigns</h2>
<p class="fine">Finished campaigns to look at before you begin one: play them, or go anywhere in
them. Nothing is run.</p>
"""
FRAME = {"border": "1px solid", "borderColor": "divider", "p": 2, "width": "100%"}


class Runs:
    """The page for one session; `draw` brings it up to date."""

    untouched = True
    """Nothing is chosen or typed here: it can be made anew when it is asked for again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cards: dict[str, _Card] = {}
        welcome = Markup("dd-words", sizing_mode="stretch_width")
        welcome.show(WELCOME)
        start = pmui.Button(
            label="Start the demo",
            css_classes=["dd-start-demo"],
            color="primary",
            size="large",
            on_click=lambda _: session.start_demo(),
            margin=(0, 10, 10, 0),
        )
        new = pmui.Button(
            label="New campaign",
            css_classes=["dd-new-campaign"],
            variant="outlined",
            size="large",
            on_click=lambda _: session.use_as_template(""),
            margin=(0, 0, 10, 0),
        )
        self._begin = pn.FlexBox(start, new, margin=(14, 0, 16, 0))
        self._grid = pn.FlexBox(sizing_mode="stretch_width", gap="16px")
        words = Markup("dd-words", sizing_mode="stretch_width", margin=(22, 0, 10, 0))
        words.show(RECORDED)
        recorded = pn.FlexBox(
            *(_recording(one, session) for one in recordings.known()), sizing_mode="stretch_width", gap="16px"
        )
        self._recorded = pn.Column(words, recorded, sizing_mode="stretch_width", visible=False)
        self.view = pn.Column(
            welcome,
            self._begin,
            self._grid,
            self._recorded,
            sizing_mode="stretch_width",
            css_classes=["dd-runs"],
        )

    def draw(self) -> None:
        """Show every campaign of this server."""
        self._begin.visible = self._session.may("administer")
        self._recorded.visible = not self._session.runtime.replays
        names = list(self._session.runtime.folders())
        if names != list(self._cards):
            self._cards = {name: self._cards.get(name) or _Card(name, self._session) for name in names}
            self._grid[:] = [card.view for card in self._cards.values()]
        for card in self._cards.values():
            card.draw()


def _recording(recording: Recording, session: Session) -> Any:
    """What a recording is, and the button that plays it."""

    def watch(_: Any) -> None:
        session.look_back(f"{recording.name}{recordings.SUFFIX}")
        session.page = "live"

    words = Markup("dd-run dd-recorded", sizing_mode="stretch_width")
    words.show(
        f'<div class="top"><b>{e(recording.title)}</b></div><span class="fine">{e(recording.words)}</span>'
    )
    button = pmui.Button(
        label="Watch",
        variant="outlined",
        size="small",
        css_classes=["dd-watch"],
        on_click=watch,
        margin=(10, 0, 0, 0),
    )
    return pmui.Paper(words, button, elevation=0, sx=FRAME, width=320, margin=0)


class _Card:
    def __init__(self, name: str, session: Session) -> None:
        self._name = name
        self._session = session
        self._text = Markup("dd-run", sizing_mode="stretch_width")
        self._open = pmui.Button(
            label="Open",
            variant="outlined",
            size="small",
            css_classes=["dd-open"],
            on_click=self._go,
            margin=(10, 0, 0, 0),
        )
        self._again = pmui.Button(
            label="Use as template",
            variant="text",
            size="small",
            css_classes=["dd-use-template"],
            on_click=lambda _: session.use_as_template(name),
            margin=(10, 0, 0, 8),
        )
        self._replay = pmui.Button(
            label="Replay",
            variant="text",
            size="small",
            css_classes=["dd-replay-run"],
            on_click=lambda _: self._look_back(),
            margin=(10, 0, 0, 8),
        )
        buttons = pn.FlexBox(self._open, self._replay, self._again, margin=0, sizing_mode="stretch_width")
        self.view = pmui.Paper(self._text, buttons, elevation=0, sx=FRAME, width=320, margin=0)

    def draw(self) -> None:
        """Bring the card up to date."""
        runtime = self._session.runtime
        self._again.visible = self._session.may("administer")
        follower, campaign = runtime.follower(self._name), runtime.newest(self._name, PIECE)
        self._replay.visible = campaign is not None and campaign.seq > 0
        unreadable = runtime.unreadable(self._name)
        self._open.disabled = bool(unreadable) or (follower is not None and campaign is None)
        if unreadable:
            words = f'<span class="bad">{e(unreadable)}</span>'
            self._text.show(_head(self._name, "UNREADABLE", "bad") + words)
            return
        if follower is not None and campaign is None:
            words = reading(follower.campaign.seq, follower.unread).text
            self._text.show(_head(self._name, "OPENING", "info") + f'<span class="fine">{e(words)}</span>')
            return
        self._open.label = "Start" if campaign is None or campaign.rules is None else "Open"
        self._text.show(_card(self._name, campaign, runtime.problem(self._name)))

    def _look_back(self) -> None:
        self._session.look_back(self._name)
        self._session.page = "live"

    def _go(self, _: Any) -> None:
        session = self._session
        session.open(self._name)
        if session.snapshot is None or session.snapshot.rules is None:
            session.control("start")
            session.refresh()
        session.page = "review" if session.waiting else "live"


def _card(name: str, campaign: Campaign | None, problem: str) -> str:
    words = f'<span class="bad">{e(problem)}</span>' if problem else ""
    if campaign is None or campaign.rules is None:
        fine = '<span class="fine">Never started.</span>'
        return _head(name, "IDLE", "quiet") + (words or fine)
    head = headline(campaign)
    best = campaign.best
    rows = [
        ("system", campaign.name),
        ("best energy", "–" if best is None else f"{best.label_eV:.3f} eV"),
        ("waiting", str(len(campaign.waiting))),
        ("spent / left", f"{campaign.spent} / {campaign.left} labels"),
    ]
    cells = "".join(f"<div><dt>{e(term)}</dt><dd>{e(value)}</dd></div>" for term, value in rows)
    return f"{_head(name, head.chip, head.tone)}{words}<dl>{cells}</dl>{_sparkline(campaign)}"


def _head(name: str, state: str, tone: str) -> str:
    return f'<div class="top"><b>{e(name)}</b>{chip(state, tone)}</div>'


def _sparkline(campaign: Campaign) -> str:
    """Best energy against labels, as a line without axes."""
    best: list[float] = []
    for candidate in campaign.labels:
        energy = campaign.candidates[candidate].label_eV or 0.0
        best.append(min(energy, best[-1]) if best else energy)
    if len(best) < 2:
        return '<span class="fine">The best energy is drawn from the second label on.</span>'
    low, span = min(best), (max(best) - min(best)) or 1.0
    points = " ".join(
        f"{100 * k / (len(best) - 1):.1f},{32 - 28 * (energy - low) / span:.1f}"
        for k, energy in enumerate(best)
    )
    label = f"best energy over {len(best)} labels"
    return (
        f'<svg viewBox="0 0 100 36" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'<polyline points="{points}" vector-effect="non-scaling-stroke"/></svg>'
    )
