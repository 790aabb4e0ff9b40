"""All properties of a crystal in a potential, and what the members of a committee say of each.

Nonaka, Liu, Jia, Hirotani (WCCM 2026) follow these while a training set grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from engine import crystals
from engine.defects import sites
from engine.math import CUBIC, HEXAGONAL, TRICLINIC, Distribution, averaged, distribution
from engine.properties.elastic import AMPLITUDES, elastic
from engine.properties.energy_volume import RATIOS, energy_volume
from engine.properties.equilibrium import FIRST_CUBIC, Equilibrium, check_stress, equilibrium
from engine.properties.excess import defects, excess_energies, slabs, surface_energies
from engine.protocols import Committee, Potential

TARGETS = {"Å": 0.01, "eV/atom": 0.005, "Å³/atom": 0.1, "GPa": 5.0, "eV": 0.1, "J/m²": 0.05}
"""Target accuracies by unit, against which entropies are taken."""

_FIRST_HEXAGONAL = 168
_UNITS = {"a": "Å", "b": "Å", "c": "Å", "E0": "eV/atom", "V0": "Å³/atom", "B0": "GPa"}


@dataclass(frozen=True)
class PropertySettings:
    """How the properties are calculated.

    Attributes
    ----------
    ratios : V/V0 of the E–V curve
    amplitudes : strains of the elastic constants
    edge : distance of a defect from its images (Å); 0: no defects
    thickness, vacuum : of the slabs (Å); 0: no surfaces
    fmax : where atoms with a defect or a surface come to rest (eV/Å)
    steps : most steps of a relaxation
    small_cell : E–V curve and elastic constants in the primitive cell: a fraction of the cost, but not for a
        reference with a fixed grid of k-points
    """

    ratios: Sequence[float] = RATIOS
    amplitudes: Sequence[float] = AMPLITUDES
    edge: float = 10.0
    thickness: float = 8.0
    vacuum: float = 10.0
    fmax: float = 0.01
    steps: int = 200
    small_cell: bool = False


@dataclass(frozen=True)
class Properties:
    """Numbers by name, in a fixed order; nan for what was not found.

    ``a`` (``b``, ``c``) of the conventional cell (Å), ``E0`` (eV/atom), ``V0`` (Å³/atom), ``B0`` (GPa) of
    Birch and Murnaghan, ``C11`` and so on with the atoms at rest and ``C11_clamped`` without (GPa),
    ``vacancy``, ``tetrahedral`` …, ``dumbbell`` (eV), ``surface_100`` … (J/m²).
    """

    values: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        return self.values[name]


def unit(name: str) -> str:
    """Of a property."""
    if name in _UNITS:
        return _UNITS[name]
    if name[0] == "C":
        return "GPa"
    return "J/m²" if name.startswith("surface_") else "eV"


def property_names(crystal: Atoms, settings: PropertySettings = PropertySettings()) -> list[str]:
    """Names of what `properties` gives, in their order.

    Raises
    ------
    StructureError
        if it is no crystal, or one of several elements whose defects or surfaces are asked for
    """
    constants = list(_equal(crystal))
    lengths = ["a"] if crystals.space_group(crystal) >= FIRST_CUBIC else ["a", "b", "c"]
    defects = ["vacancy", *sites(crystal), "dumbbell"] if settings.edge > 0 else []
    clamped = [f"{name}_clamped" for name in constants]
    surfaces = list(slabs(crystal, 1.0)) if settings.thickness > 0 else []
    return [*lengths, "E0", "V0", "B0", *constants, *clamped, *defects, *surfaces]


def properties(
    potential: Potential, crystal: Atoms, settings: PropertySettings = PropertySettings()
) -> Properties:
    """Every property of a crystal of one element; a wild potential has nan, not an error.

    Parameters
    ----------
    potential : whose predictions hold a stress: a reference, a committee's mean or one of its members
    crystal : near its equilibrium, in any cell
    settings : how

    Raises
    ------
    StructureError
        if it is no crystal, of several elements, or the potential gives no stress
    """
    crystals.check_element(crystal)
    check_stress(potential, crystal)
    found = dict.fromkeys(property_names(crystal, settings), np.nan)
    rest = equilibrium(potential, crystal, steps=settings.steps)
    if rest is not None:
        found |= _bulk(potential, rest, settings) | _excess(potential, rest.crystal, settings)
    return Properties({name: float(found[name]) for name in property_names(crystal, settings)})


def member_properties(
    committee: Committee, crystal: Atoms, settings: PropertySettings = PropertySettings()
) -> list[Properties]:
    """What `properties` gives for each member alone, in its own cell.

    Raises
    ------
    StructureError
        if it is no crystal, of several elements, or a member gives no stress
    """
    members = [committee.member(k) for k in range(committee.n_members)]
    return [properties(member, crystal, settings) for member in members]


def property_distributions(
    members: Sequence[Properties], targets: Mapping[str, float] | None = None
) -> dict[str, Distribution]:
    """Mean, spread and entropy of each property over the members.

    Parameters
    ----------
    members : of at least two
    targets : target accuracies by the property's name, in its unit; else those of `TARGETS`

    Raises
    ------
    ValueError
        if there are fewer than 2 members, or a target is not positive
    """
    if len(members) < 2:
        raise ValueError(f"a distribution needs at least 2 members, got {len(members)}")
    wanted = targets or {}
    return {
        name: distribution([member[name] for member in members], wanted.get(name, TARGETS[unit(name)]))
        for name in members[0].values
    }


def _bulk(potential: Potential, rest: Equilibrium, settings: PropertySettings) -> dict[str, float]:
    lengths = dict(zip("abc", rest.crystal.cell.lengths().tolist(), strict=True))
    cell = crystals.primitive(rest.crystal) if settings.small_cell else rest.crystal
    curve = energy_volume(potential, cell, settings.ratios)
    found = {
        **lengths,
        "E0": rest.energy,
        "V0": rest.crystal.get_volume() / len(rest.crystal),
        "B0": np.nan if curve.fit is None else curve.fit.bulk_modulus,
    }
    equal = _equal(rest.crystal)
    for suffix, relaxed in (("", True), ("_clamped", False)):
        constants = elastic(potential, cell, settings.amplitudes, relaxed=relaxed, steps=settings.steps)
        found |= {name + suffix: float(C) for name, C in averaged(constants.matrix, equal).items()}
    return found


def _excess(potential: Potential, crystal: Atoms, settings: PropertySettings) -> dict[str, float]:
    fmax, steps = settings.fmax, settings.steps
    found: dict[str, float] = {}
    if settings.edge > 0:
        found |= excess_energies(potential, crystal, defects(crystal, settings.edge), fmax=fmax, steps=steps)
    if settings.thickness > 0:
        cut = slabs(crystal, settings.thickness, settings.vacuum)
        found |= surface_energies(potential, crystal, cut, fmax=fmax, steps=steps)
    return found


def _equal(crystal: Atoms) -> Mapping[str, tuple[int, ...]]:
    group = crystals.space_group(crystal)
    if group >= FIRST_CUBIC:
        return CUBIC
    return HEXAGONAL if group >= _FIRST_HEXAGONAL else TRICLINIC
