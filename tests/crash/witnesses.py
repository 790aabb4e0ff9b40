"""What must hold after every kill, by what stands outside the program."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

from engine.core import ReferenceCompleted, fold
from engine.references.folder import read_result
from tests.crash import toys
from tests.support import history, toy


@dataclass
class Verdict:
    """Figures of one round, and in words what was broken.

    Attributes
    ----------
    acknowledged : decisions that the command line said yes to
    started, completed : reference calculations, by their own lines
    repeated : completed ones that were calculated again because their job was killed before its result was
        written: nobody can know of them
    """

    acknowledged: int = 0
    started: int = 0
    completed: int = 0
    repeated: int = 0
    labels: int = 0
    broken: list[str] = field(default_factory=list)


def examine(folder, job_was_killed):
    """Hold the log against decisions, lines of the reference and results in the job folders."""
    log = history.events(folder)
    verdict = Verdict()
    _decisions(folder, log, verdict)
    _calculations(folder, log, verdict, int(job_was_killed))
    campaign = fold(log)
    if campaign.state != "finished" or campaign.spent != campaign.rules.budget:
        verdict.broken.append(f"it ended {campaign.state}, {campaign.spent} spent: {campaign.state_reason}")
    with closing(sqlite3.connect(folder / "campaign.db")) as database:
        (intact,) = database.execute("PRAGMA integrity_check").fetchone()
        if intact != "ok":
            verdict.broken.append(f"the database is damaged: {intact}")
    return verdict


def _decisions(folder, log, verdict):
    """Each decision that was acknowledged is in the log, and none is there that nobody asked for."""
    path = folder / toys.DECISIONS
    notes = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    by_person = [item for item in log if item.command_id and item.event.kind in toys.EVENTS.values()]
    found = Counter((toys.about(item.event), item.event.kind) for item in by_person)
    asked, acknowledged, refused = (
        Counter((subject, toys.EVENTS[verdict]) for word, subject, verdict in notes if word == answer)
        for answer in ("asked", "acknowledged", "refused")
    )
    verdict.acknowledged = acknowledged.total()
    verdict.broken += [f"{' '.join(key)} was acknowledged and is lost" for key in acknowledged - found]
    verdict.broken += [
        f"{' '.join(key)} was applied more often than asked" for key in found - (asked - refused)
    ]
    wishes = Counter(item.command_id for item in by_person)
    verdict.broken += [f"wish {wish} was applied {n} times" for wish, n in wishes.items() if n > 1]


def _calculations(folder, log, verdict, may_repeat):
    """No result is lost, no candidate has two labels, none was calculated twice to its end."""
    starts, ends = toy.witnessed(folder)
    completed = [item.event for item in log if isinstance(item.event, ReferenceCompleted)]
    labels = {(event.candidate, event.attempt): event.energy_eV for event in completed}
    results = {
        _key(path.parent): read_result(path.parent) for path in folder.glob("references/*/result.json")
    }
    finished = {key: result.energy for key, result in results.items() if not result.failure}
    verdict.started, verdict.completed, verdict.labels = len(starts), len(ends), len(completed)
    verdict.repeated = len(ends) - len(set(ends))
    if verdict.repeated > may_repeat:
        verdict.broken.append(f"{verdict.repeated} calculations were completed twice")
    if finished != labels:
        verdict.broken.append(f"results {json.dumps(sorted(finished))}, labels {json.dumps(sorted(labels))}")
    if len({candidate for candidate, _ in labels}) != len(completed):
        verdict.broken.append("a candidate has two labels")
    if len(set(ends)) < len(labels) or not set(ends) <= set(starts):
        verdict.broken.append("a label has no calculation")


def _key(folder):
    candidate, _, attempt = folder.name.rpartition("-")
    return candidate, int(attempt)
