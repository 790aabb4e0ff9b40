"""Defects and surfaces of crystals, as geometry makes them: nothing is relaxed.

Copies without calculator and constraints.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike, NDArray

from engine.crystals import SYMMETRIC, bare, check_crystal, conventional
from engine.errors import StructureError
from engine.protocols import FloatArray

SITES = {"largest": None, "tetrahedral": 4, "hexagonal": 6, "octahedral": 6}
"""Holes by the number of their nearest atoms. Diamond's largest is tetrahedral, its next hexagonal.

Where the largest hole has six, as in fcc and hcp, it is called octahedral.
"""
FACES = ((1, 0, 0), (1, 1, 0), (1, 1, 1))
"""Miller indices of the surfaces that are asked for."""

_SAME = 1e-3  # holes whose sizes differ by less than this part are of one kind


def vacancy(crystal: Atoms, atom: int = 0) -> Atoms:
    """Without one of its atoms.

    Raises
    ------
    StructureError
        if it is no crystal, or has no such atom
    """
    check_crystal(crystal)
    copy = bare(crystal)
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
    copy: Atoms = bare(crystal) + Atoms(added, fitting[:1])
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
    copy = bare(crystal)
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
    slab = bare(stack[(stack.positions[:, 2] > cut) & (stack.positions[:, 2] < cut + layers * height)])
    slab.center(vacuum / 2, axis=2)
    return slab


def sites(crystal: Atoms) -> list[str]:
    """Names of the kinds of holes that a crystal has, of `SITES`, the largest first.

    Raises
    ------
    StructureError
        if it is no crystal
    """
    _, coordination = holes(crystal)
    kinds = list(dict.fromkeys(coordination.tolist()))
    names = {4: "tetrahedral", 6: "octahedral" if kinds[0] == 6 else "hexagonal"}
    return [names[kind] for kind in kinds if kind in names] or ["largest"]


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
    planes = np.sort((heights + SYMMETRIC) % period) - SYMMETRIC
    gaps = np.diff(planes, append=planes[0] + period)
    widest = int(np.flatnonzero(gaps > gaps.max() - SYMMETRIC)[0])
    return float(planes[widest] + gaps[widest] / 2)


def _added(crystal: Atoms, element: str | None) -> str:
    check_crystal(crystal)
    elements = sorted(set(crystal.symbols))
    if element is None and len(elements) > 1:
        raise StructureError(f"{crystal.symbols} is of several elements: say which one is added")
    return element or str(elements[0])
