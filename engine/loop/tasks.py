"""What explorers do, each task in a worker process; the server never imports this file.

A task reads the campaign's database and writes nothing there; a fitted model goes to ``models/`` under its
id. The same request gives the same result.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, singledispatch
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from engine import registry
from engine.acquisition.why import Why, explain
from engine.campaigns import start_structure
from engine.checks import Duplicate, quarantine
from engine.config import CampaignSettings, ChecksSettings, PotentialSettings
from engine.core.campaign import BARE_MODEL
from engine.descriptors import SOAP
from engine.generators.gofee import dual_point
from engine.loop.messages import (
    ENSEMBLE,
    Chosen,
    Explore,
    Explored,
    Fit,
    Fitted,
    Found,
    Lead,
    Led,
    Request,
    Select,
    Selected,
    dual_step,
    search_of,
)
from engine.math import entropy_bias, gaussian_entropy, is_worse
from engine.potentials.delta import Delta
from engine.potentials.held_out import held_out
from engine.potentials.relax import free_atoms
from engine.potentials.saved import make_base
from engine.potentials.sparse_gpr import SparseGPR
from engine.potentials.timed import Timed
from engine.protocols import (
    Acquisition,
    Check,
    Examined,
    FloatArray,
    Generator,
    Known,
    Pool,
    Potential,
    Proposal,
)
from engine.space import Space
from engine.store import Imported, Proposed, Score, Store

BASELINE = "random"
"""The selection rule that needs no model; it draws at random from the first label on."""


BUNDLE = (
    " Approving it pays for two calculations: after its label, one step along the forces is labelled too."
)


@singledispatch
def perform(request: object) -> Any:
    """Do what is asked."""
    raise TypeError(f"unknown request {type(request).__name__}")


@perform.register
def explore(request: Explore) -> Explored:
    """Take one step of a search, and look at what it found."""
    started = time.process_time()
    settings = request.settings
    (chosen,) = (search for search in settings.search if search.name == request.search)
    search: Generator = registry.make("generators", chosen.name, chosen, _space(request))
    base = Timed(_base(settings.potential.model_dump_json()))
    correction = None if request.model_id == BARE_MODEL else _model(_path(request.folder, request.model_id))
    before = request.state
    if before is None:
        before = search.start(start_structure(request.folder, settings.system))
    surrogate = Delta(base, correction)
    numbers = rng(settings.seed, request.step, request.chain)
    after, proposals = search.step(before, surrogate, numbers, lambda: _labelled(request))
    structures = [proposal.structure for proposal in proposals]
    base_energy = base.predict(structures).energy if structures else np.empty(0)
    scores = _score(request.folder, request.model_id, structures, base_energy)
    examined = _examined(request, proposals, base_energy, surrogate)
    checks: list[Check] = [registry.make("checks", n, settings.checks) for n in registry.names("checks")]
    found = tuple(
        Found(
            structure=proposal.structure,
            parent=proposal.parent,
            base_energy=seen.energy,
            features=seen.features,
            flags=tuple(flag for check in checks if (flag := check(seen)) is not None),
            score=score,
        )
        for proposal, seen, score in zip(proposals, examined, scores, strict=True)
    )
    return Explored(after, found, time.process_time() - started, base.seconds)


def _labelled(request: Explore) -> list[Atoms]:
    store = Store(request.folder)
    structures = store.structures(request.labels)
    store.close()
    return structures


def _examined(
    request: Explore, proposals: Sequence[Proposal], base_energy: FloatArray, surrogate: Potential
) -> list[Examined]:
    """What the checks are told of each proposal."""
    if not proposals:
        return []
    structures = [proposal.structure for proposal in proposals]
    store, soap = Store(request.folder), SOAP(request.settings.delta, _space(request).symbols)
    window = request.settings.checks.duplicate_energy
    examined = [
        Examined(
            structure=structure,
            energy=float(energy),
            fmax=_fmax(structure, forces) if proposal.fmax is None else proposal.fmax,
            features=soap.features(structure).sum(axis=0),
            known=store.near(float(energy), window),
        )
        for proposal, structure, energy, forces in zip(
            proposals, structures, base_energy, surrogate.predict(structures).forces, strict=True
        )
    ]
    store.close()
    return examined


def _fmax(structure: Atoms, forces: FloatArray) -> float:
    return float(np.linalg.norm(forces[free_atoms(structure)], axis=1).max(initial=0.0))


@perform.register
def select(request: Select) -> Selected:
    """Pick the next batch; scores that the pool lacks under the present model are made here."""
    settings, store = request.settings, Store(request.folder)
    rows = _with_twins(store, store.proposals(request.pool), settings.checks)
    rows = _with_failed(rows, store.proposals(request.quarantined), settings.checks)
    scores = store.scores(request.pool, request.model_id)
    made = _score_rows(store, request.model_id, [row for row in rows if row.candidate not in scores])
    scores |= {score.candidate: score for score in made}
    pool = _pool([scores[c] for c in request.pool], rows, store.proposals(request.known))
    rule_name = settings.selection.rule
    if request.model_id == BARE_MODEL and rule_name != BASELINE:
        rule_name = "farthest-point"  # there is no σ yet
    rule: Acquisition = registry.make("acquisition", rule_name, settings.selection)
    picks = rule.select(pool, settings.selection.batch, rng(settings.seed, len(request.known), "select"))
    best = min((_label(structure) for structure in store.structures(request.labels)), default=None)
    chosen = []
    for pick in picks:
        row, score = rows[pick.index], scores[request.pool[pick.index]]
        (structure,) = store.structures([row.candidate])
        terms = dict(pick.terms)
        n_labels = len(request.labels) + request.n_imported
        why = Why(rule_name, score.energy, score.energy_std, terms, n_labels, len(rows), best, pick.utility)
        sentence = explain(why, structure.get_chemical_symbols(), score.atom_std)
        led = dual_step(settings, search_of(row.generator)) > 0
        chosen.append(
            Chosen(
                candidate=row.candidate,
                generator=search_of(row.generator),
                energy=score.energy,
                energy_std=score.energy_std,
                terms=terms,
                flags=row.flags,
                why=sentence + BUNDLE * led,
                points=1 + led,
            )
        )
    store.close()
    return Selected(tuple(chosen), made)


@perform.register
def lead(request: Lead) -> Led:
    """Take one step along the forces of a label: GOFEE's dual point, which the label's approval pays for."""
    store = Store(request.folder)
    (leader,) = store.structures([request.leader])
    store.close()
    structure = dual_point(leader, request.dual_step)
    if structure is None:
        return Led(None, f"no step along the forces on {request.leader} leads anywhere")
    base_energy = _base(request.settings.potential.model_dump_json()).predict([structure]).energy
    if not np.isfinite(base_energy).all():
        return Led(None, f"one step along the forces on {request.leader} there is no energy")
    (score,) = _score(request.folder, request.model_id, [structure], base_energy)
    features = SOAP(request.settings.delta, _space(request).symbols).features(structure).sum(axis=0)
    found = Found(structure, request.leader, float(base_energy[0]), features, (), score)
    return Led(
        found, f"One step of {request.dual_step:g} Å along the forces on {request.leader}: its dual point."
    )


@perform.register
def fit(request: Fit) -> Fitted:
    """Fit a Δ-model, say how good it is, and write it to ``models/`` unless the one before is better."""
    started = time.process_time()
    settings, store = request.settings, Store(request.folder)
    given, rows = store.imported(), store.proposals(request.labels)
    own = store.structures(request.labels)
    structures = [*(label.structure for label in given), *own]
    energies = np.array([_label(structure) for structure in structures])
    base = np.array([*(label.base_energy for label in given), *(row.base_energy for row in rows)])
    differences = _force_differences(given, own, settings) if settings.delta.forces else None
    training = (structures, energies - base, settings.delta, differences)
    bare, species = request.model_id == BARE_MODEL, _space(request).symbols
    # the bare potential has seen no label; every model knows what came from outside
    first = 0 if bare else len(given) + request.n_known
    unseen = held_out(*training, first=first, species=species)
    before = base if bare else _energies(store, request.model_id, rows[request.n_known :])
    errors = before - energies[first:]
    known_z = np.empty(0) if bare else _model(_path(request.folder, request.model_id)).z
    model = SparseGPR.fit(*training, species=species).calibrated(np.concatenate([known_z, unseen.z]))
    # the bare potential has no uncertainty to search with, and zeros of energy of its own
    accepted = bare or not is_worse(unseen.error, errors)
    if accepted:
        path = _path(request.folder, request.new_id)
        path.parent.mkdir(exist_ok=True)
        model.save(path)
    train = _score_rows(store, request.new_id, rows) if accepted else ()
    scores = _score_rows(store, request.new_id, store.proposals(request.waiting)) if accepted else ()
    entropy = _entropy(model, request, store) if accepted else np.empty(0)
    store.close()
    return Fitted(
        accepted=accepted,
        n_imported=len(given),
        mae_new=_mae(_shifted(errors, model.counts) if bare else errors),
        mae_held_out=_mae(unseen.error) if unseen.error.size else None,
        mae_train=_mae(model.predict(structures).energy + base - energies),
        std_scale=model.std_scale,
        entropy=entropy,
        scores=scores,
        train=train,
        seconds=time.process_time() - started,
    )


def _with_twins(store: Store, rows: Sequence[Proposed], settings: ChecksSettings) -> list[Proposed]:
    """Flag twins that one step, or two at the same time, found: neither could be told of the other."""
    check, compared = Duplicate(settings), []
    for row in rows:
        older = store.near(row.base_energy, settings.duplicate_energy, before=row.candidate)
        flag = check.compare(row.base_energy, row.features, older)
        if flag is not None and all(flag.check != known.check for known in row.flags):
            row = replace(row, flags=(*row.flags, flag))  # noqa: PLW2901
        compared.append(row)
    return compared


def _with_failed(
    rows: Sequence[Proposed], quarantined: Sequence[Proposed], settings: ChecksSettings
) -> list[Proposed]:
    """Flag what is like a candidate whose calculation failed."""
    failed = [Known(row.candidate, row.base_energy, row.features) for row in quarantined]
    flags = [quarantine(row.base_energy, row.features, failed, settings) for row in rows]
    return [
        row if flag is None else replace(row, flags=(*row.flags, flag))
        for row, flag in zip(rows, flags, strict=True)
    ]


def _force_differences(
    given: Sequence[Imported], own: Sequence[Atoms], settings: CampaignSettings
) -> list[FloatArray]:
    """Reference − base forces (eV/Å), also on atoms that a search holds."""
    structures = [*(label.structure for label in given), *own]
    base = [label.base_forces for label in given]
    base += _base(settings.potential.model_dump_json()).predict(own).forces if own else ()
    return [
        structure.get_forces(apply_constraint=False) - forces
        for structure, forces in zip(structures, base, strict=True)
    ]


def _entropy(model: SparseGPR, request: Fit, store: Store) -> FloatArray:
    """Entropy of each structure of the probe set, or of none while there is no such set."""
    if not request.probe:
        return np.empty(0)
    noise = rng(request.settings.seed, len(request.labels), "ensemble")
    noisy = model.ensemble(store.structures(request.probe), noise, ENSEMBLE)
    entropy: FloatArray = gaussian_entropy(noisy, request.settings.selection.entropy_target)
    return entropy - entropy_bias(ENSEMBLE)


def rng(seed: int, step: int, purpose: str) -> np.random.Generator:
    """Random numbers of one step: spawned from (seed, step, purpose), the same in every process."""
    key = (step, zlib.crc32(purpose.encode()))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _pool(scores: Sequence[Score], rows: Sequence[Proposed], known: Sequence[Proposed]) -> Pool:
    stds = [score.energy_std for score in scores]
    features = np.array([row.features for row in rows])
    return Pool(
        energy=np.array([score.energy for score in scores]),
        energy_std=None if None in stds else np.array(stds, dtype=float),
        features=features,
        known_features=np.array([row.features for row in known]).reshape(len(known), features.shape[1]),
        n_flags=np.array([len(row.flags) for row in rows]),
    )


def _score_rows(store: Store, model_id: str, rows: Sequence[Proposed]) -> tuple[Score, ...]:
    names = [row.candidate for row in rows]
    base_energy = np.array([row.base_energy for row in rows])
    return _score(store.folder, model_id, store.structures(names), base_energy, names)


def _score(
    folder: Path,
    model_id: str,
    structures: Sequence[Atoms],
    base_energy: FloatArray,
    names: Sequence[str] | None = None,
) -> tuple[Score, ...]:
    """Surrogate energies from known base energies (eV): only the Δ-model is evaluated."""
    names = names if names is not None else [""] * len(structures)
    if model_id == BARE_MODEL or not structures:
        return tuple(Score(n, float(e), None, None) for n, e in zip(names, base_energy, strict=True))
    delta = _model(_path(folder, model_id)).predict(structures)
    std, atom_std = delta.energy_std, delta.atom_std
    if std is None or atom_std is None:
        raise TypeError("a Δ-model without an uncertainty cannot select")
    return tuple(
        Score(name, float(base_energy[i] + delta.energy[i]), float(std[i]), atom_std[i])
        for i, name in enumerate(names)
    )


def _energies(store: Store, model_id: str, rows: Sequence[Proposed]) -> FloatArray:
    return np.array([score.energy for score in _score_rows(store, model_id, rows)])


def _shifted(errors: FloatArray, counts: FloatArray) -> FloatArray:
    """Errors without the best shift of each species; `counts` (n, n_species) of their atoms."""
    rest: FloatArray = errors - counts @ np.linalg.lstsq(counts, errors, rcond=None)[0]
    return rest - np.median(rest)  # the constant with the least mean absolute deviation


def _mae(errors: FloatArray) -> float:
    return float(np.mean(np.abs(errors)))


def _label(structure: Atoms) -> float:
    return float(structure.get_potential_energy())


def _path(folder: Path, model_id: str) -> Path:
    return folder / "models" / f"{model_id}.npz"


@lru_cache(maxsize=2)
def _base(settings: str) -> Potential:
    return make_base(PotentialSettings.model_validate_json(settings))


@lru_cache(maxsize=4)
def _model(path: Path) -> SparseGPR:
    return SparseGPR.load(path)


def _space(request: Request) -> Space:
    return Space.of(request.settings.system, request.folder)
