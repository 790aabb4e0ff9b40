"""A structure in a notebook: nglview, in the frame of the structure.

``nglview.show_ase`` goes through ASE's PDB writer, which turns the cell and with it every atom; here the
coordinates go as Cartesian mmCIF (nglview's NGL reads no XYZ), and the cell is drawn as twelve lines.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import nglview
import numpy as np
from ase import Atoms

from engine.errors import StructureError
from engine.protocols import FloatArray

RAMP = "viridis"
CELL_RADIUS = 0.06  # Å
COLUMNS = (
    "group_PDB",
    "id",
    "type_symbol",
    "label_atom_id",
    "label_comp_id",
    "label_asym_id",
    "label_entity_id",
    "Cartn_x",
    "Cartn_y",
    "Cartn_z",
    "occupancy",
    "B_iso_or_equiv",
    "auth_seq_id",
    "auth_asym_id",
)


def structure_widget(structure: Atoms, atom_std: FloatArray | None = None) -> nglview.NGLWidget:
    """Return a widget that shows `structure`.

    Parameters
    ----------
    structure : any cell, periodic or not
    atom_std : (n_atoms,) eV, what to colour by; None colours by element

    Raises
    ------
    StructureError
        if there is no atom, or a position is not finite
    """
    if len(structure) == 0:
        raise StructureError("a structure without atoms cannot be shown")
    if not np.isfinite(structure.positions).all():
        raise StructureError(f"{structure.symbols} has positions that are not finite")
    widget = nglview.NGLWidget(
        nglview.TextStructure(mmcif(structure, atom_std), ext="cif"),
        default_representation=False,
        center=False,
    )
    widget.add_representation("ball+stick", **({} if atom_std is None else _by_value(atom_std)))
    for start, end in cell_edges(np.asarray(structure.cell)):
        widget.shape.add_cylinder(start, end, [0.5, 0.5, 0.5], CELL_RADIUS)
    widget.center()
    return widget


def mmcif(structure: Atoms, values: FloatArray | None = None) -> str:
    """Cartesian coordinates as mmCIF text, every digit of them; `values` take the place of B factors."""
    values = np.zeros(len(structure)) if values is None else values
    atoms = zip(structure.symbols, structure.positions.tolist(), values.tolist(), strict=True)
    lines = [
        f"HETATM {serial} {symbol} {symbol} X A 1 {x!r} {y!r} {z!r} 1.0 {value!r} 1 A"
        for serial, (symbol, (x, y, z), value) in enumerate(atoms, start=1)
    ]
    names = [f"_atom_site.{column}" for column in COLUMNS]
    # NGL asks for a description of every residue
    header = ["data_structure", "_chem_comp.id X", "_chem_comp.type non-polymer", "loop_"]
    return "\n".join([*header, *names, *lines, "#", ""])


def cell_edges(cell: FloatArray) -> list[tuple[list[float], list[float]]]:
    """Start and end (Å) of the cell's twelve edges; none if it has no volume."""
    if abs(np.linalg.det(cell)) < 1e-6:  # Å³
        return []
    edges = []
    for axis in range(3):
        one, other = (cell[i] for i in range(3) if i != axis)
        for a, b in product((0, 1), repeat=2):
            corner = a * one + b * other
            edges.append((corner.tolist(), (corner + cell[axis]).tolist()))
    return edges


def _by_value(values: FloatArray) -> dict[str, Any]:
    low, high = float(values.min()), float(values.max())
    domain = [low, high] if high > low else [low - 0.5, high + 0.5]
    return {"color_scheme": "bfactor", "color_scale": RAMP, "color_domain": domain}
