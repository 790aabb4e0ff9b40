"""A campaign whose trajectories were really followed, in a committee of springs; by the real store."""

import json
import time

import numpy as np

from engine import config
from engine.core import CandidateSelected, RunControlled, fold
from engine.generators import MolecularDynamics
from engine.loop.opening import opening_events
from engine.loop.writer import writing
from engine.protocols import MemberPredictions, Prediction
from engine.space import Space
from engine.store import Score, Store

SPRINGS = np.array([2.0, 2.4, 2.7, 3.0])  # eV/Å², one a member
TOML = """
name = "springs"
budget = 20
[system.crystal]
lattice = "diamond"
[potential]
name = "none"
[committee]
kind = "networks"
[[search]]
name = "md"
trajectories = 2
frames = 12
steps = 2
timestep = 10.0
length = 4
temperature = 500.0
friction = 0.02
test_frames = 20
shift = 1.0
novelty = 0.0
[selection]
rule = "query-by-committee"
[reference]
name = "stillinger-weber"
"""
FEATURES = 18  # of SOAP with the default settings and one species


class Springs:
    """Atoms on springs to their sites, F = −k x − c x³ along each axis; each member has its own k."""

    n_members = len(SPRINGS)

    def __init__(self, sites, cubic=2.0):
        self._sites, self._cubic = sites, cubic

    def members(self, structures):
        away = [structure.positions - self._sites for structure in structures]
        energy = [[0.5 * k * (x**2).sum() + self._cubic * (x**4).sum() / 4 for x in away] for k in SPRINGS]
        forces = tuple(-(SPRINGS[:, None, None] * x + self._cubic * x**3) for x in away)
        return MemberPredictions(np.array(energy), forces, np.full((len(SPRINGS), len(away), 6), np.nan))

    def predict(self, structures):
        said = self.members(structures)
        return Prediction(said.energy.mean(axis=0), tuple(f.mean(axis=0) for f in said.forces))


def make(folder, n_steps=6, seed=0):
    """Write a paused campaign without a label, and return its folder; what was proposed waits."""
    folder.mkdir(parents=True)
    (folder / config.FILENAME).write_text(TOML)
    settings = config.load(folder)
    space = Space.of(settings.system, folder)
    search, potential = MolecularDynamics(settings.search[0], space), Springs(space.substrate.positions)
    store, state = Store.create(folder), search.start()
    with writing(store, fold([]), time.time()) as writer:
        for event in opening_events(fold([]), settings):
            writer.append(event)
        writer.append(RunControlled(action="start", by="ada", auth="local"))
        for step in range(n_steps):
            numbers = np.random.default_rng([seed, step])
            state, found = search.step(json.loads(json.dumps(state)), potential, numbers)
            writer.rows.step("md/0", step, "m-0000", state, seconds=1.0, base_seconds=0.0)
            for proposal in found:
                _put(writer, proposal.structure, step, numbers)
        writer.append(RunControlled(action="pause", by="ada", auth="local"))
    store.close()
    return folder


def _put(writer, structure, step, rng):
    candidate = writer.rows.propose(
        structure,
        generator="md/0",
        step=step,
        model_id="m-0000",
        parent=None,
        base_energy=0.0,
        features=rng.normal(size=FEATURES),
        flags=[],
    )
    energy = structure.info["terms"]["energy"] * len(structure)
    writer.rows.score(candidate, "m-0000", Score(candidate, energy, 0.1, None))
    writer.append(
        CandidateSelected(
            candidate=candidate,
            rank=1,
            reason="A frame of molecular dynamics.",
            generator="md",
            model_id="m-0000",
            energy_eV=energy,
            energy_std_eV=0.1,
            terms={"uncertainty": 0.1},
        )
    )
    writer.rows.select(candidate)
