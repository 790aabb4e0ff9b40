"""A batch from a large pool: seconds and peak memory of each rule that asks a committee."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator

import numpy as np

from engine import registry
from engine.config import SelectionSettings
from engine.protocols import Pool
from tests.benchmarks.rows import Row
from tests.benchmarks.timing import Scale

MEMBERS, FEATURES, KNOWN = 8, 37, 1000
RULES = (
    "query-by-committee",
    "expected-model-change",
    "highest-uncertainty",
    "high-entropy",
    "farthest-point",
)


def rows(scale: Scale) -> Iterator[Row]:
    """One row: the entropy of six responses together; the other rules beside it."""
    rng = np.random.default_rng(0)
    n = scale.pool
    committee = rng.normal(-300.0, 1.0, (MEMBERS, n))
    among = Pool(
        energy=committee.mean(axis=0),
        energy_std=committee.std(axis=0, ddof=1),
        features=rng.normal(size=(n, FEATURES)),
        known_features=rng.normal(size=(KNOWN, FEATURES)),
        n_flags=np.zeros(n, dtype=np.int64),
        n_atoms=np.full(n, 64),
        committee=committee,
    )
    alone = {rule: _measured(rule, among, scale.batch) for rule in RULES}
    note = ", ".join(f"{rule} {seconds:.2g} s, {peak:.0f} MB" for rule, (seconds, peak) in alone.items())
    parts = {**vars(among), "responses": rng.normal(size=(MEMBERS, n, 6)), "scales": np.ones(6)}
    seconds, peak = _measured("high-entropy", Pool(**parts), scale.batch)
    yield Row(
        f"a batch of {scale.batch} from {n}, {MEMBERS} members: high-entropy",
        seconds,
        "s",
        note=f"6 responses, {peak:.0f} MB at its peak; of the energy alone: {note}",
    )


def _measured(rule: str, among: Pool, count: int) -> tuple[float, float]:
    """Processor seconds of one selection, and the most memory that another one holds beside the pool (MB)."""
    made = registry.make("acquisition", rule, SelectionSettings())
    started = time.process_time()
    made.select(among, count, np.random.default_rng(0))
    seconds = time.process_time() - started
    tracemalloc.start()
    made.select(among, min(count, 3), np.random.default_rng(0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return seconds, peak / 1e6
