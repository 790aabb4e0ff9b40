"""What the tasks of a worker share: models that stay loaded, scores of structures, random numbers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from ase import Atoms

from engine.config import CampaignSettings, PotentialSettings
from engine.core.campaign import BARE_MODEL
from engine.loop.messages import Request
from engine.potentials.correction import CommitteeCorrection, Correction, load
from engine.potentials.saved import make_base
from engine.protocols import FloatArray, MemberPredictions, Potential
from engine.space import Space
from engine.store import Proposed, Score, Store


def rng(seed: int, step: int, purpose: str) -> np.random.Generator:
    """Random numbers of one step: spawned from (seed, step, purpose), the same in every process."""
    key = (step, zlib.crc32(purpose.encode()))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def score_rows(store: Store, model_id: str, rows: Sequence[Proposed]) -> tuple[Score, ...]:
    """Scores of proposals under one model."""
    names = [row.candidate for row in rows]
    base_energy = np.array([row.base_energy for row in rows])
    structures = [] if model_id == BARE_MODEL else store.structures(names)
    return scored(store.folder, model_id, structures, base_energy, names)


def scored(
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
    delta = model_of(model_path(folder, model_id)).predict(structures)
    std, atom_std = delta.energy_std, delta.atom_std
    if std is None or atom_std is None:
        raise TypeError("a Δ-model without an uncertainty cannot select")
    return tuple(
        Score(name, float(base_energy[i] + delta.energy[i]), float(std[i]), atom_std[i])
        for i, name in enumerate(names)
    )


def member_scores(
    model: CommitteeCorrection, said: MemberPredictions, base_energy: FloatArray, names: Sequence[str]
) -> list[Score]:
    """Scores from what the members say, the same that the committee's own prediction gives."""
    if said.atom_std is None:
        raise TypeError("a committee that does not say how well it knows each atom cannot select")
    energy = base_energy + said.energy.mean(axis=0)
    std = model.std_scale * said.energy.std(axis=0, ddof=1)
    return [
        Score(name, float(energy[i]), float(std[i]), model.std_scale * said.atom_std[i])
        for i, name in enumerate(names)
    ]


def energies_of(store: Store, model_id: str, rows: Sequence[Proposed]) -> FloatArray:
    """What one model says of proposals, (n,) eV."""
    return np.array([score.energy for score in score_rows(store, model_id, rows)])


def label_of(structure: Atoms) -> float:
    """Energy that the reference gave (eV)."""
    return float(structure.get_potential_energy())


def model_path(folder: Path, model_id: str) -> Path:
    """Where a campaign keeps a fitted model."""
    return folder / "models" / f"{model_id}.npz"


def base_of(settings: CampaignSettings) -> Potential:
    """The campaign's universal potential."""
    return _base(settings.potential.model_dump_json())


@lru_cache(maxsize=2)
def _base(settings: str) -> Potential:
    return make_base(PotentialSettings.model_validate_json(settings))


@lru_cache(maxsize=4)
def model_of(path: Path) -> Correction:
    """A fitted model, read once."""
    return load(path)


def space_of(request: Request) -> Space:
    """Where the campaign's searches may put atoms."""
    return Space.of(request.settings.system, request.folder)
