"""Walkers of a search, written by the real store: what each came to in each step."""

import time

import numpy as np
from ase import Atoms

from engine.core import fold
from engine.loop.writer import writing
from engine.store import Score, Store
from tests.support import large

WATER = Atoms("OH2", [(0, 0, 0.12), (0, 0.76, -0.48), (0, -0.76, -0.48)])
HOPPING = "basin-hopping/0"


def propose(writer, chain, step, walker, *said, structure=WATER):
    """A proposal as a task would write it; said of it: its energy, and σ if a model says one (eV)."""
    energy, std = (*said, None)[:2]
    model = "m-0000" if std is None else "m-0001"
    told = {"base_energy": energy, "features": np.full(large.FEATURES, -energy), "flags": [], "parent": None}
    name = writer.rows.propose(structure, generator=chain, step=step, model_id=model, walker=walker, **told)
    of_atoms = None if std is None else np.linspace(0.5, 1.5, len(structure)) * std / len(structure)
    writer.rows.score(name, model, Score(name, energy, std, of_atoms))
    return name


def take(writer, chain, step, state, **walkers):
    """A step of a chain; its walkers by name: w0, w1, ..."""
    writer.rows.step(chain, step, "m-0000", state, seconds=1.0, base_seconds=0.5)
    return [propose(writer, chain, step, int(name[1:]), *said) for name, said in walkers.items()]


def make(folder, steps=30, walkers=3):
    """A paused campaign in which basin hopping took so many steps; returns its folder."""
    large.make(folder, 2, n_labelled=10, paused=True)
    rng = np.random.default_rng(0)
    store = Store(folder)
    with writing(store, fold(store.events()), time.time()) as writer:
        for step in range(steps):
            state = {"walkers": [{}] * walkers, "hops": walkers * step, "accepted": step}
            writer.rows.step(HOPPING, step, "m-0001", state, seconds=1.0, base_seconds=0.5)
            for walker in range(walkers):
                energy, std = -1241 + rng.normal() - 0.05 * step, 0.05 * (1 + walker) * np.exp(rng.normal())
                ball = large.ball(12, rng)
                propose(writer, HOPPING, step, walker, float(energy), float(std), structure=ball)
    store.close()
    return folder
