"""Silicon's empirical potentials as an ASE calculator: matscipy's, whose constants are published."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from engine.errors import ConfigError, StructureError

FORMS = ("stillinger-weber", "tersoff")
_VACUUM = 10.0  # Å around atoms without a cell: more than any cutoff here


class Silicon(Calculator):  # type: ignore[misc]  # ASE's classes are untyped
    """Energy (eV), forces (eV/Å) and, with a whole cell, stress (eV/Å³) of silicon.

    Parameters
    ----------
    form : ``stillinger-weber`` (Phys. Rev. B 31, 5262 (1985), ε = 2.1683 eV: −4.3366 eV an atom) or
        ``tersoff`` (Phys. Rev. B 39, 5566 (1989))

    Raises
    ------
    ConfigError
        if there is no such form
    StructureError
        from a calculation, if an atom is not silicon
    """

    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "free_energy", "stress"]

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form
        self._manybody = _manybody(form)

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Calculate one structure; called by ASE."""
        super().calculate(atoms, properties, system_changes)
        if (self.atoms.numbers != 14).any():
            raise StructureError(f"{self._form} is a potential of silicon alone, got {self.atoms.symbols}")
        boxed = self.atoms.copy()
        empty = [axis for axis in range(3) if not boxed.cell[axis].any()]
        if empty:  # matscipy finds neighbours in a cell only
            boxed.center(_VACUUM, axis=empty)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # Tersoff: of values that it masks itself
            self._manybody.calculate(boxed, self.implemented_properties, all_changes)
        found = self._manybody.results
        self.results = {name: found[name] for name in ("energy", "forces", "free_energy")}
        if not empty:
            self.results["stress"] = found["stress"]


def _manybody(form: str) -> Any:
    from matscipy.calculators.manybody import Manybody
    from matscipy.calculators.manybody.explicit_forms import stillinger_weber, tersoff_brenner

    if form == "stillinger-weber":
        parameters = stillinger_weber.Stillinger_Weber_PRB_31_5262_Si
        return Manybody(**stillinger_weber.StillingerWeber(parameters))
    if form == "tersoff":
        return Manybody(**tersoff_brenner.TersoffBrenner(tersoff_brenner.Tersoff_PRB_39_5566_Si_C))
    raise ConfigError(f"silicon has no potential of the form {form!r}; known: {', '.join(FORMS)}")
