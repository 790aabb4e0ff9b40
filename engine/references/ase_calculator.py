"""Any ASE calculator as a reference, by its import path."""

from __future__ import annotations

from typing import Any

from engine.potentials.ase_calculator import load_calculator
from engine.protocols import Provenance, Reference
from engine.references.provenance import installed


class ASEReference:
    """Make the calculator ``module:Class`` with keyword arguments.

    Parameters
    ----------
    calculator : import path, e.g. ``tblite.ase:TBLite``
    settings : keyword arguments of the class
    package : module whose package a label names, if it is not the calculator's own

    Raises
    ------
    ConfigError, MissingPackageError
        from `calculator`, if the path leads nowhere
    """

    def __init__(self, calculator: str | None, settings: dict[str, Any], package: str | None = None) -> None:
        self._path = calculator
        self._settings = settings
        self._package = package

    def calculator(self) -> Any:
        """Return a fresh ASE calculator."""
        return load_calculator(self._path, self._settings)

    def provenance(self) -> Provenance:
        """Name the calculator's package."""
        path = self._path or ""
        module = self._package or path.partition(":")[0]
        return Provenance(*installed(module), {"calculator": path, **self._settings})


_: type[Reference] = ASEReference
