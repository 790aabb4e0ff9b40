"""A campaign whose queue is already long, written by the real store: for measures, screenshots and scale."""

import time

import numpy as np
from ase import Atoms
from ase.build import bulk

from engine import campaigns, config
from engine.core import (
    CandidateApproved,
    CandidateSelected,
    ModelRefitted,
    ReferenceCompleted,
    ReferenceSubmitted,
    RunControlled,
    SelectedFlag,
    fold,
)
from engine.loop.opening import opening_events
from engine.loop.writer import writing
from engine.store import Score, Store

FEATURES = 63  # of SOAP with the default settings and two species


def ball(n_atoms, rng):
    """An Ag2S-like ball of `n_atoms`, rattled: what a search might find."""
    lattice = bulk("Ag", cubic=True).repeat(14)
    centre = lattice.positions.mean(axis=0)
    near = np.argsort(np.linalg.norm(lattice.positions - centre, axis=1), kind="stable")[:n_atoms]
    symbols = ["S" if k % 3 == 2 else "Ag" for k in range(n_atoms)]
    positions = lattice.positions[near] - centre + 15 + rng.normal(0, 0.25, (n_atoms, 3))
    return Atoms(symbols, positions, cell=(30, 30, 30))


def make(
    folder, n_waiting, n_atoms=12, seed=0, *, n_found=0, n_labelled=0, paused=False, fits=True, **changes
):
    """Write a running demo campaign and return its folder.

    `n_labelled` candidates have a label, a refit after every five; `n_found` more structures were found and
    never selected; `n_waiting` candidates are before the person. A paused one starts no search. Its models
    are no files: one that is to run has none of those `fits`.
    """
    settings = campaigns.new(folder, **changes)
    rng = np.random.default_rng(seed)
    total = n_labelled + n_found + n_waiting
    structures = [ball(n_atoms, rng) for _ in range(min(total, 50))]
    shapes = rng.normal(size=(3, FEATURES))
    store = Store.create(folder)
    campaign = fold([])
    with writing(store, campaign, time.time()) as writer:
        for event in opening_events(campaign, settings):
            writer.append(event)
        writer.append(RunControlled(action="start", by="ada", auth="local"))
        for k in range(total):
            found = _propose(writer, structures[k % len(structures)], shapes, rng)
            if k < n_labelled:
                _select(writer, found, k)
                _label(writer, found, rng)
                if fits and k % 5 == 4:
                    _refit(writer, k + 1)
            elif k >= n_labelled + n_found:
                _select(writer, found, k)
        if paused:
            writer.append(RunControlled(action="pause", by="ada", auth="local"))
    store.close()
    return folder


def _propose(writer, structure, shapes, rng):
    """A proposal somewhere between a few shapes, the deeper the further along the first."""
    place = rng.gamma(2.0, 120.0, len(shapes)) * (1 + 0.3 * rng.normal(size=len(shapes)))
    energy = -36.0 - 0.003 * place[0] + 0.3 * rng.normal()
    candidate = writer.rows.propose(
        structure,
        generator="random-search/0",
        step=0,
        model_id="m-0000",
        parent=None,
        base_energy=energy,
        features=380.0 + place @ shapes + rng.normal(size=FEATURES),
        flags=[],
    )
    std = float(rng.uniform(0.1, 0.9))
    predicted = energy - 1205.0 + std * float(rng.normal())
    atom_std = rng.uniform(0.02, 0.2, len(structure))
    writer.rows.score(candidate, "m-0001", Score(candidate, predicted, std, atom_std))
    return candidate, predicted, std


def _select(writer, found, k):
    candidate, predicted, std = found
    writer.append(
        CandidateSelected(
            candidate=candidate,
            rank=k % 5 + 1,
            reason="Chosen because its energy is uncertain while it is predicted to lie near the best label.",
            generator="random-search",
            model_id="m-0001",
            energy_eV=predicted,
            energy_std_eV=std,
            terms={"promise": -0.4, "uncertainty": 2 * std, "diversity": 0.3, "checks": 0.0},
            flags=(SelectedFlag(check="fragments", reason="2 fragments: Ag7S3 and AgS"),)
            if k % 7 == 3
            else (),
        )
    )
    writer.rows.select(candidate)


def _label(writer, found, rng):
    candidate, predicted, std = found
    writer.append(CandidateApproved(candidate=candidate, by="ada", auth="local", hold_s=0.0))
    writer.append(ReferenceSubmitted(candidate=candidate, attempt=1, folder=f"references/{candidate}"))
    energy = predicted + std * float(rng.normal())
    writer.append(
        ReferenceCompleted(
            candidate=candidate,
            attempt=1,
            energy_eV=energy,
            fmax=float(rng.uniform(0.1, 2.0)),
            seconds=float(rng.uniform(20, 90)),
            cores=1,
        )
    )
    for model in range(2, 5):
        score = Score(candidate, energy + 0.05 * float(rng.normal()), 0.03, None)
        writer.rows.score(candidate, f"m-{model:04d}", score)


def _refit(writer, n_train):
    number = n_train // 5
    entropy = 2.8 - 0.1 * number
    writer.append(
        ModelRefitted(
            model_id=f"m-{number:04d}",
            n_train=n_train,
            mae_new_eV=0.6 / number,
            mae_train_eV=0.02,
            queue_std_eV=0.5,
            probe_entropy=entropy,
            probe_entropy_p95=entropy + 0.4,
            probe_entropy_error=0.25,
            seconds=1.0,
        )
    )


def settings_with(folder, text):
    """Replace words of a campaign.toml and read it again."""
    path = folder / config.FILENAME
    for before, after in text.items():
        path.write_text(path.read_text().replace(before, after))
    return config.load(folder)
