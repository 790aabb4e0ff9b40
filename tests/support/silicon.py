"""A campaign of silicon that picks from a pool, and a race beside it, written by the real store."""

import json
import time

import numpy as np
from ase.build import bulk

from engine import campaigns, config
from engine.core import (
    CandidateApproved,
    CandidateSelected,
    ModelRefitted,
    ReferenceCompleted,
    ReferenceSubmitted,
    RunControlled,
    fold,
)
from engine.datasets import DATASETS
from engine.loop.opening import opening_events
from engine.loop.writer import writing
from engine.math import GPA, birch_murnaghan
from engine.potentials.silicon import Silicon
from engine.store import REFERENCE, Measured, Store

KINDS = ("volume", "small", "large", "random")
OWN = {"a": 5.431, "B0": 101.4, "C11": 151.4, "C11_clamped": 151.4, "vacancy": 2.66, "surface_100": 2.36}
"""Values that the reference is said to have."""
FEATURES = 18  # of SOAP with the default settings and one species


def make(folder, n_each=12, n_waiting=3, seed=0, **changes):
    """Write a paused campaign and return its folder: half of each kind is labelled, a fit after every five.

    Labels are Stillinger and Weber's; of the models that are said to be fitted there are no files.
    """
    stop, properties = {"error": 0.02, "entropy": 0.2}, {"measure": False, "reference": False}
    campaigns.new(folder, "si-pool", **{"stop": stop, "properties": properties, **changes})
    settings = config.load(folder)
    rng = np.random.default_rng(seed)
    crystal = bulk("Si", cubic=True)
    of_kinds = [DATASETS[kind](crystal, n_each, rng) for kind in KINDS]
    structures = [structure for turn in zip(*of_kinds, strict=True) for structure in turn]
    store = Store.create(folder)
    with writing(store, fold([]), time.time()) as writer:
        for event in opening_events(fold([]), settings):
            writer.append(event)
        writer.append(RunControlled(action="start", by="ada", auth="local"))
        names = [_propose(writer, structure, rng) for structure in structures]
        labelled = names[: len(names) // 2]
        for k, name in enumerate(labelled, start=1):
            _label(writer, name, structures[k - 1])
            if k % 5 == 0:
                _refit(writer, k, rng)
        for name in names[len(labelled) : len(labelled) + n_waiting]:
            _select(writer, name)
        writer.rows.measure(_measured(REFERENCE, 0.0, 1, rng))
        writer.append(RunControlled(action="pause", by="ada", auth="local"))
    store.close()
    return folder


def make_race(folder):
    """Write what a race of two rules over two seeds leaves behind, and return its folder."""
    labels = [10, 20, 30]

    def curve(*mean):
        return {"mean": mean, "low": [0.9 * x for x in mean], "high": [1.1 * x for x in mean]}

    saved = {"saved": 9.0, "low": 4.0, "high": 13.0, "part": 0.3}
    reached = {"reached": 2, "reached_baseline": 1, "repetitions": 2}
    said = {
        "name": "silicon",
        "metric": "energy",
        "unit": "meV/atom",
        "target": 20.0,
        "baseline": "random",
        "seeds": [1, 2],
        "seeds_asked": 2,
        "rules": {
            "query-by-committee": {"labels": labels, "energy": curve(80, 30, 15)},
            "random": {"labels": labels, "energy": curve(80, 40, 19)},
        },
        "ledger": [
            {"rule": "query-by-committee", "error": 20.0, **saved, **reached},
            {"rule": "query-by-committee", "error": 40.0, **saved, **reached},
        ],
    }
    folder.mkdir(parents=True)
    asked = {"name": "silicon", "rules": list(said["rules"]), "seeds": 2, "metric": "energy"}
    (folder / "protocol.json").write_text(json.dumps({**asked, "target": 20.0, "baseline": "random"}))
    (folder / "result.json").write_text(json.dumps(said))
    return folder


def _propose(writer, structure, rng):
    return writer.rows.propose(
        structure,
        generator="pool/0",
        step=0,
        model_id="m-0000",
        parent=None,
        base_energy=0.0,
        features=rng.normal(size=FEATURES),
        flags=[],
    )


def _select(writer, candidate):
    writer.append(
        CandidateSelected(
            candidate=candidate,
            rank=1,
            reason="Chosen because the members disagree most about its energy.",
            generator="pool",
            model_id="m-0001",
            energy_eV=-34.0,
            energy_std_eV=0.4,
            terms={"uncertainty": 0.4},
        )
    )
    writer.rows.select(candidate)


def _label(writer, candidate, structure):
    _select(writer, candidate)
    writer.append(CandidateApproved(candidate=candidate, by="ada", auth="local", hold_s=0.0))
    writer.append(ReferenceSubmitted(candidate=candidate, attempt=1, folder=f"references/{candidate}"))
    asked = structure.copy()
    asked.calc = Silicon("stillinger-weber")
    energy, forces = float(asked.get_potential_energy()), asked.get_forces()
    writer.rows.label(candidate, energy, forces)
    writer.append(
        ReferenceCompleted(
            candidate=candidate,
            attempt=1,
            energy_eV=energy,
            fmax=float(np.linalg.norm(forces, axis=1).max()),
            seconds=1.0,
            cores=1,
        )
    )


def _refit(writer, n_train, rng):
    model_id = f"m-{n_train // 5:04d}"
    entropy = 1.0 + 20.0 / n_train
    writer.append(
        ModelRefitted(
            model_id=model_id,
            n_train=n_train,
            mae_new_eV=10.0 / n_train,
            mae_train_eV=0.1,
            probe_entropy=entropy,
            probe_entropy_p95=entropy + 0.4,
            probe_entropy_error=0.25,
            seconds=1.0,
            mae_held_out_eV=4.0 / n_train,
            mae_held_out_atom_eV=0.5 / n_train,
        )
    )
    writer.rows.measure(_measured(model_id, 0.5 / n_train, 4, rng))


def _measured(model_id, spread, n_members, rng):
    """Values about the reference's own, off by a part `spread` of them."""

    def off(value, part=spread):
        return value * (1 + part * rng.normal(size=n_members))

    volumes = np.linspace(18, 22, 11)
    moduli = zip(off(20.02, 0.1 * spread), off(101.4 / GPA), strict=True)
    energies = np.array([birch_murnaghan(volumes, -4.336, v, b, 3.9) for v, b in moduli])
    return Measured(model_id, {name: tuple(off(x)) for name, x in OWN.items()}, volumes, energies)
