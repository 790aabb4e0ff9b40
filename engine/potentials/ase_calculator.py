"""Any ASE calculator as a potential, by its import path or as it is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import CalculatorError

from engine.errors import ConfigError, MissingPackageError, StructureError
from engine.protocols import FloatArray, Potential, Prediction


def load_calculator(calculator: str | None, settings: dict[str, Any]) -> Any:
    """Make the ASE calculator at the import path ``module:Class``.

    Raises
    ------
    MissingPackageError
        if its package is not installed
    ConfigError
        if the path leads nowhere, or the class does not take `settings`
    """
    example = "give its import path, e.g. ase.calculators.emt:EMT"
    module, _, name = (calculator or "").partition(":")
    if not module or not name:
        raise ConfigError(f"calculator = {calculator!r} is not an ASE calculator; {example}")
    try:
        cls = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if find_spec(package) is not None and module.startswith(str(error.name)):
            raise ConfigError(f"calculator = {calculator!r}: there is no module {error.name}") from error
        raise MissingPackageError(f"{calculator} needs a package: pip install {error.name}") from error
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"calculator = {calculator!r} cannot be loaded: {error}") from error
    try:
        return cls(**settings)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{calculator} does not take the settings {settings}: {error}") from error


class ASECalculator:
    """An ASE calculator, structure by structure.

    Parameters
    ----------
    calculator : import path, e.g. ``ase.calculators.emt:EMT``, or a calculator that is made already
    settings : keyword arguments of the class

    Raises
    ------
    ConfigError, MissingPackageError
        from `load_calculator`
    """

    def __init__(self, calculator: Any, settings: dict[str, Any]) -> None:
        is_made = hasattr(calculator, "get_potential_energy")
        self._path = type(calculator).__name__ if is_made else calculator
        self._calculator = calculator if is_made else load_calculator(calculator, settings)
        self._has_stress = "stress" in getattr(self._calculator, "implemented_properties", ())

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Energies (eV) and forces (eV/Å), and stress (eV/Å³) from a calculator that has it.

        nan where a calculation failed, so that one loses no others.

        Raises
        ------
        StructureError
            if the calculator is not made for these elements
        """
        results = [self._evaluate(structure) for structure in structures]
        energy = np.array([energy for energy, _, _ in results], dtype=float)
        stress = np.array([stress for _, _, stress in results]).reshape(-1, 6) if self._has_stress else None
        return Prediction(energy, tuple(forces for _, forces, _ in results), stress=stress)

    def _evaluate(self, structure: Atoms) -> tuple[float, FloatArray, FloatArray]:
        atoms = structure.copy()
        atoms.set_constraint()  # forces on fixed atoms are forces too
        atoms.calc = self._calculator
        try:
            energy, forces = float(atoms.get_potential_energy()), np.array(atoms.get_forces(), dtype=float)
        except CalculatorError:
            return np.nan, np.full((len(structure), 3), np.nan), np.full(6, np.nan)
        except (NotImplementedError, KeyError) as error:
            raise StructureError(f"{self._path} cannot calculate {structure.symbols}: {error}") from error
        return energy, forces, self._stress(atoms)

    def _stress(self, atoms: Atoms) -> FloatArray:
        if self._has_stress and atoms.pbc.all() and atoms.cell.rank == 3:
            with suppress(CalculatorError, NotImplementedError):  # some have it in a part of their modes
                return np.array(atoms.get_stress(), dtype=float)
        return np.full(6, np.nan)


_: type[Potential] = ASECalculator
