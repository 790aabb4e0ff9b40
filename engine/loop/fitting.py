"""A fit of the Δ-model in a worker: to every label, judged on those that it has not seen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import cast

import numpy as np
from ase import Atoms

from engine.core import CandidateFollowed
from engine.core.campaign import BARE_MODEL
from engine.loop.messages import ENSEMBLE, Fit, Fitted
from engine.loop.scoring import (
    base_of,
    energies_of,
    label_of,
    model_of,
    model_path,
    rng,
    score_rows,
    space_of,
)
from engine.math import entropy_bias, gaussian_entropy, is_worse
from engine.potentials.correction import CommitteeCorrection, Correction, recipe
from engine.potentials.held_out import held_out
from engine.potentials.sparse_gpr import SparseGPR
from engine.protocols import FloatArray, Prediction
from engine.store import Imported, Store


def fit(request: Fit) -> Fitted:
    """Fit a Δ-model, say how good it is, and write it to ``models/`` unless the one before is better."""
    started = time.process_time()
    settings, store = request.settings, Store(request.folder)
    given, rows = store.imported(), store.proposals(request.labels)
    own = store.structures(request.labels)
    structures = [*(label.structure for label in given), *own]
    energies = np.array([label_of(structure) for structure in structures])
    n_atoms = np.array([len(structure) for structure in structures])
    base = np.array([*(label.base_energy for label in given), *(row.base_energy for row in rows)])
    how = recipe(settings, request.folder, space_of(request).symbols)
    below = base_of(settings).predict(own) if own and (how.forces or how.stress) else None
    differences = _force_differences(given, own, below) if how.forces else None
    stress = _stress_differences(given, own, below) if how.stress else None
    training = (structures, energies - base, differences, stress)
    bare = request.model_id == BARE_MODEL
    # the bare potential has seen no label; every model knows what came from outside
    first = 0 if bare else len(given) + request.n_known
    groups = [*range(len(given)), *_groups(store, request.labels)]
    unseen = held_out(how, *training, first=first, groups=groups)
    before = base if bare else energies_of(store, request.model_id, rows[request.n_known :])
    errors = before - energies[first:]
    known_z = np.empty(0) if bare else model_of(model_path(request.folder, request.model_id)).z
    model = how.fit(*training).calibrated(np.concatenate([known_z, unseen.z]))
    # the bare potential has no uncertainty to search with, and zeros of energy of its own
    accepted = bare or not is_worse(unseen.error, errors)
    if accepted:
        path = model_path(request.folder, request.new_id)
        path.parent.mkdir(exist_ok=True)
        model.save(path)
    train = score_rows(store, request.new_id, rows) if accepted else ()
    scores = score_rows(store, request.new_id, store.proposals(request.waiting)) if accepted else ()
    entropy = _entropy(model, request, store) if accepted else np.empty(0)
    met = {one.model_id: one for one in store.explorations()}
    store.close()
    return Fitted(
        accepted=accepted,
        n_imported=len(given),
        mae_new=_mae(_shifted(errors, _counts(structures)) if bare else errors),
        mae_held_out=_mae(unseen.error) if unseen.error.size else None,
        mae_held_out_atom=_mae(unseen.error / n_atoms[first:]) if unseen.error.size else None,
        mae_train=_mae(model.predict(structures).energy + base - energies),
        std_scale=model.std_scale,
        entropy=entropy,
        n_members=request.settings.committee.size if how.committee else ENSEMBLE,
        scores=scores,
        train=train,
        seconds=time.process_time() - started,
        exploration=met.get(request.model_id),
    )


def _groups(store: Store, labels: Sequence[str]) -> list[str]:
    """Which labels are nearly one structure: a label and what followed from it, frames of a jump."""
    group = {name: name for name in labels}
    group |= {frame: jump.name for jump in store.jumps() for frame in jump.frames}
    for item in store.events(kinds=[CandidateFollowed.__name__]):
        event = item.event
        if isinstance(event, CandidateFollowed) and event.candidate is not None:
            group[event.candidate] = group.get(event.leader, event.leader)
    return [group[name] for name in labels]


def _force_differences(
    given: Sequence[Imported], own: Sequence[Atoms], below: Prediction | None
) -> list[FloatArray]:
    """Reference − base forces (eV/Å), also on atoms that a search holds."""
    structures = [*(label.structure for label in given), *own]
    base = [label.base_forces for label in given]
    base += () if below is None else below.forces
    return [
        structure.get_forces(apply_constraint=False) - forces
        for structure, forces in zip(structures, base, strict=True)
    ]


def _stress_differences(
    given: Sequence[Imported], own: Sequence[Atoms], below: Prediction | None
) -> FloatArray:
    """Reference − base stress (n, 6) eV/Å³, NaN where either has none, as labels from outside."""
    found = np.full((len(given) + len(own), 6), np.nan)
    if below is not None and below.stress is not None:
        for k, structure in enumerate(own):
            found[len(given) + k] = structure.calc.results.get("stress", np.nan) - below.stress[k]
    return found


def _entropy(model: Correction, request: Fit, store: Store) -> FloatArray:
    """Entropy of each structure of the probe set, or of none while there is no such set."""
    if not request.probe:
        return np.empty(0)
    said = _members(model, request, store.structures(request.probe))
    entropy: FloatArray = gaussian_entropy(said, request.settings.selection.entropy_target)
    return entropy - entropy_bias(len(said))


def _members(model: Correction, request: Fit, structures: Sequence[Atoms]) -> FloatArray:
    """Energies of the committee's members, or of one model's label-noise ensemble, (M, n) eV."""
    if isinstance(model, SparseGPR):
        noise = rng(request.settings.seed, len(request.labels), "ensemble")
        return model.ensemble(structures, noise, ENSEMBLE)
    return cast("CommitteeCorrection", model).members(structures).energy


def _counts(structures: Sequence[Atoms]) -> FloatArray:
    """Atoms of each species, (n, n_species)."""
    numbers = np.unique(np.concatenate([structure.numbers for structure in structures]))
    return np.array([(s.numbers[:, None] == numbers).sum(axis=0) for s in structures], dtype=float)


def _shifted(errors: FloatArray, counts: FloatArray) -> FloatArray:
    """Errors without the best shift of each species; `counts` (n, n_species) of their atoms."""
    rest: FloatArray = errors - counts @ np.linalg.lstsq(counts, errors, rcond=None)[0]
    return rest - np.median(rest)  # the constant with the least mean absolute deviation


def _mae(errors: FloatArray) -> float:
    return float(np.mean(np.abs(errors)))
