"""An edit in a worker: what a person moved, relaxed for a few steps and looked at like any proposal."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from engine.core.campaign import BARE_MODEL
from engine.errors import StructureError
from engine.loop.examining import found_of
from engine.loop.messages import Edit, Edited
from engine.loop.ruling import found_by_rules
from engine.loop.scoring import base_of, model_of, model_path
from engine.potentials.delta import Delta
from engine.potentials.relax import free_atoms, relax
from engine.protocols import Proposal
from engine.store import Store
from engine.structures import FARTHEST

FMAX = 0.05  # eV/Å, at which it is at rest before its steps are over
WIDEST = 100.0
"""Å; atoms further apart, and than their cell is large, are a slip: empty space between them costs memory."""


def edit(request: Edit) -> Edited:
    """Make the structure; where that fails the answer says why."""
    try:
        return _edited(request)
    except StructureError as error:
        return Edited(None, str(error))
    except Exception as error:  # the seam: a potential may raise anything, and no campaign ends for this
        return Edited(None, f"{type(error).__name__}: {error}")


def _edited(request: Edit) -> Edited:
    store = Store(request.folder)
    try:
        (parent,) = store.structures([request.parent])
    finally:
        store.close()
    structure = moved(parent, request)
    base = base_of(request.settings)
    bare = request.model_id == BARE_MODEL
    surrogate = Delta(base, None if bare else model_of(model_path(request.folder, request.model_id)))
    if request.steps:
        relaxation = relax([structure], surrogate, FMAX, request.steps)
        if not np.isfinite(relaxation.energy).all():
            raise StructureError("the potential gives no finite energy for it")
        (structure,) = relaxation.structures
    found_here = found_of(request, [Proposal(structure, request.parent)], base, surrogate)
    (found,) = found_by_rules(request.veto_rules, found_here)
    if not np.isfinite(found.score.energy):
        raise StructureError("the potential gives no finite energy for it")
    return Edited(found, f"{request.parent}, edited: {_words(parent, request)}.")


def moved(parent: Atoms, request: Edit) -> Atoms:
    """A copy with the atoms where the person put them.

    Raises
    ------
    StructureError
        if there is no such atom, it is fixed, or it is put far from all others
    """
    structure = parent.copy()
    free = free_atoms(structure)
    for atom, *place in request.moves:
        if atom >= len(structure):
            raise StructureError(f"{request.parent} has {len(structure)} atoms: there is no atom {atom}")
        if not free[atom]:
            raise StructureError(f"atom {atom} of {request.parent} is fixed")
        if not (np.abs(place) < FARTHEST).all():  # nor is NaN
            raise StructureError(
                f"atom {atom} of {request.parent} would lie beyond {FARTHEST:g} Å: put it back"
            )
        structure.positions[atom] = place
    widest = max(WIDEST, structure.cell.lengths().sum(), _width(parent))
    if _width(structure) > widest:
        raise StructureError(
            f"the atoms of {request.parent} would lie more than {widest:.0f} Å apart: put them nearer"
        )
    return structure


def _width(structure: Atoms) -> float:
    """Of the atoms, along x, y or z (Å)."""
    return float(np.ptp(structure.positions, axis=0).max())


def _words(parent: Atoms, request: Edit) -> str:
    """What was done to it."""
    said = []
    if request.moves:
        distances = [np.linalg.norm(parent.positions[atom] - place) for atom, *place in request.moves]
        atoms = f"{len(distances)} atom{'s' * (len(distances) != 1)} moved"
        said.append(f"{atoms} by {'up to ' * (len(distances) > 1)}{max(distances):.2f} Å")
    if request.steps:
        said.append(f"then relaxed for {request.steps} steps at most")
    return ", ".join(said)
