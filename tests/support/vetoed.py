"""A campaign whose person vetoed what has sulphur atoms too close to one another, and approved the rest."""

import numpy as np
from ase import Atoms

from engine import campaigns
from engine.core import CandidateApproved, CandidateSelected, CandidateVetoed, RunControlled, fold
from engine.loop.opening import opening_events
from engine.loop.writer import writing
from engine.store import Store

ADA = {"by": "ada", "auth": "local"}


def cluster(distance, rng):
    """Six silver atoms and two of sulphur, `distance` (Å) apart."""
    silver = 3.0 * np.array([(x, y, 0) for x in range(3) for y in range(2)]) + rng.normal(0, 0.1, (6, 3))
    sulphur = np.array([(2.5, 1.5, 2.3), (2.5 + distance, 1.5, 2.3)])
    return Atoms("Ag6S2", np.concatenate([silver, sulphur]) + 10, cell=(25, 25, 25))


def make(folder, short, long, waiting, *, pool=(), reason="atoms too close"):
    """A campaign whose person vetoed `short` S–S distances, approved `long` ones; the rest is undecided."""
    settings = campaigns.new(folder, curation={"hold": 900.0}, budget=99)
    rng, store, campaign = np.random.default_rng(1), Store.create(folder), fold([])
    with writing(store, campaign, 1000.0) as writer:
        for event in opening_events(campaign, settings):
            writer.append(event)
        for action in ("start", "pause"):
            writer.append(RunControlled(action=action, **ADA))
        for distance in (*short, *long, *waiting, *pool):
            candidate = writer.rows.propose(
                cluster(distance, rng),
                generator="random-search/0",
                step=0,
                model_id="m-0000",
                parent=None,
                base_energy=float(rng.normal()),
                features=rng.normal(size=63) + 5,
                flags=[],
            )
            if distance not in pool:
                _put(writer, candidate, vetoed=distance in short, decided=distance not in waiting, why=reason)
    store.close()
    return folder


def _put(writer, candidate, *, vetoed, decided, why):
    told = {"reason": "because", "generator": "random-search", "model_id": "m-0000", "energy_std_eV": None}
    energy = {"energy_eV": -1.0, "terms": {"promise": -0.5}}
    writer.append(CandidateSelected(candidate=candidate, rank=1, **told, **energy))
    writer.rows.select(candidate)
    if decided and vetoed:
        writer.append(CandidateVetoed(candidate=candidate, **ADA, reason=why))
    elif decided:
        writer.append(CandidateApproved(candidate=candidate, **ADA, hold_s=900.0))
