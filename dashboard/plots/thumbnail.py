"""A structure as a small picture: an SVG of shaded balls and sticks, for cards and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ase.data import covalent_radii
from ase.data.colors import jmol_colors

from dashboard.plots.structure_scene import ATOM_SCALE, FloatArray, IntArray, bonds, first_view

if TYPE_CHECKING:
    from ase import Atoms

WIDTH, HEIGHT = 96, 72  # px
MARGIN = 4.0  # px
LARGEST_ZOOM = 14.0  # px per Å: two atoms are not drawn larger than twenty
FAR = 0.55
"""How much of its colour the farthest atom keeps; the rest is the haze."""
MANY = 150
"""Of more atoms only those are drawn that nothing hides, and no bonds: they would hide the atoms."""
RESERVED = {"%": "%25", "#": "%23", "<": "%3C", ">": "%3E", '"': "%22"}
"""What must not stand in an address as it is; the percent sign first."""
DOT = 2.0  # px within which one atom hides another
HAZE = np.array([150, 156, 168])  # a grey that recedes on light and dark cards alike


def _hex(rgb: FloatArray) -> list[str]:
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in rgb.round().astype(int).tolist()]


def _projected(atoms: Atoms) -> tuple[FloatArray, FloatArray, float]:
    """Places on the picture (px), depth in 0 (far) .. 1 (near), and the zoom in px per Å."""
    radii = ATOM_SCALE * covalent_radii[atoms.numbers]
    turned = atoms.positions @ first_view(atoms).T
    low = (turned - radii[:, None]).min(axis=0)
    high = (turned + radii[:, None]).max(axis=0)
    room = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN])
    zoom = float(min(LARGEST_ZOOM, *(room / (high - low)[:2])))
    flat = (turned[:, :2] - (low + high)[:2] / 2) * zoom * [1, -1] + [WIDTH / 2, HEIGHT / 2]
    span = np.ptp(turned[:, 2])
    depth = (turned[:, 2] - turned[:, 2].min()) / span if span > 1e-9 else np.ones(len(atoms))
    return flat, depth, zoom


def _in_front(flat: FloatArray, depth: FloatArray) -> IntArray:
    """Atoms of which no nearer one covers the dot, in ascending order."""
    dots = np.floor(flat / DOT).astype(np.int64)
    nearest_first = np.lexsort((-depth,))
    _, first = np.unique(dots[nearest_first], axis=0, return_index=True)
    return np.sort(nearest_first[first])


def svg(atoms: Atoms) -> str:
    """SVG text of ``atoms``: bonds as lines, atoms as circles, back to front; orthographic.

    Of more than `MANY` atoms those that others hide are left out, and all bonds.
    """
    if len(atoms) == 0:
        raise ValueError("a thumbnail needs at least one atom, got an empty structure")
    flat, depth, zoom = _projected(atoms)
    large = len(atoms) > MANY
    if large:
        seen = _in_front(flat, depth)
        atoms, flat, depth = atoms[seen], flat[seen], depth[seen]
    share = (FAR + (1 - FAR) * depth)[:, None]
    rgb = share * jmol_colors[atoms.numbers] * 255 + (1 - share) * HAZE
    fill, rim = _hex(rgb), _hex(rgb * 0.55)
    radius = ATOM_SCALE * covalent_radii[atoms.numbers] * zoom
    pairs = np.empty((0, 2), dtype=np.int64) if large else bonds(atoms)
    look = f'stroke="#8a909c" stroke-width="{max(0.2 * zoom, 1):.1f}"'
    # a bond is drawn just behind the nearer half of its pair
    shapes = [
        (z, f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" {look}/>')
        for z, ((x0, y0), (x1, y1)) in zip(
            (depth[pairs].mean(axis=1) - 1e-6).tolist(), flat[pairs].tolist(), strict=True
        )
    ]
    shapes += [
        (z, f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{inside}" stroke="{edge}"/>')
        for z, (x, y), r, inside, edge in zip(
            depth.tolist(), flat.tolist(), radius.tolist(), fill, rim, strict=True
        )
    ]
    shapes.sort(key=lambda shape: shape[0])
    body = "".join(text for _, text in shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" stroke-width=".6" stroke-linecap="round">{body}</svg>'
    )


def thumbnail(atoms: Atoms) -> str:
    """``atoms`` as a picture in a ``data:`` address, to be put into ``<img src=…>``."""
    text = svg(atoms)
    for mark, code in RESERVED.items():
        text = text.replace(mark, code)
    return f"data:image/svg+xml,{text}"
