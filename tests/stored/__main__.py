"""Make a stored campaign of today's version: ``python -m tests.stored v2`` writes ``tests/stored/v2.zip``.

A few people's decisions and a few labels of a five-atom cluster, and beside it in ``v2.json`` what this
version says of them; ``v2-more`` is one that has met every other kind of event. Each is made once for each
version of the events, is never made again, and every later version must open it and say the same.
"""

import argparse
import json
import os
import signal
import sqlite3
import tempfile
import time
import zipfile
from contextlib import closing
from pathlib import Path

from engine.core import ApproveCandidate, DeferCandidate, UndoDecision, VetoCandidate
from engine.store import Store
from tests.engine.loop.test_crash import campaign, start, wait_for
from tests.stored import more
from tests.support import toy

ADA = {"by": "ada", "auth": "local"}


def make(folder):
    """Let ada decide about a toy campaign until there are two labels and a model."""
    toy.make(folder, policy="person", pace="live", budget=6, queue=8)
    text = (folder / "campaign.toml").read_text()
    (folder / "campaign.toml").write_text(f'{text.split("[reference]")[0]}[reference]\nname = "emt"\n')
    server = start(folder)
    wait_for(lambda: len(campaign(folder).waiting) >= 4, 600)
    first, second, third, fourth = [c.id for c in campaign(folder).waiting[:4]]
    store = Store(folder)
    for wish in (
        VetoCandidate(**ADA, candidate=first, reason="other", note="by mistake"),
        UndoDecision(**ADA, candidate=first),
        ApproveCandidate(**ADA, candidate=first),
        DeferCandidate(**ADA, candidate=second, note="later"),
        VetoCandidate(**ADA, candidate=third, reason="atoms too close"),
        ApproveCandidate(**ADA, candidate=fourth),
    ):
        command_id = store.post(wish, time.time())
        wait_for(lambda command_id=command_id: store.answer(command_id), 60)
    wait_for(lambda: campaign(folder).models, 600)
    wait_for(lambda: len(campaign(folder).waiting) >= 2, 600)
    os.killpg(server.pid, signal.SIGINT)
    server.wait(timeout=60)
    store.close()


def pack(folder, path):
    """Put what a person would copy into one file, without the database's side files."""
    with closing(sqlite3.connect(folder / "campaign.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("VACUUM")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        kept = [folder / "campaign.toml", folder / "campaign.db"]
        kept += [*sorted(folder.glob("models/*")), *sorted(folder.glob("references/*/*.json"))]
        for file in kept:
            archive.write(file, file.relative_to(folder))


def said(folder):
    """What a campaign's log comes to, in words that outlast the code."""
    known = campaign(folder)
    everyone = sorted(known.candidates.values(), key=lambda c: c.id)
    return {
        "events": known.seq,
        "state": known.state,
        "model": known.model_id,
        "candidates": {c.id: c.status for c in everyone},
        "labels_eV": {c: known.candidates[c].label_eV for c in known.labels},
        "budget": known.rules.budget,
        "spent": known.spent,
        "imported": [labels.count for labels in known.imports],
        "rules": [rule.name for rule in known.veto_rules],
        "flagged": {c.id: [flag.reason for flag in c.flags] for c in everyone if c.flags},
        "failed": {c.id: [failure.kind for failure in c.failures] for c in everyone if c.failures},
        "followed": {c.id: c.leader for c in everyone if c.leader},
        "edited": {c.id: c.parent for c in everyone if c.generator == "edit"},
        "controls": {c.id: c.control_of for c in everyone if c.control_of},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="v and the events' schema, and -more: v2, v2-more")
    path = Path(__file__).parent / f"{parser.parse_args().name}.zip"
    if path.exists():
        parser.error(f"{path.name} is kept as it is: raise the schema, and name another")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "stored"
        (more.make if path.stem.endswith("-more") else make)(folder)
        path.with_suffix(".json").write_text(json.dumps(said(folder), indent=1) + "\n")
        pack(folder, path)
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
