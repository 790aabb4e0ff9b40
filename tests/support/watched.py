"""A campaign of the double well with made-up trajectories, and jumps that are labelled or wait."""

from itertools import pairwise

import numpy as np

from engine import campaigns
from engine.core import (
    CandidateSelected,
    ModelRefitted,
    ReferenceCompleted,
    ReferenceSubmitted,
    RunControlled,
    fold,
)
from engine.core.events import CandidateApproved
from engine.loop.opening import opening_events
from engine.loop.writer import writing
from engine.references.making import make_reference
from engine.store import Jump, Score, Stay, Store, Visited, Watched

FRAME = 40.0  # fs
N = 80  # frames


def make(folder, **changes):
    """Write a campaign that nothing was found in yet, and return its store."""
    settings = campaigns.new(folder, "double-well", **changes)
    store = Store.create(folder)
    with writing(store, fold(()), 1.0) as writer:
        for event in opening_events(writer.campaign, settings):
            writer.append(event)
        writer.append(RunControlled(action="start", by="ada", auth="local"))
        writer.append(RunControlled(action="pause", by="ada", auth="local"))
    return store


def dimer(store, d):
    """The campaign's two atoms at a distance."""
    structure = campaigns.start_structure(store.folder, campaigns.config.load(store.folder).system)
    structure.positions[1, 2] = structure.positions[0, 2] + d
    return structure


def fitted(store, number, jumps=(), stays=None):
    """Write a fit and its watch; of `jumps` each is a frame at which the first trajectory goes to 4.3 Å."""
    model = f"m-{number:04d}"
    rng = np.random.default_rng(number)
    away = 0.05 * rng.normal(size=(2, N))
    edges = [0, *jumps, N]
    visits = []
    for k, (begin, end) in enumerate(pairwise(edges)):
        away[0, begin:end] += 0.7 * (k % 2)
        visits.append(Visited(0, begin, end, dimer(store, 2.9 + 1.4 * (k % 2)).positions))
    visits.append(Visited(1, 0, N, dimer(store, 2.9).positions))
    signals = tuple({"displacement": one, "uncertainty": 0.1 + one**2} for one in np.abs(away))
    with writing(store, fold(store.events()), 2.0 + number) as writer:
        said = {"model_id": model, "n_train": len(writer.campaign.labels), "seconds": 1.0}
        writer.append(ModelRefitted(**said, mae_new_eV=0.1, mae_train_eV=0.01))
        row = Watched(model, FRAME, signals, (tuple(jumps), ()), tuple(visits), stays or {})
        writer.rows.watch(row)


def jumped(store, name, model, claimed, *, places=(2.9, 3.6, 4.3), stays=None):
    """Write a jump whose frames wait, with the energies that are claimed of them; return their ids."""
    names = []
    with writing(store, fold(store.events()), 10.0) as writer:
        for rank, (d, energy) in enumerate(zip(places, claimed, strict=True), start=1):
            about = {"generator": "watch/0", "step": 1, "model_id": model, "parent": None}
            frame = dimer(store, d)
            frame.info = {"kind": "watch"}
            candidate = writer.rows.propose(frame, **about, base_energy=0.0, features=np.ones(3), flags=())
            writer.rows.score(candidate, model, Score(candidate, energy, 0.01, np.full(2, 0.01)))
            said = {"reason": f"Frame of jump {name}.", "generator": "watch", "model_id": model}
            writer.append(
                CandidateSelected(
                    candidate=candidate, rank=rank, **said, energy_eV=energy, energy_std_eV=0.01, terms={}
                )
            )
            writer.rows.select(candidate)
            names.append(candidate)
        positions = dimer(store, places[-1]).positions
        writer.rows.jump(
            Jump(
                name,
                model,
                trajectory=0,
                time=1360.0,
                scores={"displacement": np.inf},
                frames=tuple(names),
                positions=positions,
                stays=stays or {model: Stay(1, 500.0, 0)},
            )
        )
    return names


def labelled(store, names):
    """Approve candidates and label them with the double well, or with energies (eV) that `names` gives."""
    settings = campaigns.config.load(store.folder)
    calculator = make_reference(settings.reference).calculator()
    with writing(store, fold(store.events()), 20.0) as writer:
        for name, structure in zip(names, store.structures(names), strict=True):
            structure.calc = calculator
            energy = names[name] if isinstance(names, dict) else structure.get_potential_energy()
            writer.append(CandidateApproved(candidate=name, by="ada", auth="local", hold_s=0.0))
            writer.append(ReferenceSubmitted(candidate=name, attempt=1, folder="x"))
            cost = {"fmax": 0.1, "seconds": 3.0, "cores": 2}
            writer.append(ReferenceCompleted(candidate=name, attempt=1, energy_eV=energy, **cost))
            writer.rows.label(name, energy, structure.get_forces())


def story(folder):
    """A state that was invented and is repaired, one that is not classed yet, one that waits; its store."""
    store = make(folder, name="Class")
    fitted(store, 1)
    first = jumped(store, "j-0001", "m-0001", (0.0, 0.27, -0.02), places=(2.95, 4.34, 7.4))
    labelled(store, dict(zip(first, (0.0, 0.3, 0.79), strict=True)))
    fitted(store, 2, jumps=(30, 60), stays={"j-0001": Stay(0, 0.0, 0)})
    stays = {"m-0001": Stay(0, 0.0, 0), "m-0002": Stay(1, 1200.0, 1)}
    jumped(store, "j-0002", "m-0002", (0.0, 0.2, 0.24), stays=stays)
    return store
