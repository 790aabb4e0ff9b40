"""A structure as plain arrays, ready to be drawn: bonds, colours, cell edges, force arrows, a first view.

Pure data: no widget, no browser. Coordinates stay in the frame of the structure (ASE's own writers turn the
cell, and arrows would then point the wrong way).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from numpy.typing import ArrayLike, NDArray

from dashboard.theme import RAMP

if TYPE_CHECKING:
    from ase import Atoms

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

BOND_TOLERANCE = 1.15
"""Longest bond over the sum of covalent radii: Ag-Ag and Ag-S of relaxed clusters, no second neighbours."""
ATOM_SCALE = 0.5
"""Drawn radius over covalent radius."""
LONGEST_ARROW = 2.6
"""Length of the longest force arrow (Å) unless a scale is given."""
STOPS = np.array([[int(stop[i : i + 2], 16) / 255 for i in (1, 3, 5)] for stop in RAMP])


def bonds(atoms: Atoms) -> IntArray:
    """Pairs of atoms nearer than `BOND_TOLERANCE` times the sum of their covalent radii.

    Those of ASE's neighbour list with natural cut-offs that do not cross the cell's boundary: a line to a
    periodic image would run through the whole cell.

    Returns
    -------
    (k, 2) indices, the smaller first, in ascending order
    """
    if len(atoms) < 2:
        return np.empty((0, 2), dtype=np.int64)
    from scipy.spatial import cKDTree  # with much of scipy, for which the first page does not wait

    cutoffs = BOND_TOLERANCE * covalent_radii[atoms.numbers]
    pairs = cKDTree(atoms.positions).query_pairs(2 * cutoffs.max(), output_type="ndarray")
    distance = np.linalg.norm(atoms.positions[pairs[:, 0]] - atoms.positions[pairs[:, 1]], axis=1)
    pairs = np.sort(pairs[distance < cutoffs[pairs].sum(axis=1)], axis=1).astype(np.int64)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def cell_edges(cell: ArrayLike) -> FloatArray:
    """Twelve edges of the parallelepiped spanned by three vectors; none if it has no volume.

    Parameters
    ----------
    cell : (3, 3) Å, vectors in rows

    Returns
    -------
    (12, 2, 3) Å, start and end of each edge
    """
    vectors = np.asarray(cell, dtype=float)
    if abs(np.linalg.det(vectors)) < 1e-6:  # Å³
        return np.empty((0, 2, 3))
    edges = []
    for axis in range(3):
        others = [vectors[i] for i in range(3) if i != axis]
        for a, b in product((0, 1), repeat=2):
            corner = a * others[0] + b * others[1]
            edges.append((corner, corner + vectors[axis]))
    return np.array(edges)


def first_view(atoms: Atoms) -> FloatArray:
    """Rotation of the first look: a cluster flat in its principal axes, a crystal from slightly above, c up.

    Returns
    -------
    (3, 3) proper rotation; `positions @ view.T` has x to the right, y up and z to the viewer
    """
    if atoms.pbc.any():
        turn, tilt = np.radians(-20.0), np.radians(-78.0)
        about_c = np.array(
            [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]], dtype=float
        )
        about_x = np.array(
            [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]], dtype=float
        )
        return about_x @ about_c
    if len(atoms) < 2:
        return np.eye(3)
    offsets = atoms.positions - atoms.positions.mean(axis=0)
    axes = np.linalg.eigh(offsets.T @ offsets)[1].T[::-1].copy()
    # the largest component points along its axis, so that the sign does not flip between two frames
    axes *= np.where(axes[np.arange(3), np.abs(axes).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
    axes[2] = np.cross(axes[0], axes[1])
    return axes


def map_colors(values: ArrayLike, low: float, high: float) -> FloatArray:
    """Colours of ``values`` between ``low`` and ``high``, clipped; all-equal values are the middle.

    Returns
    -------
    (n, 3) red, green, blue in 0..1
    """
    values = np.asarray(values, dtype=float)
    span = high - low
    where = np.clip((values - low) / span, 0.0, 1.0) if span > 0 else np.full(values.shape, 0.5)
    places = np.linspace(0.0, 1.0, len(STOPS))
    return np.stack([np.interp(where, places, STOPS[:, i]) for i in range(3)], axis=-1)


def arrow_tips(
    positions: ArrayLike, forces: ArrayLike, scale: float | None = None
) -> tuple[FloatArray, float]:
    """End points of force arrows, ``tip = position + scale * force``, in the frame of the structure.

    Parameters
    ----------
    positions : (n, 3) Å
    forces : (n, 3) eV/Å
    scale : Å per eV/Å; None makes the longest arrow `LONGEST_ARROW` long

    Returns
    -------
    tips : (n, 3) Å
    scale : the one that was used
    """
    positions, forces = np.asarray(positions, dtype=float), np.asarray(forces, dtype=float)
    longest = float(np.linalg.norm(forces, axis=1).max(initial=0.0))
    if scale is None:
        scale = LONGEST_ARROW / longest if longest > 0 else 1.0
    return positions + scale * forces, scale


TOPOLOGY = ("symbols", "radii", "colors", "cell", "pbc")
"""What stays of a scene while its atoms move."""


def moved(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any] | None:
    """What differs between two scenes of the same atoms in the same cell; None of any others.

    Returns
    -------
    the new values; None stands for what is not known any more
    """
    if not all(np.array_equal(before[name], after[name]) for name in TOPOLOGY):
        return None
    names = sorted((before.keys() | after.keys()) - {"serial"})
    known: list[tuple[str, Any, Any]] = [(name, before.get(name), after.get(name)) for name in names]
    return {name: new for name, old, new in known if not np.array_equal(old, new)}


def _values(values: ArrayLike, value_range: Sequence[float] | None, label: str, unit: str) -> dict[str, Any]:
    per_atom = np.asarray(values, dtype=float)
    if not np.isfinite(per_atom).all():
        raise ValueError(f"values: finite numbers only, got {per_atom[~np.isfinite(per_atom)][0]}")
    low, high = (float(end) for end in value_range or (per_atom.min(), per_atom.max()))
    return {
        "values": per_atom.astype(np.float32),
        "value_colors": map_colors(per_atom, low, high).astype(np.float32).ravel(),
        "value_range": [low, high],
        "value_label": label,
        "value_unit": unit,
    }


def _frame(atoms: Atoms, edges: FloatArray) -> dict[str, Any]:
    """Centre, radius and first rotation of the camera."""
    shown = np.concatenate([atoms.positions, edges.reshape(-1, 3)])
    center = atoms.cell.sum(axis=0) / 2 if len(edges) else atoms.positions.mean(axis=0)
    # 1.2 Å: the drawn radius of the largest atoms
    radius = float(np.linalg.norm(shown - center, axis=1).max()) + 1.2
    return {"center": center.tolist(), "radius": radius, "view": first_view(atoms).ravel().tolist()}


@dataclass(frozen=True, eq=False)
class Vectors:
    """A vector at each atom that is drawn as an arrow instead of its force.

    Attributes
    ----------
    values : (n, 3)
    label, unit : what the legend calls them
    scale : Å per unit; None makes the longest arrow `LONGEST_ARROW` long
    """

    values: ArrayLike
    label: str
    unit: str
    scale: float | None = None


def scene(
    atoms: Atoms,
    values: ArrayLike | None = None,
    forces: ArrayLike | None = None,
    *,
    id: str = "",  # noqa: A002
    value_range: Sequence[float] | None = None,
    value_label: str = "σ per atom",
    value_unit: str = "eV",
    force_scale: float | None = None,
    force_label: str = "force",
    vectors: Vectors | None = None,
) -> dict[str, Any]:
    """All that a viewer draws of ``atoms``, as numbers and words.

    Parameters
    ----------
    atoms : the structure; a cell is drawn only where it is periodic
    values : (n,) one number per atom to colour by, usually its uncertainty (eV)
    forces : (n, 3) eV/Å
    id : written on the drawn element, so that a test or a person can tell what is on the screen
    value_range : ends of the colour scale; None takes those of ``values``
    force_scale : Å per eV/Å, see `arrow_tips`
    force_label : what the legend calls them
    vectors : what the arrows show, where that is not the forces

    Returns
    -------
    a dict of Float32 arrays (positions, colours), index arrays (bonds) and plain JSON
    """
    if len(atoms) == 0:
        raise ValueError("a scene needs at least one atom, got an empty structure")
    arrows = None if vectors is None else vectors.values
    for name, given in (("values", values), ("forces", forces), ("vectors", arrows)):
        if given is not None and len(np.asarray(given)) != len(atoms):
            raise ValueError(
                f"{name}: one entry per atom, got {len(np.asarray(given))} for {len(atoms)} atoms"
            )
    edges = cell_edges(atoms.cell) if atoms.pbc.any() else np.empty((0, 2, 3))
    numbers = atoms.numbers
    drawn: dict[str, Any] = {
        "id": str(id),
        "symbols": list(atoms.symbols),
        "positions": atoms.positions.astype(np.float32).ravel(),
        "radii": (ATOM_SCALE * covalent_radii[numbers]).astype(np.float32),
        "colors": jmol_colors[numbers].astype(np.float32).ravel(),
        "bonds": bonds(atoms).astype(np.int32).ravel(),
        "cell": edges.astype(np.float32).ravel(),
        "pbc": [bool(p) for p in atoms.pbc],
        **_frame(atoms, edges),
    }
    if values is not None:
        drawn |= _values(values, value_range, value_label, value_unit)
    if forces is not None:
        tips, scale = arrow_tips(atoms.positions, forces, force_scale)
        norms = np.linalg.norm(np.asarray(forces, dtype=float), axis=1)
        longest = float(norms.max())
        drawn |= {
            "tips": tips.astype(np.float32).ravel(),
            "forces": norms.astype(np.float32),
            "force_colors": map_colors(norms, 0.0, longest).astype(np.float32).ravel(),
            "force_range": [0.0, longest],
            "force_scale": scale,
            "force_max": longest,
            "arrow_label": force_label,
            "arrow_unit": "eV/Å",
            "arrow_max": longest,
        }
    if vectors is not None:
        tips, _ = arrow_tips(atoms.positions, vectors.values, vectors.scale)
        drawn |= {
            "tips": tips.astype(np.float32).ravel(),
            "arrow_label": vectors.label,
            "arrow_unit": vectors.unit,
            "arrow_max": float(np.linalg.norm(np.asarray(vectors.values, dtype=float), axis=1).max()),
        }
    return drawn
