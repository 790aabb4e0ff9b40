"""Two atoms whose energy is a double well in their distance: a reference for class, that costs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from engine.errors import ConfigError, StructureError
from engine.protocols import Provenance, Reference

VERSION = "1"
"""Of the formula below: labels of the same version and settings are of the same reference."""
DEFAULTS = {"near": 2.9, "far": 4.9, "tilt": -0.05, "depth": 0.8, "stiffness": 1.4, "width": 0.9}


class DoubleWell(Calculator):  # type: ignore[misc]  # ASE's classes are untyped
    """A Morse bond with a second, Gaussian well, of two atoms at a distance d.

    E = depth (1 − exp(−stiffness (d − near)))² − g exp(−(d − far)²/width²), with g such that the first minus
    the second term is `tilt` at `far`.

    Parameters
    ----------
    near, far : distances of the wells (Å)
    tilt : energy of the far one (eV); that of the near one is 0
    depth : energy of the atoms alone (eV)
    stiffness : of the near well (1/Å)
    width : of the far well (Å)

    Raises
    ------
    ConfigError
        if a number is none, or a distance is not positive
    StructureError
        from a calculation, if there are not two atoms
    """

    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "free_energy"]

    def __init__(self, **numbers: float) -> None:
        super().__init__()
        for name, number in numbers.items():
            if not isinstance(number, int | float):
                raise ConfigError(f"double-well: {name} is a number, not {number!r}")
            if name != "tilt" and number <= 0:
                raise ConfigError(f"double-well: {name} is positive, not {number:g}")
        self._of = numbers

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Calculate one structure; called by ASE."""
        super().calculate(atoms, properties, system_changes)
        if len(self.atoms) != 2:
            raise StructureError(f"a double well is of two atoms, got {self.atoms.symbols}")
        along = self.atoms.positions[1] - self.atoms.positions[0]
        d = float(np.linalg.norm(along))
        energy, slope = self._curve(d)
        force = -slope * along / d
        self.results = {"energy": energy, "free_energy": energy, "forces": np.array([-force, force])}

    def _curve(self, d: float) -> tuple[float, float]:
        """Energy (eV) and its slope (eV/Å)."""
        of = self._of
        fall = np.exp(-of["stiffness"] * (d - of["near"]))
        morse = of["depth"] * (1 - fall) ** 2
        g = of["depth"] * (1 - np.exp(-of["stiffness"] * (of["far"] - of["near"]))) ** 2 - of["tilt"]
        x = (d - of["far"]) / of["width"]
        well = g * np.exp(-(x**2))
        slope = 2 * of["depth"] * of["stiffness"] * (1 - fall) * fall + 2 * well * x / of["width"]
        return float(morse - well), float(slope)


class DoubleWellReference:
    """The double well as a reference.

    Parameters
    ----------
    settings : of `DoubleWell`; what is left out has its default

    Raises
    ------
    ConfigError
        if it has no such setting
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        for name in settings:
            if name not in DEFAULTS:
                raise ConfigError(f"double-well has no setting {name!r}; it has {', '.join(DEFAULTS)}")
        self._settings = {**DEFAULTS, **settings}

    def calculator(self) -> DoubleWell:
        """Return a fresh ASE calculator."""
        return DoubleWell(**self._settings)

    def provenance(self) -> Provenance:
        """Name the formula."""
        return Provenance("double-well", VERSION, self._settings)


_: type[Reference] = DoubleWellReference
