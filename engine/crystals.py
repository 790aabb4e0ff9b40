"""Crystals and what is made of them: strained cells, defects and surfaces.

Copies without calculator and constraints; nothing is relaxed here.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike, NDArray

from engine.errors import StructureError
from engine.math import strain_tensor
from engine.protocols import FloatArray

SITES = {"largest": None, "tetrahedral": 4, "hexagonal": 6, "octahedral": 6}
"""Holes by the number of their nearest atoms. Diamond's largest is tetrahedral, its next hexagonal."""

_SAME = 1e-3  # holes and planes whose sizes differ by less than this part are of one kind
_SYMMETRIC = 1e-3  # Å: atoms nearer to their ideal places than this are on them


def check_crystal(structure: Atoms) -> None:
    """See that a structure is periodic in all directions.

    Raises
    ------
    StructureError
        if it has no atoms, no whole cell, or is not periodic in some direction
    """
    if not len(structure):
        raise StructureError("a crystal has atoms, this holds none")
    if structure.cell.rank < 3:
        raise StructureError(f"{structure.symbols} has no cell: a crystal has one with a volume")
    if not structure.pbc.all():
        raise StructureError(f"{structure.symbols} is not periodic in all directions: a crystal is")


def check_element(crystal: Atoms) -> None:
    """See that a crystal is of one element, so that an atom has an energy in it.

    Raises
    ------
    StructureError
        if it is of several, or no crystal
    """
    check_crystal(crystal)
    if len(set(crystal.numbers)) > 1:
        raise StructureError(
            f"{crystal.symbols} is of several elements: the energy of one atom is not defined"
        )


def strained(crystal: Atoms, voigt: ArrayLike) -> Atoms:
    """Cell and atoms strained alike: each vector r becomes (1 + ε) r.

    Parameters
    ----------
    crystal : periodic in all directions
    voigt : (6,) strains in Voigt's order xx yy zz yz xz xy, shear γ = 2ε

    Raises
    ------
    StructureError
        if it is no crystal, or nothing is left of its volume
    """
    check_crystal(crystal)
    deformation = np.eye(3) + strain_tensor(voigt)
    if not np.linalg.det(deformation) > 0:
        raise StructureError(f"the strains {np.asarray(voigt).tolist()} leave no volume")
    copy = _bare(crystal)
    copy.set_cell(np.asarray(copy.cell) @ deformation, scale_atoms=True)
    return copy


def conventional(crystal: Atoms) -> Atoms:
    """The conventional cell in its standard orientation, by its symmetry (spglib).

    Raises
    ------
    StructureError
        if it is no crystal, or its symmetry cannot be found
    """
    import spglib

    check_crystal(crystal)
    cell = spglib.standardize_cell(_plain(crystal), symprec=_SYMMETRIC)
    if cell is None:
        raise StructureError(
            f"the symmetry of {crystal.symbols} cannot be found: are two atoms in one place?"
        )
    lattice, scaled, numbers = cell
    return Atoms(numbers, cell=lattice, scaled_positions=scaled, pbc=True)


def space_group(crystal: Atoms) -> int:
    """Number of its space group, 1 to 230.

    Raises
    ------
    StructureError
        if it is no crystal, or its symmetry cannot be found
    """
    import spglib

    check_crystal(crystal)
    found = spglib.get_symmetry_dataset(_plain(crystal), symprec=_SYMMETRIC)
    if found is None:
        raise StructureError(
            f"the symmetry of {crystal.symbols} cannot be found: are two atoms in one place?"
        )
    return int(found.number)


def supercell(crystal: Atoms, edge: float) -> Atoms:
    """The smallest repetition whose opposite faces are at least `edge` (Å) apart.

    Raises
    ------
    StructureError
        if it is no crystal
    """
    check_crystal(crystal)
    heights = 1 / np.linalg.norm(np.linalg.inv(np.asarray(crystal.cell)), axis=0)
    larger: Atoms = _bare(crystal).repeat(np.ceil(edge / heights - 1e-9).astype(int))
    return larger


def vacancy(crystal: Atoms, atom: int = 0) -> Atoms:
    """Without one of its atoms.

    Raises
    ------
    StructureError
        if it is no crystal, or has no such atom
    """
    check_crystal(crystal)
    copy = _bare(crystal)
    if not 0 <= atom < len(copy) or len(copy) < 2:
        raise StructureError(f"{crystal.symbols} cannot lose atom {atom}: it has {len(copy)}")
    del copy[atom]
    return copy


def interstitial(crystal: Atoms, site: str = "largest", element: str | None = None) -> Atoms:
    """With one more atom, last, in the largest hole of a kind.

    Parameters
    ----------
    crystal : periodic in all directions
    site : of `SITES`
    element : what is added; needed if the crystal is of several

    Raises
    ------
    StructureError
        if it is no crystal, has no hole of that kind, or does not say which element is added
    """
    added = _added(crystal, element)
    places, coordination = holes(crystal)
    if site not in SITES:
        raise StructureError(f"there is no site {site!r}; known: {', '.join(SITES)}")
    wanted = SITES[site]
    fitting = places if wanted is None else places[coordination == wanted]
    if not len(fitting):
        raise StructureError(f"{crystal.symbols} has no {site} hole: none with {wanted} nearest atoms")
    copy: Atoms = _bare(crystal) + Atoms(added, fitting[:1])
    return copy


