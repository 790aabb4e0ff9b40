"""Small pictures of structures."""

from __future__ import annotations

import time
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule

from dashboard.plots.thumbnail import DOT, HEIGHT, WIDTH, svg, thumbnail

NS = "{http://www.w3.org/2000/svg}"
BUDGET_S = 0.002
"""A queue of 200 cards is drawn in 0.4 s at most."""


def circles(text: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(text).findall(f"{NS}circle")


def silver_sulphide(n: int = 20) -> Atoms:
    grid = np.array(list(np.ndindex(3, 3, 3)), dtype=float)[:n] * 2.6
    return Atoms(["S" if i % 3 == 0 else "Ag" for i in range(n)], grid)


def test_every_atom_is_a_circle_and_every_bond_a_line() -> None:
    text = svg(molecule("H2O"))
    root = ElementTree.fromstring(text)
    assert len(circles(text)) == 3
    assert len(root.findall(f"{NS}path")) == 2
    assert (root.get("width"), root.get("height")) == ("96", "72")


@pytest.mark.parametrize(
    "atoms", [silver_sulphide(), bulk("Ag", cubic=True) * (3, 3, 3), Atoms("Ag"), molecule("N2")]
)
def test_the_structure_fits_into_the_picture(atoms: Atoms) -> None:
    for circle in circles(svg(atoms)):
        x, y, r = (float(circle.get(name, "nan")) for name in ("cx", "cy", "r"))
        assert r <= x <= WIDTH - r
        assert r <= y <= HEIGHT - r


def test_the_nearest_atom_is_drawn_last_and_in_full_colour() -> None:
    # seen along the short axis; the sulphur above the plane of silver
    atoms = Atoms("Ag4S", [(0, 0, 0), (9, 0, 0), (0, 6, 0), (9, 6, 0), (4.5, 3, 1.5)])
    last = circles(svg(atoms))[-1]
    assert last.get("fill") == "#ffff30"


def test_it_is_an_image_address_that_needs_no_request() -> None:
    address = thumbnail(silver_sulphide())
    kind, _, body = address.partition(",")
    assert kind == "data:image/svg+xml"
    assert unquote(body) == svg(silver_sulphide())
    assert "#" not in body


def test_the_same_structure_gives_the_same_picture_and_is_left_alone() -> None:
    atoms = silver_sulphide()
    before = atoms.copy()
    assert thumbnail(atoms) == thumbnail(atoms)
    assert atoms == before


def test_of_ten_thousand_atoms_those_in_front_are_drawn() -> None:
    atoms = bulk("Ag", cubic=True) * (14, 14, 13)
    many = circles(svg(atoms))
    assert 500 < len(many) < (WIDTH / DOT) * (HEIGHT / DOT)
    atoms.positions[-1] += (0, 0, 1000)  # the nearest is among them
    assert circles(svg(atoms))[-1].get("fill") == "#c0c0c0"


def test_twenty_atoms_are_quick() -> None:
    atoms = silver_sulphide()
    times = []
    for _ in range(30):
        start = time.process_time()  # what other programs take of the machine is not the thumbnail's
        thumbnail(atoms)
        times.append(time.process_time() - start)
    assert np.median(times) < BUDGET_S


def test_an_empty_structure_is_refused() -> None:
    with pytest.raises(ValueError, match="empty structure"):
        thumbnail(Atoms())
