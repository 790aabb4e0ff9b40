"""Energy against volume, and the equation of state through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from engine.crystals import check_crystal
from engine.datasets import scaled
from engine.math import EquationOfState, fit_birch_murnaghan
from engine.protocols import Committee, FloatArray, Potential

RATIOS = tuple(np.linspace(0.9, 1.1, 11).tolist())
"""V/V0 in which the third-order equation of state is fitted."""


@dataclass(frozen=True)
class EnergyVolume:
    """An E–V curve.

    Attributes
    ----------
    volume : (n,) Å³ an atom
    energy : (n,) eV an atom
    fit : of Birch and Murnaghan, an atom; None if the energies have no minimum between the volumes
    """

    volume: FloatArray
    energy: FloatArray
    fit: EquationOfState | None


def energy_volume(potential: Potential, crystal: Atoms, ratios: Sequence[float] = RATIOS) -> EnergyVolume:
    """Energies of the crystal at the volumes V/V0 of `ratios`, the atoms at their places in the cell.

    Raises
    ------
    StructureError
        if it is no crystal
    """
    structures, volume = _series(crystal, ratios)
    return _curve(volume, potential.predict(structures).energy / len(crystal))


def member_energy_volumes(
    committee: Committee, crystal: Atoms, ratios: Sequence[float] = RATIOS
) -> list[EnergyVolume]:
    """The curve of each member, all from one prediction.

    Raises
    ------
    StructureError
        if it is no crystal
    """
    structures, volume = _series(crystal, ratios)
    return [_curve(volume, energy / len(crystal)) for energy in committee.members(structures).energy]


def _series(crystal: Atoms, ratios: Sequence[float]) -> tuple[list[Atoms], FloatArray]:
    check_crystal(crystal)
    return scaled(crystal, ratios), crystal.get_volume() / len(crystal) * np.array(ratios)


def _curve(volume: FloatArray, energy: FloatArray) -> EnergyVolume:
    if not np.isfinite(energy).all():
        return EnergyVolume(volume, energy, None)
    try:
        fit = fit_birch_murnaghan(volume, energy)
    except ValueError:
        return EnergyVolume(volume, energy, None)
    inside = volume.min() < fit.volume < volume.max()
    return EnergyVolume(volume, energy, fit if inside else None)
