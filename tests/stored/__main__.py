"""Make a stored campaign of today's version: ``python -m tests.stored v2`` writes ``tests/stored/v2.zip``.

A few people's decisions and a few labels of a five-atom cluster, and beside it in ``v2.json`` what this
version says of them. It is made once for each version of the events, is never made again, and every later
version must open it and say the same.
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
    return {
        "events": known.seq,
        "state": known.state,
        "model": known.model_id,
        "candidates": {c.id: c.status for c in sorted(known.candidates.values(), key=lambda c: c.id)},
        "labels_eV": {c: known.candidates[c].label_eV for c in known.labels},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="v and the events' schema")
    path = Path(__file__).parent / f"{parser.parse_args().name}.zip"
    if path.exists():
        parser.error(f"{path.name} is kept as it is: raise the schema, and name another")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "stored"
        make(folder)
        path.with_suffix(".json").write_text(json.dumps(said(folder), indent=1) + "\n")
        pack(folder, path)
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
