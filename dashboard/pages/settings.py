"""Settings: colours, notifications, the budget of the campaign on the screen, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import panel as pn
import panel_material_ui as pmui

from dashboard.appearance import Appearance
from dashboard.keys import keys_html
from dashboard.panels.budget import Budget
from dashboard.panels.markup import Markup, e
from dashboard.panels.notifier import NotifyButton
from dashboard.panels.thresholds import Thresholds
from dashboard.people import PROVEN, WORDS, Person, standing
from dashboard.preferences import Theme
from dashboard.session import Session
from engine import config
from engine.config import CampaignSettings
from engine.errors import DeltadeskError
from engine.programs import programs

RUNS = "Named in campaign.toml or on the command line; a model file runs code. No page changes this."
FRAME = {"border": "1px solid", "borderColor": "divider", "p": 2, "width": "100%"}


class Settings:
    """The page for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, appearance: Appearance) -> None:
        self._session = session
        self._appearance = appearance
        self._theme = pmui.RadioButtonGroup(
            options=list(get_args(Theme)),
            value=appearance.preferences.theme,
            size="small",
            margin=0,
            css_classes=["dd-theme"],
        )
        self._theme.param.watch(self._chose, "value")
        self._class_mode = pmui.Switch(
            label="Class mode: type that a room can read",
            value=appearance.class_mode,
            css_classes=["dd-class-mode"],
            margin=(10, 0, 0, 0),
        )
        self._class_mode.param.watch(lambda event: appearance.choose_class(event.new), "value")
        self.show_tour: Callable[[], object] = lambda: None
        tour = pmui.Button(
            label="Show the tour",
            size="small",
            variant="outlined",
            css_classes=["dd-show-tour"],
            on_click=lambda _: self.show_tour(),
            margin=0,
        )
        self._notify = NotifyButton(
            lambda on: appearance.remember(notify=on), on=appearance.preferences.notify
        )
        self._budget = Budget(session)
        self._spend = _section("Budget", self._budget.view)
        self._you = Markup("dd-you", sizing_mode="stretch_width")
        self._programs = Markup("dd-programs", sizing_mode="stretch_width")
        self._looked_at: tuple[str, int, float] | None = None
        self._run = _section("What this campaign runs", self._programs, words=RUNS)
        self._thresholds = Thresholds(session)
        self._limits = _section(
            "Thresholds",
            self._thresholds.view,
            words="What is flagged, what you are asked about, and when enough is known.",
        )
        keys = Markup("dd-keys", sizing_mode="stretch_width")
        keys.show(keys_html())
        self.view = pn.Column(
            _section("You", self._you),
            _section(
                "Colours and type", self._theme, self._class_mode, words="Remembered for you on this server."
            ),
            _section(
                "Notifications", self._notify, words="For when you look elsewhere: this page stays open."
            ),
            self._spend,
            self._limits,
            self._run,
            _section("Tour", tour, words="Where things are on the page Review, in four cards."),
            _section("Keys", keys, words="Off while you type in a field."),
            sizing_mode="stretch_width",
            max_width=860,
            css_classes=["dd-settings"],
            styles={"gap": "16px"},
        )

    @property
    def components(self) -> list[Any]:
        """Components that follow the theme."""
        return [self._notify]

    @property
    def untouched(self) -> bool:
        """Whether nothing is typed here that is not written yet: it can be made anew."""
        return self._budget.untouched and self._thresholds.untouched

    def draw(self) -> None:
        """Show the session's campaign, and what is remembered."""
        self._you.show(_you(self._session.person))
        theme = self._appearance.preferences.theme
        if self._theme.value != theme:
            self._theme.value = theme
        snapshot = self._session.snapshot
        known = snapshot is not None and snapshot.rules is not None
        self._spend.visible = known and self._session.may("administer")
        self._limits.visible = self._spend.visible
        self._run.visible = known
        if not known:
            return
        self._budget.draw(snapshot)
        self._draw_file(snapshot.settings_seq)

    def _draw_file(self, settings_seq: int) -> None:
        """Look at campaign.toml and at the files it names, once for each of its versions."""
        name = self._session.campaign
        try:
            folder = self._session.runtime.folders()[name]
            about = name, settings_seq, (folder / config.FILENAME).stat().st_mtime
            if about == self._looked_at:
                return
            self._looked_at = about
            settings = config.load(folder)
        except (DeltadeskError, KeyError, OSError) as error:
            self._programs.show(f'<span class="bad">{e(error)}</span>')
            self._limits.visible = False  # it holds those of the file before
            return
        self._programs.show(programs_html(settings))
        self._thresholds.draw(settings)

    def _chose(self, event: Any) -> None:
        if event.new and event.new != self._appearance.preferences.theme:
            self._appearance.choose(event.new)


def _you(person: Person) -> str:
    leave = "" if person.auth == "local" else '<p><a href="./logout">Sign out</a></p>'
    return (
        f"<p><b>{e(person.name)}</b> ({e(PROVEN[person.auth])}), who {WORDS[standing(person)[0]]}.</p>{leave}"
    )


def programs_html(settings: CampaignSettings) -> str:
    """What campaign.toml names that runs, a row each; a file with what it held when it was looked at."""
    installed = f"{settings.potential.name}, {settings.reference.name}"
    head = f"<p>Potential and reference: <b>{e(installed)}</b>, as installed.</p>"
    rows = "".join(
        f"<tr><td>{e(one.setting)}</td><td>{e(one.name)}"
        + (f"<br><code>sha256 {e(one.sha256)}</code>, {one.size:,} bytes" if one.sha256 else "")
        + "</td></tr>"
        for one in programs(settings)
    )
    return f"{head}<table><tbody>{rows}</tbody></table>" if rows else head


def _section(title: str, *parts: Any, words: str = "") -> Any:
    head = Markup("dd-words", sizing_mode="stretch_width", margin=(0, 0, 10, 0))
    fine = f'<span class="fine">{e(words)}</span>' if words else ""
    head.show(f"<h2 class='title'>{e(title)}</h2>{fine}")
    return pmui.Paper(head, *parts, elevation=0, sx=FRAME, margin=0, sizing_mode="stretch_width")
