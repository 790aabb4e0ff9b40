"""A campaign whose trajectories were really followed, in a committee of springs; by the real store."""

import json
import time

import numpy as np

from engine import config
from engine.core import CandidateSelected, ModelRefitted, RunControlled, fold
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

    def __init__(self, sites, spread=1.0, cubic=2.0):
        self._sites, self._cubic = sites, cubic
        self._springs = SPRINGS.mean() + spread * (SPRINGS - SPRINGS.mean())

    def members(self, structures):
        away = [structure.positions - self._sites for structure in structures]
        energy = [
            [0.5 * k * (x**2).sum() + self._cubic * (x**4).sum() / 4 for x in away] for k in self._springs
        ]
        forces = tuple(-(self._springs[:, None, None] * x + self._cubic * x**3) for x in away)
        return MemberPredictions(np.array(energy), forces, np.full((len(SPRINGS), len(away), 6), np.nan))

    def predict(self, structures):
        said = self.members(structures)
        return Prediction(said.energy.mean(axis=0), tuple(f.mean(axis=0) for f in said.forces))


def make(folder, n_steps=6, seed=0):
    """Write a paused campaign without a label, and return its folder; what was proposed waits.

    After half of the steps the committee is said to be fitted, and agrees better.
    """
    folder.mkdir(parents=True)
    (folder / config.FILENAME).write_text(TOML)
    settings = config.load(folder)
    space = Space.of(settings.system, folder)
    search = MolecularDynamics(settings.search[0], space)
    store, state = Store.create(folder), search.start()
    with writing(store, fold([]), time.time()) as writer:
        for event in opening_events(fold([]), settings):
            writer.append(event)
        writer.append(RunControlled(action="start", by="ada", auth="local"))
        for step in range(n_steps):
            numbers = np.random.default_rng([seed, step])
            fitted = int(step >= n_steps // 2)
            potential = Springs(space.substrate.positions, (1.0, 0.7)[fitted])
            state, found = search.step(json.loads(json.dumps(state)), potential, numbers)
            writer.rows.step("md/0", step, f"m-000{fitted}", state, seconds=1.0, base_seconds=0.0)
            for proposal in found:
                _put(writer, proposal.structure, step, f"m-000{fitted}", numbers)
            if step + 1 == n_steps // 2:
                errors = {"mae_new_eV": 0.1, "mae_train_eV": 0.05}
                writer.append(ModelRefitted(model_id="m-0001", n_train=10, seconds=1.0, **errors))
        writer.append(RunControlled(action="pause", by="ada", auth="local"))
    store.close()
    return folder


def _put(writer, structure, step, model_id, rng):
    candidate = writer.rows.propose(
        structure,
        generator="md/0",
        step=step,
        model_id=model_id,
        parent=None,
        base_energy=0.0,
        features=rng.normal(size=FEATURES),
        flags=[],
    )
    energy = structure.info["terms"]["energy"] * len(structure)
    writer.rows.score(candidate, model_id, Score(candidate, energy, 0.1, None))
    writer.append(
        CandidateSelected(
            candidate=candidate,
            rank=1,
            reason="A frame of molecular dynamics.",
            generator="md",
            model_id=model_id,
            energy_eV=energy,
            energy_std_eV=0.1,
            terms={"uncertainty": 0.1},
        )
    )
    writer.rows.select(candidate)
