"""Audit: every decision, who took it, how the name was proven, and what was shown at that moment."""

from __future__ import annotations

import io
import time
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboard.audit import KINDS, AuditRow, Trail, matching, to_csv, trail_of
from dashboard.panels.markup import Markup, chip, e
from dashboard.people import PROVEN
from dashboard.session import Session

PAGE = 100  # rows drawn at once
ALL = "everyone"
EVERY = "all kinds"
COLUMNS = ("time", "person", "decision", "candidate", "reason and note", "why it was chosen, as shown")
TONES = {
    "approve": "good",
    "veto": "bad",
    "defer": "quiet",
    "undo": "warn",
    "send": "good",
    "edit": "info",
    "retry": "good",
    "cancel": "warn",
    "refused": "bad",
    "control": "info",
    "budget": "accent",
    "rule": "info",
}
"""Tone of each kind of decision."""


class Audit:
    """The page for one session; `draw` brings it up to date."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._trail = Trail()
        self._campaign = ""
        self._limit = PAGE
        self._shown: tuple[Any, ...] = ()
        self._text = pmui.TextInput(
            placeholder="Filter: candidate, name, word", size="small", width=260, margin=0
        )
        self._person = pmui.Select(label="Who", options=[ALL], value=ALL, size="small", width=150, margin=0)
        self._kind = pmui.Select(
            label="What", options=[EVERY, *KINDS], value=EVERY, size="small", width=150, margin=0
        )
        self._count = Markup("dd-count", align="center", live=True)
        self._table = Markup("dd-audit", sizing_mode="stretch_width")
        self._more = pmui.Button(
            label="Show more", variant="outlined", size="small", visible=False, on_click=self._show_more
        )
        download = pmui.FileDownload(
            callback=self._csv,
            filename="audit.csv",
            label="Download CSV",
            css_classes=["dd-audit-csv"],
            variant="outlined",
            size="small",
            margin=0,
        )
        for widget, name in ((self._text, "value_input"), (self._person, "value"), (self._kind, "value")):
            widget.param.watch(lambda _: self._filtered(), name)
        filters = pn.FlexBox(
            self._text,
            self._person,
            self._kind,
            self._count,
            download,
            sizing_mode="stretch_width",
            align_items="center",
            gap="10px",
            margin=(0, 0, 14, 0),
        )
        self.view = pn.Column(filters, self._table, self._more, sizing_mode="stretch_width")

    def draw(self) -> None:
        """Show the decisions of the session's campaign."""
        session = self._session
        follower = session.follower
        if session.campaign != self._campaign:
            self._campaign, self._limit = session.campaign, PAGE
        self._trail = Trail() if follower is None else trail_of(follower.store)
        if follower is not None and session.snapshot is not None:
            self._trail.follow(follower.store, session.snapshot)
        wanted = (self._campaign, self._trail.seq, self._limit, *self._asked())
        if wanted == self._shown:
            return
        self._shown = wanted
        self._person.options = [ALL, *sorted({row.by for row in self._trail.rows})]
        rows = self._rows()
        n, total = len(rows), len(self._trail.rows)
        self._count.show(f"{n} of {total} decision{'s' * (total != 1)}")
        self._table.show(table(rows[: self._limit]) if total else _empty())
        self._more.visible = n > self._limit

    def _asked(self) -> tuple[str, str, str]:
        person, kind = self._person.value, self._kind.value
        text = self._text.value_input or ""
        return text, "" if person in (None, ALL) else person, "" if kind in (None, EVERY) else kind

    def _rows(self) -> list[AuditRow]:
        return matching(self._trail.rows, *self._asked())

    def _filtered(self) -> None:
        self._limit = PAGE
        self.draw()

    def _show_more(self, _: Any) -> None:
        self._limit += PAGE
        self.draw()

    def _csv(self) -> io.StringIO:
        return io.StringIO(to_csv(self._rows()))


def table(rows: list[AuditRow]) -> str:
    """Rows as an HTML table."""
    head = "".join(f"<th scope='col'>{e(name)}</th>" for name in COLUMNS)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Decisions">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_line, rows))}</tbody></table></div>"
    )


def _line(row: AuditRow) -> str:
    moment = time.localtime(row.time)
    words = row.words
    note = f"<q>{e(words.note)}</q>" if words.note else ""
    overruled = f"<span>{chip('overruled', 'warn')} {e(words.overruled)}</span>" if words.overruled else ""
    model = f'<span class="fine">{e(words.model_id)}</span>' if words.model_id else ""
    shown = f'<span class="fine">{e(words.shown)}</span>'
    said = f"<details><summary>all that was shown</summary>{shown}</details>"
    chosen = (e(words.why), model, said * bool(words.shown))
    cells = (
        f"<time>{time.strftime('%Y-%m-%d', moment)} <br>{time.strftime('%H:%M:%S', moment)}</time>",
        f'<b>{e(row.by)}</b><br><span class="fine">{e(PROVEN.get(row.auth, row.auth))}</span>',
        chip(row.kind, TONES[row.kind]),
        e(row.candidate) or "–",
        "".join(f"<div>{part}</div>" for part in (e(words.reason), note, overruled) if part) or "–",
        "".join(f"<div>{part}</div>" for part in chosen if part) or "–",
    )
    tags = "".join(
        f'<td data-label="{e(name)}">{cell}</td>' for name, cell in zip(COLUMNS, cells, strict=True)
    )
    return f'<tr data-kind="{e(row.kind)}" data-candidate="{e(row.candidate)}">{tags}</tr>'


def _empty() -> str:
    return (
        '<span class="fine">Nobody has decided anything yet. Every approval, veto, deferral and undo will '
        "stand here, with the reason and with what the page said at that moment. Decide on the page Review."
        "</span>"
    )
