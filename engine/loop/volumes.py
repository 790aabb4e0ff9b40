"""Energies against volume that a campaign knows, and the equations of state in them: for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.protocols import FloatArray
from engine.store import REFERENCE, Measured, Store

if TYPE_CHECKING:
    from engine.math import EquationOfState

KIND = "volume"
"""What the structures of a volume series say of themselves (`engine.datasets`)."""


@dataclass(frozen=True, eq=False)
class Volumes:
    """What is known of energy against volume.

    Attributes
    ----------
    volume, energy : (n,) Å³/atom and eV/atom, labels of structures of a volume series
    reference, members : the newest that was measured of the reference itself, and of a model; or None
    of_labels, of_reference, of_members : equations of state, an atom, where there is a minimum
    """

    volume: FloatArray
    energy: FloatArray
    reference: Measured | None
    members: Measured | None
    of_labels: EquationOfState | None
    of_reference: EquationOfState | None
    of_members: tuple[EquationOfState, ...]


def volumes(folder: Path, labels: Sequence[str]) -> Volumes:
    """Read labels and measurements, and fit them; called in a worker.

    Raises
    ------
    DeltadeskError
        if the database cannot be read
    """
    store = Store(folder)
    try:
        kinds = store.kinds(labels)
        series = store.structures([name for name in labels if kinds.get(name) == KIND])
        measured = [found for found in store.measured() if len(found.volumes)]
    finally:
        store.close()
    volume = np.array([structure.get_volume() / len(structure) for structure in series])
    energy = np.array([structure.get_potential_energy() / len(structure) for structure in series])
    order = volume.argsort(kind="stable")
    reference = next((found for found in measured if found.model_id == REFERENCE), None)
    members = next((found for found in reversed(measured) if found.model_id != REFERENCE), None)
    of_labels = _fits(volume[order], energy[None, order])
    of_reference = () if reference is None else _fits(reference.volumes, reference.energies)
    return Volumes(
        volume=volume[order],
        energy=energy[order],
        reference=reference,
        members=members,
        of_labels=next(iter(of_labels), None),
        of_reference=next(iter(of_reference), None),
        of_members=() if members is None else _fits(members.volumes, members.energies),
    )


def _fits(volume: FloatArray, energies: FloatArray) -> tuple[EquationOfState, ...]:
    """An equation of state of each row of energies that has one."""
    from engine.math import fit_near_minimum  # with scipy, for which no page waits

    return tuple(fit for energy in energies if (fit := fit_near_minimum(volume, energy)) is not None)
