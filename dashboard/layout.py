"""One tab, put together: top bar, rail, the page on the screen, keys and messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import panel as pn

from dashboard.appearance import Appearance
from dashboard.keys import KEYS
from dashboard.leftovers import Leftovers
from dashboard.news import Look, look, news
from dashboard.notices import notice, reading
from dashboard.panels import locked
from dashboard.panels.announcer import Announcer
from dashboard.panels.connection import Connection
from dashboard.panels.header import Header
from dashboard.panels.help_dialog import HelpDialog
from dashboard.panels.hotkeys import Hotkeys, Key
from dashboard.panels.markup import Markup, e
from dashboard.panels.notice_bar import NoticeBar
from dashboard.panels.notifier import Notifier
from dashboard.panels.quiet_page import quiet_page
from dashboard.panels.rail import GO, Rail
from dashboard.panels.replay_bar import ReplayBar
from dashboard.panels.skip_link import SkipLink
from dashboard.panels.surroundings import Surroundings
from dashboard.panels.tab_text import TabText
from dashboard.panels.toasts import Toasts
from dashboard.session import Session
from dashboard.shelf import Shelf
from dashboard.staying import Staying
from dashboard.tab import SHOW_A_CANDIDATE
from dashboard.theme import FITS_CSS
from dashboard.wall import Wall
from dashboard.welcome import Welcome
from engine.core import Campaign

FIELDS = {"n": "dd-note", "/": "dd-search"}
"""Keys that put the cursor into a field."""
REFRESH = 250  # ms between two looks at the log
BEATS = 4  # ticks between two beats of a page on which nothing else happens
CLASS_WORDS = {False: "Class mode: large type", True: "Leave class mode"}
"""What the button says, by whether the page is in class mode."""


class Desk:
    """Everything a tab shows; `page` is what is served, one word until the browser is ready for `open`.

    Panel drops what a component is told between the moment a browser fetched the document and the moment it
    says that it has drawn it. So the document that is fetched holds nothing that changes.
    """

    def __init__(self, session: Session, appearance: Appearance) -> None:
        self._session = session
        self._appearance = appearance
        self._notices = NoticeBar(session)
        self._replay = ReplayBar(session)
        self._notifier = Notifier()
        self._looked: Look | None = None
        self._announcer = Announcer()
        self._welcome = Welcome(session, appearance)
        self._pages = Shelf(session, appearance, self._welcome.begin)
        self._wall = Wall(appearance.dark) if appearance.class_mode else None
        self._help = HelpDialog(
            groups=[(group.title, group.keys) for group in KEYS],
            actions={
                "Show the tour": self._welcome.begin,
                CLASS_WORDS[appearance.class_mode]: lambda: appearance.choose_class(
                    not appearance.class_mode
                ),
            },
        )
        self._hotkeys = Hotkeys(self._press, self._pages.use, fields=FIELDS)
        self._header = Header(session, self._help.open)
        self._connection = Connection()
        self._toasts = Toasts()
        self._title = TabText()
        self._skip = SkipLink()
        self._heading = Markup("dd-heading")
        self._head = pn.Row(self._heading, height=0, margin=0)
        self._rail = Rail(session)
        self._going = False
        self._still = 0
        self._section = session.section
        self._staying = Staying(session)
        self._following: list[Callable[[], object]] = []
        self._leftovers = Leftovers(pn.state.curdoc)
        opening = Markup("dd-words", live=True)
        opening.show("Opening …")
        self._main = pn.Column(
            opening, sizing_mode="stretch_both", stylesheets=[FITS_CSS], styles={"padding": "16px 20px"}
        )
        self.page = quiet_page(
            dark=appearance.dark,
            class_mode=appearance.class_mode,
            title="deltadesk",
            sidebar=[self._rail.view],
            main=[self._main],
            sidebar_variant="auto",
            sidebar_open=False,
        )
        self._rail.stands_in(self.page)

    def open(self) -> None:
        """Show everything, and follow the session from now on."""
        session = self._session
        if self._staying.is_over() or not session.may("look"):
            self._lock()
            return
        session.refresh()
        with pn.io.hold():
            self.draw()
            self.page.header = self._header.items
            self.page.main = [self._main, self._invisible()]
            self.page.param.watch(lambda event: self._follow_theme(event.new), "dark_theme")
            self._follow_theme(self._appearance.dark)
            self._appearance.attach(self.page)
            session.notify = self._toasts.show
            watched = [
                "snapshot",
                "candidate",
                "sent",
                "taken_back",
                "conflicts",
                "marked",
                "queue_view",
                "page",
                "campaign",
                "section",
                "playback",
            ]
            watcher = session.param.watch(self._changed, watched)
        ticking = pn.state.add_periodic_callback(self.tick, period=REFRESH)
        self._following = [partial(session.param.unwatch, watcher), ticking.stop]

    def _lock(self) -> None:
        """Show nothing any more, and follow nothing: whoever looks here may not."""
        for end in self._following:
            end()
        session = self._session
        session.open("")
        session.end(None)
        self._pages.clear()
        with pn.io.hold():
            self.page.header = []
            self.page.sidebar = []
            self.page.main = [locked.words(session.person, self._staying.problem)]

    def _invisible(self) -> pn.Row:
        return pn.Row(
            self._hotkeys,
            self._toasts,
            self._title,
            self._help,
            self._connection,
            self._notifier,
            self._announcer,
            self._welcome.tour,
            self._skip,
            Surroundings(self._learn),
            height=0,
            width=0,
            margin=0,
        )

    def say(self, error: Exception) -> None:
        """Tell the person of an exception in a callback."""
        self._toasts.show(f"{type(error).__name__}: {error}", "bad", seconds=0)

    def tick(self) -> None:
        """Look at the log, and at what changes with the clock."""
        if self._staying.is_over():
            self._lock()
            return
        with pn.io.hold():
            self._replay.tick()
            self._replay.draw()
            self._session.refresh()
            self._session.appear()
            self._header.draw_company()
            self._rail.draw()
            self._draw_notice()
            shown = self._pages.shown()
            if self._session.page == "review":
                shown.draw_company()
                shown.follow_workers()
            else:
                shown.draw()
                self._hang(shown)
            self._beat()

    def _beat(self) -> None:
        """Tell the browser something, if only that there is nothing.

        Two writes that meet can make Panel (1.9) keep the second until it has another to send: a page would
        stay as it was before the last thing that happened. After a drawing there is another at once.
        """
        self._still = (self._still + 1) % BEATS
        if self._still == 1:
            self._connection.beat += 1

    def draw(self) -> None:
        """Show the session as it is."""
        session = self._session
        self._still = 0
        with pn.io.hold():
            self._header.draw(list(session.runtime.folders()))
            self._rail.draw()
            self._draw_notice()
            self._replay.draw()
            current = self._pages.shown()
            current.draw()
            self._hotkeys.taken = list(getattr(current, "taken_keys", ()))
            self._hang(current)
            self._heading.show(f"<h1>{e(self._rail.title)}</h1>")
            shown = [self._head, self._notices.view, self._replay.view, current.view]
            turned = list(self._main) != shown
            if turned:
                self._main[:] = shown
            turned |= self._section != session.section
            self._section = session.section
            self._title.text = self._tab_title()
            live = None if session.playback else session.snapshot  # the past has a caption that is spoken
            self._announcer.draw(live, len(session.waiting))
            self._welcome.draw()
        if turned:
            self._pages.let_go()
            self._leftovers()

    def _hang(self, page: Any) -> None:
        if self._wall is not None:
            self._wall.hang(page.view)

    def _changed(self, *events: Any) -> None:
        if any(event.name == "campaign" for event in events):
            self._pages.leave_campaign()
        first = {event.name for event in events} & {"sent", "candidate"}
        if self._session.page != "review" or not first:
            self._draw_changes()
            return
        # the outbox and the next candidate in 3D are there at once; all else follows in a message of its own
        if "sent" in first:
            self._pages.shown().draw_outbox()
        if "candidate" in first:
            self._pages.shown().draw_structure()
        pn.state.curdoc.add_next_tick_callback(self._draw_changes)

    def _draw_changes(self) -> None:
        self.draw()
        self._tell()
        session = self._session
        if pn.state.location is not None:
            shown = {
                "campaign": session.campaign,
                "page": session.page,
                "candidate": session.candidate or "",
                "section": session.section if session.page == "data" else "",
                "at": str(session.playback.replay.position) if session.playback else "",
            }
            query = {**pn.state.location.query_params, **shown}
            pn.state.location.search = f"?{urlencode({key: said for key, said in query.items() if said})}"

    def _draw_notice(self) -> None:
        session = self._session
        problem, follower = session.runtime.problem(session.campaign), session.follower
        if session.playback:
            said = None
        elif not problem and session.snapshot is None and follower is not None and follower.unread:
            said = reading(follower.campaign.seq, follower.unread)
        else:
            said = notice(session.snapshot, problem, time.time())
        self._notices.draw(said)

    def _tell(self) -> None:
        """Notify a person who looks elsewhere of what calls for them, now."""
        session = self._session
        snapshot: Campaign | None = None if session.playback else session.snapshot
        before, self._looked = self._looked, snapshot and look(snapshot, len(session.waiting))
        if before and self._looked and self._appearance.preferences.notify:
            said = news(before, self._looked)
            if said:
                self._notifier.show(session.campaign, said)

    def _tab_title(self) -> str:
        waiting = len(self._session.waiting) if self._session.campaign else 0
        return (f"({waiting}) " if waiting else "") + self._rail.title

    def _follow_theme(self, dark: bool) -> None:
        ours = [
            self._toasts,
            self._help,
            self._connection,
            self._welcome.tour,
            self._skip,
            *self._replay.components,
        ]
        for component in [*self._pages.components, *ours]:
            component.dark = dark
        if self._wall is not None:
            self._wall.follow(dark)

    def _learn(self, dark: bool, narrow: bool) -> None:
        """Take what the browser says: its colours, and whether the rail has room beside the page."""
        self._appearance.system_said(dark)
        self._rail.is_narrow(narrow)

    def _press(self, key: Key) -> None:
        if self._going:
            self._going = False
            if key.key in GO:
                self._rail.go(GO[key.key])
            return
        state = self._session.snapshot.state if self._session.snapshot else ""
        if self._replay.press(key.key):
            return
        match key.key:
            case "g":
                self._going = True
            case "?":
                self._help.open()
            case "p" if state in ("running", "paused"):
                self._session.control("pause" if state == "running" else "resume")
            case "l" if self._session.page in SHOW_A_CANDIDATE:
                self._session.page = "landscape"
            case _ if self._session.page in ("review", "landscape", "data"):
                self._pages.use()
                self._pages.shown().press(key)
                self._hotkeys.taken = list(getattr(self._pages.shown(), "taken_keys", ()))
