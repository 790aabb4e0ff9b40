"""The top bar: which campaign, its state, its budget, and the buttons that hold or end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.company import faces_html
from dashboard.panels.markup import Markup, chip, e
from dashboard.session import Session
from dashboard.theme import NARROW
from dashboard.words import headline, progress
from engine.core import Campaign, Refit, Status, due

_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16" height="16" fill="currentColor">'
)
PAUSE = f'{_SVG}<path d="M6 5h4v14H6zm8 0h4v14h-4z"/></svg>'
RESUME = f'{_SVG}<path d="M8 5v14l11-7z"/></svg>'
STOP = f'{_SVG}<path d="M6 6h12v12H6z"/></svg>'
HELP = f'{_SVG}<text x="12" y="20" text-anchor="middle" font-size="22" font-weight="700">?</text></svg>'
_NARROW = f"@media (max-width: {NARROW}px)"
NARROW_SELECT = (
    f"{_NARROW} {{ :host {{ width: 96px !important; min-width: 0 !important; flex: none !important; }} "
    ".MuiFormControl-root { width: 96px !important; min-width: 0 !important; } }"
)
NARROW_HOST = f"{_NARROW} {{ :host {{ margin: 0 1px !important; width: auto !important; }} }}"
SIGN_ALONE = {
    "fontSize": 0,
    "minWidth": 32,
    "padding": "4px",
    "& .MuiButton-startIcon, & .MuiButton-icon": {"margin": 0},
}
NARROW_BUTTON = {_NARROW: SIGN_ALONE}
"""Where there is no room, the buttons show their signs alone; their labels stay for those who listen."""


class Header:
    """Widgets of the top bar; `draw` brings them up to date.

    Parameters
    ----------
    on_help : shows the keys and what else is explained
    """

    def __init__(self, session: Session, on_help: Callable[[], object]) -> None:
        self._session = session
        self._select = pmui.Select(
            options=[],
            size="small",
            variant="outlined",
            width=170,
            margin=0,
            align="center",
            label="Campaign",
            stylesheets=[NARROW_SELECT],
        )
        self._select.param.watch(self._chosen, "value")
        self._state = Markup("dd-state", align="center", margin=(0, 14))
        self._budget = Markup("dd-budget", align="center")
        self._company = Markup("dd-company", align="center", margin=(0, 8))
        self._pause = _button("Pause", PAUSE, "dd-pause", lambda: session.control("pause"))
        self._resume = _button("Resume", RESUME, "dd-resume", lambda: session.control("resume"))
        self._stop = _button("Stop", STOP, "dd-stop", lambda: session.control("stop"))
        self._help = _button("Keys and help", HELP, "dd-open-help", on_help, sx=SIGN_ALONE, visible=True)

    @property
    def items(self) -> list[Any]:
        """What stands in the bar, from left to right."""
        return [
            self._select,
            self._state,
            self._budget,
            pn.layout.HSpacer(),
            self._company,
            self._pause,
            self._resume,
            self._stop,
            self._help,
        ]

    def draw(self, names: list[str]) -> None:
        """Show the session's newest snapshot."""
        session = self._session
        if session.campaign and session.campaign not in names:
            names = [*names, session.campaign]  # a recording
        self._select.options = names
        self._select.visible = bool(names)
        if session.campaign in names and self._select.value != session.campaign:
            self._select.value = session.campaign
        snapshot: Campaign | None = session.snapshot
        state = "idle" if snapshot is None else snapshot.state
        steers = session.may("administer")
        self._pause.visible = steers and state == "running"
        self._resume.visible = steers and state in ("paused", "stopped", "failed", "finished")
        self._stop.visible = steers and state in ("running", "paused", "failed")
        shown = snapshot is not None and snapshot.rules is not None
        self._state.show(state_html(snapshot, session.now) if shown and snapshot else "")
        self._budget.show(_budget(snapshot) if shown and snapshot else "")
        self.draw_company()

    def draw_company(self) -> None:
        """Show who else is in this campaign."""
        self._company.show(faces_html(self._session.others))

    def _chosen(self, event: Any) -> None:
        if event.new and event.new != self._session.campaign:
            self._session.open(event.new)


def state_html(campaign: Campaign, now: float) -> str:
    """The state as a chip, and others for what goes on besides."""
    head = headline(campaign)
    running = len(campaign.with_status(Status.SUBMITTED))
    said = f'<span title="{e(head.help)}">{chip(head.chip, head.tone)}</span>'
    if running and "RUNNING" not in head.chip:
        said += f" {chip(f'{running} reference running', 'info')}"
    labels = next((len(owed.labels) for owed in due(campaign, now) if isinstance(owed, Refit)), None)
    if labels is not None:
        words = f"A worker fits the Δ-model to {labels} labels; what you decide meanwhile counts."
        said += f' <span title="{words}">{chip("refitting", "info")}</span>'
    return said


def _budget(campaign: Campaign) -> str:
    budget = campaign.rules.budget if campaign.rules else 0
    spent, promised = campaign.spent, campaign.approved
    words = f"<b>{spent}</b> of <b>{budget}</b> labels spent · <b>{campaign.left}</b> left"
    if promised:
        words += f" · {promised} approved"
    bars = "".join(
        f'<i class="{name}" style="width:{100 * part / max(budget, 1):.1f}%"></i>'
        for name, part in (("spent", spent), ("promised", promised))
    )
    return (
        f'<span class="words">{words}</span><span class="bar">{bars}</span>'
        f'<span class="round">{e(progress(campaign))}</span>'
    )


def _button(label: str, icon: str, hook: str, act: Callable[[], object], **look: Any) -> Any:
    told = {"visible": False, "sx": NARROW_BUTTON, **look}
    return pmui.Button(
        label=label,
        icon=icon,
        css_classes=[hook],
        variant="outlined",
        size="small",
        align="center",
        margin=(0, 4),
        stylesheets=[NARROW_HOST],
        on_click=lambda _: act(),
        **told,
    )
