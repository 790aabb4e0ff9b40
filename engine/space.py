"""Where a search may put atoms: in a cube in the middle of a box, or above a surface, or nowhere: a crystal.

Distances are to the nearest periodic image.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from engine.config import CrystalSettings, SlabSettings, SystemSettings
from engine.pool_file import PoolFile
from engine.protocols import FloatArray
from engine.structures import read_crystal, read_slab

_LAYER = 0.5  # Å: atoms nearer than this along z are of one layer
_BELOW = 3.0  # Å of the cell below the slab


@dataclass(frozen=True)
class Space:
    """A formula to place, what it is placed on, and the region that its atoms keep to.

    Attributes
    ----------
    composition : chemical formula of what is placed, empty in a crystal
    substrate : the surface with its fixed atoms, or the crystal; of a cluster, an empty box
    low, high : (3,) corners of the region of atoms that move (Å), infinite along a surface
    top : atoms of the substrate that others may be bonded to when they are placed
    folder : the campaign's, where files are that settings name
    """

    composition: str
    substrate: Atoms
    low: FloatArray
    high: FloatArray
    top: NDArray[np.int64]
    folder: Path = Path()

    @classmethod
    def of(cls, system: SystemSettings, folder: Path | None = None) -> Space:
        """Read campaign.toml's ``[system]``; files that it names are looked for in `folder`.

        Raises
        ------
        StructureError
            if the file of a slab or a crystal cannot be used
        """
        from ase.constraints import FixAtoms  # takes longer to import than the settings

        slab, folder = system.slab, folder or Path()
        if system.is_crystal:
            crystal = crystal_of(system.crystal, folder)
            everywhere = np.full(3, np.inf)
            return cls("", crystal, -everywhere, everywhere, np.arange(len(crystal)), folder)
        if slab.surface == "none":
            middle, half = np.array(system.cell) / 2, system.confinement / 2
            box = Atoms(cell=system.cell, pbc=False)
            nothing = np.empty(0, dtype=np.int64)
            return cls(system.composition, box, middle - half, middle + half, nothing, folder)
        substrate = _built(slab) if slab.file is None else read_slab(folder / slab.file)
        layers = _layers(substrate)
        if not substrate.constraints:
            substrate.set_constraint(FixAtoms(np.flatnonzero(layers < slab.fixed_layers)))
        substrate.positions[:, 2] += _BELOW - substrate.positions[:, 2].min()
        surface = float(substrate.positions[:, 2].max())
        substrate.cell[2] = [0.0, 0.0, surface + slab.height + slab.vacuum]
        fixed = [index for constraint in substrate.constraints for index in constraint.index]
        floor = substrate.positions[fixed, 2].max(initial=_BELOW - _LAYER)
        return cls(
            composition=system.composition,
            substrate=substrate,
            low=np.array([-np.inf, -np.inf, floor]),
            high=np.array([np.inf, np.inf, surface + slab.height]),
            top=np.flatnonzero(layers == layers.max()),
            folder=folder,
        )

    @property
    def symbols(self) -> tuple[str, ...]:
        """Chemical symbols that occur, sorted."""
        return tuple(sorted({*self.substrate.symbols, *Atoms(self.composition).symbols}))

    @property
    def middle(self) -> FloatArray:
        """Middle of the box (Å)."""
        middle: FloatArray = np.asarray(self.substrate.cell).sum(axis=0) / 2
        return middle

    def pool(self, source: str) -> PoolFile:
        """The structures in a file of the campaign's folder, periodic where this is."""
        a, b, c = self.substrate.pbc.tolist()
        return PoolFile(self.folder / source, self.symbols, (a, b, c))

    def holds(self, positions: FloatArray) -> NDArray[np.bool_]:
        """Whether each of (n, 3) positions (Å) is in the region, (n,)."""
        return np.asarray(((positions >= self.low) & (positions <= self.high)).all(axis=-1))

    def distances(self, spot: FloatArray, positions: FloatArray) -> FloatArray:
        """Distance (Å) from `spot` (3,) to the nearest image of each of (n, 3) positions, (n,)."""
        away = positions - spot
        if len(self._shifts) == 1:
            return np.asarray(np.linalg.norm(away, axis=1))
        away -= np.round(away @ self._inverse) @ self._lattice
        nearest: FloatArray = np.linalg.norm(away + self._shifts[:, None], axis=2).min(axis=0)
        return nearest

    @cached_property
    def _lattice(self) -> FloatArray:
        """Periodic vectors, the others zero (Å)."""
        lattice: FloatArray = np.asarray(self.substrate.cell) * self.substrate.pbc[:, None]
        return lattice

    @cached_property
    def _inverse(self) -> FloatArray:
        """From Å to multiples of the periodic vectors."""
        return np.asarray(np.linalg.pinv(self._lattice))

    @cached_property
    def _shifts(self) -> FloatArray:
        """Lattice vectors (Å): one of them leads to the nearest image of a point half a cell off at most."""
        steps = [(-1, 0, 1) if periodic else (0,) for periodic in self.substrate.pbc]
        return np.array(list(product(*steps)), dtype=float) @ self._lattice


def _built(slab: SlabSettings) -> Atoms:
    import ase.build  # takes longer to import than the settings

    built = getattr(ase.build, slab.surface)(slab.element, slab.size, a=slab.lattice_constant)
    return Atoms(built.numbers, built.positions, cell=built.cell, pbc=(True, True, False))


def crystal_of(crystal: CrystalSettings, folder: Path | None = None) -> Atoms:
    """The crystal as ASE builds it, or read from its file in `folder`, in as many cells as it asks for."""
    import ase.build  # takes longer to import than the settings

    if crystal.file is not None:
        cell = read_crystal((folder or Path()) / crystal.file)
    elif crystal.lattice == "chalcopyrite":
        cell = _chalcopyrite(crystal)
    else:
        cell = ase.build.bulk(crystal.formula, crystal.lattice, a=crystal.lattice_constant, cubic=True)
    repeated: Atoms = cell * crystal.size
    return repeated


def _chalcopyrite(crystal: CrystalSettings) -> Atoms:
    """The tetragonal cell of 16 atoms, space group I-42d."""
    import ase.spacegroup

    sites = [(0, 0, 0), (0, 0, 0.5), (crystal.u, 0.25, 0.125)]
    a, c = crystal.lattice_constant, crystal.lattice_constant * crystal.c_over_a
    symbols = list(dict.fromkeys(Atoms(crystal.formula).symbols))
    built = ase.spacegroup.crystal(symbols, sites, spacegroup=122, cellpar=[a, a, c, 90, 90, 90])
    return Atoms(built.numbers, built.positions, cell=built.cell, pbc=True)


def _layers(slab: Atoms) -> NDArray[np.int64]:
    """Which layer each atom is of, counted from below, (n,)."""
    order = np.argsort(slab.positions[:, 2], kind="stable")
    steps = np.diff(slab.positions[order, 2], prepend=slab.positions[order[0], 2]) > _LAYER
    layers = np.empty(len(slab), dtype=np.int64)
    layers[order] = np.cumsum(steps)
    return layers
