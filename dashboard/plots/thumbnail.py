"""A structure as a small picture: an SVG of shaded balls and sticks, for cards and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
from ase.data import covalent_radii
from ase.data.colors import jmol_colors

from dashboard.plots.structure_scene import ATOM_SCALE, FloatArray, bonds, first_view

if TYPE_CHECKING:
    from ase import Atoms

WIDTH, HEIGHT = 96, 72  # px
MARGIN = 4.0  # px
LARGEST_ZOOM = 14.0  # px per Å: two atoms are not drawn larger than twenty
FAR = 0.55
"""How much of its colour the farthest atom keeps; the rest is the haze."""
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


def svg(atoms: Atoms) -> str:
    """SVG text of ``atoms``: bonds as lines, atoms as circles, back to front; orthographic."""
    if len(atoms) == 0:
        raise ValueError("a thumbnail needs at least one atom, got an empty structure")
    flat, depth, zoom = _projected(atoms)
    share = (FAR + (1 - FAR) * depth)[:, None]
    rgb = share * jmol_colors[atoms.numbers] * 255 + (1 - share) * HAZE
    fill, rim = _hex(rgb), _hex(rgb * 0.55)
    radius = ATOM_SCALE * covalent_radii[atoms.numbers] * zoom
    pairs = bonds(atoms)
    # a bond is drawn just behind the nearer half of its pair
    shapes = [
        (
            float(depth[[i, j]].mean()) - 1e-6,
            f'<path d="M{flat[i, 0]:.1f} {flat[i, 1]:.1f}L{flat[j, 0]:.1f} {flat[j, 1]:.1f}" '
            f'stroke="#8a909c" stroke-width="{max(0.2 * zoom, 1):.1f}"/>',
        )
        for i, j in pairs.tolist()
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
    return "data:image/svg+xml," + quote(svg(atoms), safe=" =:/'(),;")
