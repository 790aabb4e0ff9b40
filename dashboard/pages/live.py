"""Live: trajectories against labels, reference calculations that run or failed, the ledger and the log."""

from __future__ import annotations

import time

import panel as pn

from dashboard.panels.blank import Blank
from dashboard.panels.curation import curation_html
from dashboard.panels.failures import Failures
from dashboard.panels.figure_panel import show_figure
from dashboard.panels.jobs import Jobs
from dashboard.panels.ledger import ledger_html
from dashboard.panels.markup import Markup, e
from dashboard.panels.searches import searches_html
from dashboard.panels.summary import summary_html
from dashboard.panels.walkers import Walkers
from dashboard.plots.trajectory import Trajectory
from dashboard.session import Session
from dashboard.theme import SERIES, STACK_CSS, style_figure
from dashboard.words import line
from engine.core import Campaign, Recorded

LOG_LINES = 200
EMPTY = (
    "No label yet",
    "The best energy is drawn here against labels; from the first fit of the Δ-model on, also the σ of the "
    "queue and the entropy of a fixed probe set.",
)

_TONE = {"ReferenceFailed": "bad", "CommandRefused": "bad", "ReferenceCompleted": "good"}


class Live:
    """The page for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:
        self._session = session
        names = ("best", "std", "entropy", "energy", "p95", "target")
        self._trajectory = Trajectory(dict(zip(names, SERIES, strict=False)))
        for figure in self._trajectory.figures:
            style_figure(figure, dark)
        self._tiles = Markup("tiles", sizing_mode="stretch_width")
        self._summary = Markup("dd-summary", sizing_mode="stretch_width")
        self._empty = Markup("dd-words", sizing_mode="stretch_width")
        self._blank = Blank(session, "live")
        self._plots = pn.pane.Bokeh(self._trajectory.layout, sizing_mode="stretch_width")
        self._jobs = Jobs(session)
        self._failures = Failures(session)
        self._ledger = Markup("dd-ledger", sizing_mode="stretch_width")
        self._log = Markup("dd-log", sizing_mode="stretch_width")
        self._walkers = Walkers(session, dark)
        self.components = [self._walkers.viewer]
        self._searches = Markup("dd-searches", sizing_mode="stretch_width")
        self._drawn: Campaign | None = None
        left = pn.Column(
            self._summary,
            self._tiles,
            self._empty,
            self._blank.view,
            self._plots,
            self._walkers.view,
            self._searches,
            sizing_mode="stretch_width",
            min_width=320,
        )
        right = pn.Column(self._jobs.view, self._failures.view, self._ledger, self._log, width=380)
        self.view = pn.Row(
            left,
            right,
            sizing_mode="stretch_width",
            css_classes=["dd-live"],
            stylesheets=[STACK_CSS],
            styles={"gap": "24px"},
        )

    def draw(self) -> None:
        """Show the session's newest snapshot."""
        snapshot: Campaign | None = self._session.snapshot
        begun = snapshot is not None and bool(snapshot.labels)
        show_figure(self._plots, begun)
        self._blank.draw(begun, *EMPTY)
        if snapshot is None:
            self._walkers.view.visible = False
            return
        follower = self._session.follower
        self._jobs.draw(snapshot, self._session.now)
        if follower:
            self._walkers.draw(snapshot, follower.store)
        if snapshot is self._drawn:
            return
        self._drawn = snapshot
        self._tiles.show(_tiles(snapshot, self._session))
        self._summary.show(summary_html(snapshot))
        self._empty.show(_what_will_appear(snapshot))
        self._trajectory.update(snapshot)
        self._failures.draw(snapshot)
        changed = curation_html(snapshot, follower.store.compositions) if follower else ""
        self._ledger.show(ledger_html(snapshot) + changed)
        self._searches.show(searches_html(snapshot, follower.store.searched() if follower else []))
        self._log.show(_log(list(follower.log)[-LOG_LINES:] if follower else []))


def _tiles(campaign: Campaign, session: Session) -> str:
    best = campaign.best
    last = campaign.models[-1] if campaign.models else None
    follower = session.follower
    proposals = follower.store.count_proposals() if follower else 0
    tiles = [
        ("best energy", "–" if best is None else f"{best.label_eV:.3f} eV"),
        ("labels", str(len(campaign.labels))),
        ("structures found", f"{proposals:,}"),
        ("error of the model on new labels", "–" if last is None else f"{last.mae_new_eV:.3f} eV"),
    ]
    return "".join(f"<div><b>{e(value)}</b><span>{e(name)}</span></div>" for name, value in tiles)


def _what_will_appear(campaign: Campaign) -> str:
    rules = campaign.rules
    if rules is None or campaign.models or not campaign.labels:
        return ""
    missing = rules.cold_start - len(campaign.labels)
    if missing <= 0:
        return "The first Δ-model is being fitted."
    return (
        f"σ and entropy appear once the Δ-model is fitted for the first time: after {missing} more "
        f"label{'s' * (missing > 1)}. Approve candidates on the page Review."
    )


def _log(recorded: list[Recorded]) -> str:
    rows = "".join(
        f'<div class="row"><time>{time.strftime("%H:%M:%S", time.localtime(item.time))}</time>'
        f'<span class="{_TONE.get(item.event.kind, "")}">{e(line(item.event))}</span></div>'
        for item in reversed(recorded)
    )
    return f'<h2>Log</h2><div class="rows" tabindex="0">{rows}</div>'
