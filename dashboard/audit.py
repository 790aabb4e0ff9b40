"""The audit trail: who decided what, when, and what was shown at that moment. Pure functions of the log."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import singledispatch
from sys import intern
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from dashboard.shown import in_words
from dashboard.words import changes, edit_words
from engine.core import (
    BudgetChanged,
    Campaign,
    CancelRequested,
    Candidate,
    CandidateApproved,
    CandidateDeferred,
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


class AuditRow(NamedTuple):
    """One decision; `time` in s since 1970, `why`, `model_id` and `shown` as the person saw them.

    A log of 10^4 decisions stays in memory and a page draws a hundred of them: its words are packed.
    """

    seq: int
    time: float
    by: str
    auth: str
    candidate: str
    kind: str
    packed: bytes

    @property
    def words(self) -> Words:
        """What else the row says."""
        unpacked = zlib.decompressobj(zdict=_USUAL).decompress(self.packed)
        return Words(*json.loads(unpacked))


class Words(NamedTuple):
    """The long part of a row.

    `shown`: what else the page said, in one line; empty of decisions before that was kept, and of those of
    whom no page asked.
    """

    reason: str = ""
    note: str = ""
    overruled: str = ""
    why: str = ""
    model_id: str = ""
    shown: str = ""


_USUAL = (
    "duplicate fragmented atoms too close unphysical other Chosen because its energy is uncertain by σ = eV "
    "while its predicted energy lies eV below the best label above the lowest proposal; "
    "it differs most from; all its atoms are about equally well known from labels (σ ≈ eV each). "
    "has 1.4× the σ of its typical atom: its environment is the least like the labelled structures. "
    '","m-0001","predicted − ± eV; promise −1.61 eV; uncertainty +19.37 eV; checks −0.00 eV; '
    "diversity +0.08 eV; nearest label c-000100, 0.51 % of the SOAP vector away; "
    "cost about ms on one core; 80 % of labels of atoms took ms to ms; Expected improvement: "
    "on average its label lies eV below the best so far (one that is not below counts as 0), "
    "eV for each hour of a core; rank of 12: all terms 1, without promise 1, without uncertainty 1, "
    'without diversity 1"]'
).encode()
"""What most rows say: they are packed against it, in a third of the room."""
_NAMES = (*AuditRow._fields[:-1], *Words._fields)


class Trail:
    """Rows of a log that grows, oldest first; `seq` is the last event that was read.

    Only events of `kinds` say anything here.
    """

    def __init__(self) -> None:
        self.seq = 0
        self.rows: list[AuditRow] = []

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of what a person or a policy decided."""
        return tuple(kind.__name__ for kind in _said.registry if kind is not object)

    def follow(self, store: Store, campaign: Campaign) -> None:
        """Read what was written up to this snapshot."""
        if campaign.seq > self.seq:
            news = store.events(after=self.seq, up_to=campaign.seq, kinds=self.kinds)
            self.extend(news, campaign.candidates)
            self.seq = campaign.seq

    def extend(self, recorded: Iterable[Recorded], candidates: Mapping[str, Candidate]) -> None:
        """Read the events that follow, about these candidates."""
        for item in recorded:
            self.seq = item.seq
            said = _said(item.event)
            if said is not None:
                self.rows.append(_row(item, said, candidates))


def _row(item: Recorded, said: dict[str, str], candidates: Mapping[str, Candidate]) -> AuditRow:
    told = {name: getattr(item.event, name, "") for name in ("candidate", "by", "auth", "note", "reason")}
    told |= said
    about = candidates.get(told["candidate"] or "")
    why, model_id, shown = ("", "", "") if about is None else (about.why, about.model_id, "")
    if (page := getattr(item.event, "shown", None)) is not None:
        why, model_id, shown = page.sentence or why, page.model_id, in_words(page)
    packer = zlib.compressobj(zdict=_USUAL)
    words = Words(told["reason"], told["note"], told.get("overruled", ""), why, model_id, shown)
    return AuditRow(
        seq=item.seq,
        time=item.time,
        by=intern(told["by"]),
        auth=intern(told["auth"]),
        candidate=(told["candidate"] or "") if about is None else about.id,
        kind=told["kind"],
        packed=packer.compress(json.dumps(words, ensure_ascii=False).encode()) + packer.flush(),
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
        said = " ".join((*row[2:-1], *row.words)).casefold() if words else ""
        return all(word in said for word in words)

    return [row for row in reversed(list(rows)) if passes(row)]


def to_csv(rows: Iterable[AuditRow]) -> str:
    """Comma-separated text with a header line; times in ISO 8601 (UTC), nothing a spreadsheet would run."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_NAMES)
    for row in rows:
        time = datetime.fromtimestamp(row.time, UTC).isoformat(timespec="milliseconds")
        writer.writerow([row.seq, time, *(inert(word) for word in (*row[2:-1], *row.words))])
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
