"""A selection from a large pool as a worker makes it: ``python -m tests.benchmarks.pool [-n 100000]``.

Cells of 64 silicon atoms whose features are stored, 8 networks, query by committee. The pool is made of a few
described cells, over and over; the selection reads the campaign's database and the file of features.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from engine import registry
from engine.config import parse
from engine.loop import pool_features
from engine.loop.messages import Explore, Select
from engine.loop.tasks import select
from engine.potentials.network_committee import NetworkCommittee
from engine.store import Store
from engine.store.features import FeatureFile
from tests.benchmarks.committee_rows import silicon

TOML = """
budget = 1000
[system.crystal]
lattice = "diamond"
size = [2, 2, 2]
[potential]
name = "none"
[committee]
kind = "networks"
epochs = 5
[[search]]
name = "pool"
kinds = ["small"]
[selection]
rule = "query-by-committee"
batch = 100
[reference]
name = "stillinger-weber"
"""
MODEL, CELLS, TOGETHER, SOAP_FEATURES = "m-0001", 20, 5000, 18


def main() -> None:
    """Make the pool, select from it in a process of its own, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pool")
    parser.add_argument("-n", type=int, default=100_000, help="structures of 64 atoms")
    parser.add_argument("--select", type=Path, help="folder of a pool: select from it and print JSON")
    asked = parser.parse_args()
    if asked.select is not None:
        print(json.dumps(selected(asked.select)))
        return
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder), asked.n)
        command = [sys.executable, "-m", "tests.benchmarks.pool", "--select", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = made | json.loads(done.stdout.splitlines()[-1])
    table = Table("work", "measured", title=f"a batch of 100 from {asked.n} structures of 64 atoms")
    for work, measured in found.items():
        table.add_row(work, measured)
    Console(width=118).print(table)


def make(folder: Path, n: int) -> dict[str, str]:
    """A campaign whose pool of `n` was offered, and a committee that was fitted."""
    (folder / "campaign.toml").write_text(TOML)
    (folder / "models").mkdir()
    settings, cells = parse(TOML), silicon(CELLS, seed=0)
    labels = registry.make("potentials", "stillinger-weber").predict(cells)
    NetworkCommittee.fit(cells, labels.energy, settings.committee, labels.forces).save(
        folder / "models" / f"{MODEL}.npz"
    )
    started = time.process_time()
    pool_features.write(Explore(folder, settings, MODEL, "pool/0", 0, None, ()), 0, cells)
    each = (time.process_time() - started) / CELLS
    (stored,) = (folder / "features").iterdir()
    about = json.loads((stored / "about.json").read_text())
    file = FeatureFile(stored, about["descriptor"], about["width"])
    rows = np.array(file.chunk(0, CELLS).rows).reshape(CELLS, 64, -1)
    file.keep(0)
    rng, store = np.random.default_rng(0), Store.create(folder)
    facts = {"generator": "pool/0", "step": 0, "model_id": "m-0000", "parent": None, "flags": ()}
    started = time.process_time()
    for first in range(0, n, TOGETHER):
        chosen = rng.integers(CELLS, size=min(TOGETHER, n - first))
        file.append(list(rows[chosen] * rng.uniform(0.99, 1.01, (len(chosen), 1, 1)).astype(np.float32)))
        with store.transaction(first, 0.0) as written:
            for k in chosen:
                features = rng.normal(size=SOAP_FEATURES)
                written.propose(cells[k], base_energy=0.0, features=features, **facts)
    store.close()
    return {
        "describe a structure, once": f"{1e3 * each:.2g} ms: {each * n:.3g} core-s for all",
        "write structures and features": f"{time.process_time() - started:.3g} core-s, "
        f"{sum(part.stat().st_size for part in stored.iterdir()) / 1e6:.4g} MB of features",
    }


def selected(folder: Path) -> dict[str, str]:
    """Core-seconds and peak memory of one selection, everything read, scored and chosen."""
    settings, store = parse(TOML), Store(folder)
    names = tuple(store.pool(10**6))
    store.close()
    idle = peak_memory()
    started, clock = time.process_time(), time.monotonic()
    done = select(Select(folder, settings, MODEL, names, (), (), ()))
    seconds, wall = time.process_time() - started, time.monotonic() - clock
    assert (len(done.chosen), len(done.scores)) == (min(100, len(names)), len(names))
    model = NetworkCommittee.load(folder / "models" / f"{MODEL}.npz")
    store = Store(folder)
    known = pool_features.stored(folder, model, names, store)
    store.close()
    started = time.process_time()
    energies, _ = known.energies(model)
    scoring = time.process_time() - started
    assert energies.shape == (8, len(names))
    return {
        "score all from stored features": f"{scoring:.3g} core-s",
        "select 100: read, score, choose": f"{seconds:.3g} core-s, {wall:.3g} s by the clock",
        "peak memory of the process": f"{peak_memory():.0f} MB, {idle:.0f} MB before",
    }


def peak_memory() -> float:
    """Most that this process ever held (MB); what `resource` says begins with its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