def dumbbell(
    crystal: Atoms, atom: int = 0, direction: ArrayLike = (1, 1, 0), element: str | None = None
) -> Atoms:
    """A split interstitial: one atom, and one more, last, on either side of a site along `direction`.

    They are one nearest distance of the crystal apart.

    Raises
    ------
    StructureError
        if it is no crystal, has no such atom, or does not say which element is added
    """
    added = _added(crystal, element)
    if not 0 <= atom < len(crystal):
        raise StructureError(f"{crystal.symbols} has no atom {atom}: it has {len(crystal)}")
    along = np.asarray(direction, dtype=float)
    half = along / np.linalg.norm(along) * _nearest(crystal) / 2
    copy = _bare(crystal)
    site = copy.positions[atom].copy()
    copy.positions[atom] = site + half
    copy += Atoms(added, [site - half])
    return copy


def surface(crystal: Atoms, face: tuple[int, int, int], thickness: float, vacuum: float) -> Atoms:
    """A slab along z, cut where its planes are farthest apart, periodic in all directions.

    Parameters
    ----------
    crystal : periodic in all directions; Miller indices are those of its conventional cell
    face : Miller indices
    thickness : of the slab at least (Å)
    vacuum : above it (Å)

    Raises
    ------
    StructureError
        if it is no crystal, or there is no such face
    """
    from ase.build import surface as build

    if not any(face):
        raise StructureError(f"there is no face {face}: Miller indices are not all zero")
    cell = conventional(crystal)
    height = float(build(cell, face, 1, periodic=True).cell[2, 2])
    layers = int(np.ceil(thickness / height))
    stack = build(cell, face, layers + 1, periodic=True)
    cut = _widest_gap(stack.positions[:, 2], height)
    slab = _bare(stack[(stack.positions[:, 2] > cut) & (stack.positions[:, 2] < cut + layers * height)])
    slab.center(vacuum / 2, axis=2)
    return slab


def holes(crystal: Atoms) -> tuple[FloatArray, NDArray[np.int64]]:
    """Places as far from all atoms around them as possible, the largest first: Voronoi's corners.

    Returns
    -------
    (n, 3) places (Å) in the cell, and (n,) the number of their nearest atoms

    Raises
    ------
    StructureError
        if it is no crystal
    """
    from scipy.spatial import Voronoi, cKDTree

    check_crystal(crystal)
    around = _surroundings(crystal)
    corners = Voronoi(around).vertices
    scaled = crystal.cell.scaled_positions(corners)
    corners = corners[((scaled > -1e-6) & (scaled < 1 - 1e-6)).all(axis=1)]
    tree = cKDTree(around)
    size = tree.query(corners)[0]
    coordination = np.array(
        [len(near) for near in tree.query_ball_point(corners, size * (1 + _SAME))], dtype=np.int64
    )
    order = np.lexsort((*corners.T.round(6), -size.round(3)))
    return corners[order], coordination[order]


def _surroundings(crystal: Atoms) -> FloatArray:
    """Positions (Å) of the atoms and of all images within a cell's length of the cell."""
    inside = crystal.copy()
    inside.wrap()
    shifts = np.array(list(product((-1, 0, 1), repeat=3)), dtype=float) @ np.asarray(inside.cell)
    around: FloatArray = (inside.positions + shifts[:, None]).reshape(-1, 3)
    return around


def _nearest(crystal: Atoms) -> float:
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(_surroundings(crystal)).query(crystal.positions, k=2)
    return float(distances[:, 1].min())


def _widest_gap(heights: FloatArray, period: float) -> float:
    """Middle of the lowest of the widest gaps between planes, in the first period (Å)."""
    planes = np.sort((heights + _SYMMETRIC) % period) - _SYMMETRIC
    gaps = np.diff(planes, append=planes[0] + period)
    widest = int(np.flatnonzero(gaps > gaps.max() - _SYMMETRIC)[0])
    return float(planes[widest] + gaps[widest] / 2)


def _added(crystal: Atoms, element: str | None) -> str:
    check_crystal(crystal)
    elements = sorted(set(crystal.symbols))
    if element is None and len(elements) > 1:
        raise StructureError(f"{crystal.symbols} is of several elements: say which one is added")
    return element or str(elements[0])


def _bare(structure: Atoms) -> Atoms:
    """Atoms, cell and periodicity alone."""
    return Atoms(structure.numbers, structure.positions, cell=structure.cell, pbc=structure.pbc)


def _plain(crystal: Atoms) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    return np.asarray(crystal.cell), crystal.get_scaled_positions(), crystal.numbers
