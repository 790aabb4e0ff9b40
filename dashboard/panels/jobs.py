"""Reference calculations that run: since when, what they have cost so far, and a button that ends each."""

from __future__ import annotations

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.markup import Markup, chip, e
from dashboard.session import Session
from dashboard.words import age
from engine.core import Campaign, Candidate, Status


class Jobs:
    """The list for one session; `draw` brings it up to date."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: dict[tuple[str, int], _Job] = {}
        self._title = Markup("dd-words", sizing_mode="stretch_width")
        self.view = pn.Column(
            self._title, sizing_mode="stretch_width", css_classes=["dd-jobs"], margin=(0, 0, 18, 0)
        )

    def draw(self, campaign: Campaign, now: float) -> None:
        """Show what runs at time `now` (s since 1970)."""
        running = campaign.with_status(Status.SUBMITTED)
        none = "" if running else '<span class="fine">None runs.</span>'
        self._title.show(f"<h2>Reference calculations</h2>{none}")
        rows = {
            (c.id, c.attempt): self._rows.get((c.id, c.attempt)) or _Job(self._session, c) for c in running
        }
        if list(rows) != list(self._rows):
            self._rows = rows
            self.view[:] = [self._title, *(row.view for row in rows.values())]
        for candidate, row in zip(running, rows.values(), strict=True):
            row.draw(candidate, now)


class _Job:
    def __init__(self, session: Session, candidate: Candidate) -> None:
        self._session = session
        self._text = Markup("dd-job", sizing_mode="stretch_width", align="center")
        self._cancel = pmui.Button(
            label="Cancel",
            size="small",
            variant="outlined",
            color="error",
            css_classes=["dd-cancel"],
            align="center",
            margin=(0, 0, 0, 8),
            on_click=lambda _: session.cancel(candidate.id),
        )
        self.view = pn.Row(self._text, self._cancel, sizing_mode="stretch_width", margin=(2, 0))

    def draw(self, candidate: Candidate, now: float) -> None:
        """Show what it has cost by now."""
        elapsed = max(0.0, now - (candidate.submitted_time or now))
        cost = f", {age(elapsed * candidate.cores)} of core time" if candidate.cores > 1 else ""
        ends = f"; {candidate.cancel.by} cancels it" if candidate.cancel else ""
        self._text.show(
            f"<div>{chip(candidate.id, 'info')} attempt {candidate.attempt}, {age(elapsed)} so far{cost}"
            f"{e(ends)}</div>"
        )
        self._cancel.visible = self._session.may("curate") and candidate.cancel is None
