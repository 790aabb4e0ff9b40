"""A barrier between two minima: a nudged elastic band whose images are evaluated in one batch.

Henkelman, Uberuaga, Jónsson, J. Chem. Phys. 113, 9901 (2000). The band is ASE's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.geometry import find_mic
from ase.mep import NEB
from ase.optimize import FIRE
from numpy.typing import NDArray

from engine.errors import StructureError
from engine.math import match_atoms, match_periodic
from engine.potentials.relax import free_atoms, relax
from engine.protocols import FloatArray, Potential

END_STEPS = 100  # most of a relaxation of the ends
SPRING = 0.1  # eV/Å²
METHOD = "improvedtangent"  # Henkelman and Jónsson, J. Chem. Phys. 113, 9978 (2000)
SAME_PLACE = 0.1  # Å: ends none of whose atoms are farther apart are one minimum


@dataclass(frozen=True, eq=False)
class Band:
    """A path between two minima.

    Attributes
    ----------
    energy : (n,) eV of its images, both ends among them
    converged : whether its highest image is a saddle, and not only an upper bound to one
    steps : that the band took
    """

    energy: FloatArray
    converged: bool
    steps: int

    @property
    def rises(self) -> tuple[float, float]:
        """Its highest point over each end (eV)."""
        top = self.energy.max()
        return float(top - self.energy[0]), float(top - self.energy[-1])


def connect(
    first: Atoms, last: Atoms, potential: Potential, *, images: int = 5, fmax: float = 0.1, steps: int = 60
) -> Band:
    """Relax both ends in the potential, and a climbing band between them.

    The last structure's atoms are renumbered to lie near those of the first; a cluster is turned too. Where
    both ends come to rest in one minimum there is no barrier.

    Parameters
    ----------
    first, last : structures of the same atoms
    images : between the ends
    fmax : eV/Å, of the band; the ends are relaxed to half of it
    steps : most steps of the band

    Raises
    ------
    StructureError
        if the structures are not of the same atoms, or the potential has no energy on the way
    """
    if not np.array_equal(np.sort(first.numbers), np.sort(last.numbers)):
        raise StructureError(f"{first.symbols} and {last.symbols} are not the same atoms: no path joins them")
    ends = relax([first, last], potential, fmax / 2, END_STEPS)
    start, end = ends.structures[0], _near(ends.structures[1], ends.structures[0])
    if not np.isfinite(ends.energy).all():
        raise StructureError(f"there is no energy of a minimum of {first.symbols}")
    apart = np.linalg.norm(find_mic(end.positions - start.positions, start.cell, start.pbc)[0], axis=1)
    if apart.max() < SAME_PLACE:
        return Band(ends.energy, bool(ends.converged.all()), 0)
    path = [start, *(start.copy() for _ in range(images)), end]
    periodic = bool(start.pbc.any())
    NEB(path, method=METHOD).interpolate(method="idpp", mic=periodic)
    together = _Together(path, potential, ends.energy)
    band = NEB(path, k=SPRING, climb=True, method=METHOD, remove_rotation_and_translation=not periodic)
    optimizer = FIRE(band, logfile=None)
    climbed = optimizer.run(fmax=fmax, steps=steps)
    return Band(together.energy, bool(climbed and ends.converged.all()), optimizer.nsteps)


class _Together:
    """The images of a band; those between its ends are evaluated in one batch, when one is asked for.

    Attributes
    ----------
    energy : (n,) eV, of the images as they were evaluated last
    """

    def __init__(self, path: list[Atoms], potential: Potential, ends: FloatArray) -> None:
        self._between = path[1:-1]
        self._potential = potential
        self._at: FloatArray | None = None
        self.energy = np.array([ends[0], *np.full(len(self._between), np.nan), ends[1]])
        self._forces = [np.zeros((len(path[0]), 3)) for _ in path]
        for k, image in enumerate(path):
            image.calc = _Image(self, k, is_end=k in (0, len(path) - 1))

    def evaluate(self) -> None:
        """Ask for all images between the ends, unless none has moved."""
        at = np.array([image.positions for image in self._between])
        if self._at is not None and np.array_equal(at, self._at):
            return
        said = self._potential.predict(self._between)
        if not np.isfinite(said.energy).all():
            raise StructureError(f"there is no energy of {self._between[0].symbols} between two minima")
        self._at, self.energy[1:-1], self._forces[1:-1] = at, said.energy, said.forces

    def of(self, k: int) -> dict[str, Any]:
        """Energy (eV) and forces (eV/Å) of image k."""
        return {"energy": float(self.energy[k]), "forces": self._forces[k]}


class _Image(Calculator):  # type: ignore[misc]  # ASE's classes are untyped
    """One image of the band: what ASE asks it for, the whole band computes; an end keeps its energy."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces"]

    def __init__(self, together: _Together, number: int, *, is_end: bool) -> None:
        super().__init__()
        self._together, self._number, self._is_end = together, number, is_end

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Take part in an evaluation of all images; called by ASE."""
        super().calculate(atoms, properties, system_changes)
        if not self._is_end:
            self._together.evaluate()
        self.results = self._together.of(self._number)


def _near(structure: Atoms, onto: Atoms) -> Atoms:
    """The same structure, with each atom numbered as the one of its kind that it lies near."""
    if onto.pbc.any():
        kinds, other_kinds = _kinds(onto), _kinds(structure)
        there = match_periodic(
            onto.positions, kinds, structure.positions, other_kinds, cell=onto.cell, pbc=onto.pbc
        )
    else:
        there = match_atoms(onto.positions, onto.numbers, structure.positions, structure.numbers)
    moved: Atoms = onto.copy()
    moved.set_positions(there.placed, apply_constraint=False)
    return moved


def _kinds(structure: Atoms) -> NDArray[np.int64]:
    """Elements of atoms that move; one that is fixed is of a kind of its own."""
    kinds: NDArray[np.int64] = np.where(
        free_atoms(structure), structure.numbers, -1 - np.arange(len(structure))
    )
    return kinds
