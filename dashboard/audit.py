"""The audit trail: who decided what, when, and what was shown at that moment. Pure functions of the log."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import singledispatch
from operator import attrgetter
from typing import Any
from weakref import WeakKeyDictionary

from dashboard.shown import in_words
from dashboard.words import changes, edit_words
from engine.core import (
    BudgetChanged,
    CancelRequested,
    CandidateApproved,
    CandidateDeferred,
    CandidateEdited,
    CandidateSelected,
    CandidateVetoed,
    CommandRefused,
    DecisionUndone,
    EditAsked,
    HoldEnded,
    Recorded,
    RetryApproved,
    RunControlled,
    SettingsChanged,
    VetoRule,
    VetoRuleAdopted,
    VetoRuleDropped,
)
from engine.spreadsheet import inert
from engine.store import Store

KINDS = (
    "approve",
    "veto",
    "defer",
    "undo",
    "send",
    "edit",
    "retry",
    "cancel",
    "refused",
    "control",
    "budget",
    "rule",
)


@dataclass(frozen=True)
class AuditRow:
    """One decision; `time` in s since 1970, `why`, `model_id` and `shown` as the person saw them.

    `shown`: what else the page said, in one line; empty of decisions before that was kept, and of those of
    whom no page asked.
    """

    seq: int
    time: float
    by: str
    auth: str
    candidate: str
    kind: str
    reason: str
    note: str
    overruled: str
    why: str
    model_id: str
    packed: bytes = b""

    @property
    def shown(self) -> str:
        """Unpacked: a log of 10^4 decisions stays in memory, and a page draws a hundred of them."""
        return zlib.decompress(self.packed).decode() if self.packed else ""


_NAMES = (*(field.name for field in fields(AuditRow)[:-1]), "shown")
_WORDS = attrgetter(*_NAMES[2:])
"""All that a row says but its number and time."""


class Trail:
    """Rows of a log that grows, oldest first; `seq` is the last event that was read.

    Only events of `kinds` say anything here.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.rows: list[AuditRow] = []
        self._chosen: dict[str, tuple[str, str]] = {}  # why, and by which model

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of what a person or a policy decided, and of what it was decided about."""
        about = (CandidateSelected, CandidateEdited)
        return tuple(kind.__name__ for kind in (*about, *_said.registry) if kind is not object)

    def follow(self, store: Store, seq: int) -> None:
        """Read what was written up to the event `seq`."""
        if seq > self.seq:
            self.extend(store.events(after=self.seq, up_to=seq, kinds=self.kinds))
            self.seq = seq

    def extend(self, recorded: Iterable[Recorded]) -> None:
        """Read the events that follow."""
        for item in recorded:
            self.seq = item.seq
            match item.event:
                case CandidateSelected() | CandidateEdited(candidate=str()):
                    self._chosen[str(item.event.candidate)] = (item.event.reason, item.event.model_id)
                    continue
            said = _said(item.event)
            if said is not None:
                self.rows.append(self._row(item, said))

    def _row(self, item: Recorded, said: dict[str, str]) -> AuditRow:
        candidate = getattr(item.event, "candidate", None) or ""
        why, model_id = self._chosen.get(candidate, ("", ""))
        shown = getattr(item.event, "shown", None)
        words = {
            "candidate": candidate,
            "by": getattr(item.event, "by", ""),
            "auth": getattr(item.event, "auth", ""),
            "note": getattr(item.event, "note", ""),
            "reason": getattr(item.event, "reason", ""),
            "overruled": "",
            **said,
        }
        return AuditRow(
            seq=item.seq,
            time=item.time,
            why=why if shown is None or shown.sentence in ("", why) else shown.sentence,
            model_id=model_id if shown is None else shown.model_id,
            packed=b"" if shown is None else zlib.compress(in_words(shown).encode()),
            **words,
        )


_trails: WeakKeyDictionary[Store, Trail] = WeakKeyDictionary()


def trail_of(store: Store) -> Trail:
    """What all tabs of this process read of one campaign: a decision is a kilobyte."""
    return _trails.setdefault(store, Trail())


def matching(rows: Iterable[AuditRow], text: str = "", person: str = "", kind: str = "") -> list[AuditRow]:
    """Rows that hold all words of `text`, newest first; an empty filter lets everything pass."""
    words = text.casefold().split()

    def passes(row: AuditRow) -> bool:
        if (person and row.by != person) or (kind and row.kind != kind):
            return False
        said = " ".join(_WORDS(row)).casefold() if words else ""
        return all(word in said for word in words)

    return [row for row in reversed(list(rows)) if passes(row)]


def to_csv(rows: Iterable[AuditRow]) -> str:
    """Comma-separated text with a header line; times in ISO 8601 (UTC), nothing a spreadsheet would run."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_NAMES)
    for row in rows:
        time = datetime.fromtimestamp(row.time, UTC).isoformat(timespec="milliseconds")
        writer.writerow([row.seq, time, *(inert(word) for word in _WORDS(row))])
    return out.getvalue()


@singledispatch
def _said(_event: object) -> dict[str, Any] | None:
    """What a row says beyond the event's own fields; None for what nobody decided."""
    return None


@_said.register
def _(event: CandidateApproved) -> dict[str, Any]:
    return {"kind": "approve", "overruled": ", ".join(event.overruled)}


@_said.register
def _(_event: CandidateVetoed) -> dict[str, Any]:
    return {"kind": "veto"}


@_said.register
def _(event: CandidateDeferred) -> dict[str, Any]:
    return {"kind": "defer", "reason": f"until the {event.until}" if event.until else ""}


@_said.register
def _(_event: HoldEnded) -> dict[str, Any]:
    return {"kind": "send"}


@_said.register
def _(event: EditAsked) -> dict[str, Any]:
    return {"kind": "edit", "candidate": event.parent, "reason": edit_words(event)}


@_said.register
def _(_event: DecisionUndone) -> dict[str, Any]:
    return {"kind": "undo"}


@_said.register
def _(event: RetryApproved) -> dict[str, Any]:
    return {"kind": "retry", "reason": changes(event.change)}


@_said.register
def _(_event: CancelRequested) -> dict[str, Any]:
    return {"kind": "cancel"}


@_said.register
def _(event: CommandRefused) -> dict[str, Any]:
    return {"kind": "refused", "reason": f"{event.command}: {event.reason}"}


@_said.register
def _(event: RunControlled) -> dict[str, Any]:
    return {"kind": "control", "reason": " ".join(part for part in (event.action, event.reason) if part)}


@_said.register
def _(event: BudgetChanged) -> dict[str, Any]:
    return {"kind": "budget", "reason": f"{event.budget} reference calculations"}


@_said.register
def _(event: VetoRuleAdopted) -> dict[str, Any]:
    words = f"switched on: flags {VetoRule.of(event, 0.0).words}"
    return {"kind": "rule", "reason": " ".join(part for part in (f"{words}.", event.reason) if part)}


@_said.register
def _(event: VetoRuleDropped) -> dict[str, Any]:
    return {"kind": "rule", "reason": f"switched off: {event.rule}"}


@_said.register
def _(event: SettingsChanged) -> dict[str, Any]:
    return {
        "kind": "control",
        "by": "campaign.toml",
        "auth": "file",
        "reason": f"edited: {', '.join(event.changed)}",
    }
