"""A look at what was proposed: what the surrogate says of it, and what the checks find wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from engine import registry
from engine.config import CampaignSettings
from engine.descriptors import SOAP
from engine.loop.messages import Edit, Explore, Found, Watch
from engine.loop.scoring import scored, space_of
from engine.potentials.relax import free_atoms
from engine.protocols import Check, Examined, FloatArray, Known, Potential, Proposal
from engine.store import Store


def found_of(
    request: Edit | Explore | Watch, proposals: Sequence[Proposal], base: Potential, surrogate: Potential
) -> tuple[Found, ...]:
    """Energies, features and flags of proposals, in their order."""
    if not proposals:
        return ()
    base_energy = base.predict([proposal.structure for proposal in proposals]).energy
    scores = scored(
        request.folder, request.model_id, [proposal.structure for proposal in proposals], base_energy
    )
    limits = request.settings.checks_of(request.search)
    checks: list[Check] = [registry.make("checks", n, limits) for n in registry.names("checks")]
    return tuple(
        Found(
            structure=proposal.structure,
            parent=proposal.parent,
            base_energy=seen.energy,
            features=seen.features,
            flags=tuple(flag for check in checks if (flag := check(seen)) is not None),
            score=said,
            walker=proposal.walker,
        )
        for proposal, seen, said in zip(
            proposals, _examined(request, proposals, base_energy, surrogate), scores, strict=True
        )
    )


def _examined(
    request: Edit | Explore | Watch,
    proposals: Sequence[Proposal],
    base_energy: FloatArray,
    surrogate: Potential,
) -> list[Examined]:
    """What the checks are told of each proposal."""
    structures = [proposal.structure for proposal in proposals]
    store, soap = Store(request.folder), SOAP(request.settings.delta, space_of(request).symbols)
    window = request.settings.checks_of(request.search).duplicate_energy
    examined = [
        Examined(
            structure=structure,
            energy=float(energy),
            fmax=_fmax(structure, forces) if proposal.fmax is None else proposal.fmax,
            features=soap.features(structure).sum(axis=0),
            known=near(store, request.settings, float(energy), window),
        )
        for proposal, structure, energy, forces in zip(
            proposals, structures, base_energy, surrogate.predict(structures).forces, strict=True
        )
    ]
    store.close()
    return examined


def _fmax(structure: Atoms, forces: FloatArray) -> float:
    return float(np.linalg.norm(forces[free_atoms(structure)], axis=1).max(initial=0.0))


def near(
    store: Store, settings: CampaignSettings, energy: float, window: float, before: str | None = None
) -> Sequence[Known]:
    """Proposals of this base energy (eV); with nothing underneath all have the same, and none is compared."""
    return () if settings.potential.name == "none" else store.near(energy, window, before)
