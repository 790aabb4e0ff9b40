"""What the widget carries to the browser is the structure, in its own frame."""

import nglview
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from engine.errors import StructureError
from engine.view.widget import COLUMNS, structure_widget

TRICLINIC = [[5.0, 0.3, -0.4], [1.7, 6.0, 0.2], [-2.1, 1.3, 7.0]]  # first vector off the x axis


def triclinic():
    rng = np.random.default_rng(3)
    return Atoms("Ag8S4", rng.random((12, 3)) @ TRICLINIC, cell=TRICLINIC, pbc=True)


def messages(widget, method):
    return [m for m in widget._ngl_msg_archive if m["methodName"] == method]


def carried(widget):
    """Atoms of the text that the widget sends: symbols, positions (Å) and values."""
    (loaded,) = messages(widget, "loadFile")
    assert loaded["kwargs"]["ext"] == "cif"
    lines = [line for line in loaded["args"][0]["data"].splitlines() if line.startswith("HETATM")]
    columns = dict(zip(COLUMNS, zip(*(line.split() for line in lines), strict=True), strict=True))
    positions = np.array([columns[f"Cartn_{axis}"] for axis in "xyz"], dtype=float).T
    return list(columns["type_symbol"]), positions, np.array(columns["B_iso_or_equiv"], dtype=float)


def test_atoms_stay_where_they_are_in_a_triclinic_cell():
    structure = triclinic()
    widget = structure_widget(structure)
    assert isinstance(widget, nglview.NGLWidget)
    symbols, positions, _ = carried(widget)
    assert symbols == list(structure.symbols)
    np.testing.assert_array_equal(positions, structure.positions)


def test_the_cell_is_drawn_in_the_same_frame():
    drawn = [shape for m in messages(structure_widget(triclinic()), "addShape") for shape in m["args"][1]]
    assert len(drawn) == 12
    edges = np.array([[start, end] for kind, start, end, *_ in drawn])
    vectors = edges[:, 1] - edges[:, 0]
    for vector in TRICLINIC:
        assert (np.abs(vectors - vector).max(axis=1) < 1e-12).sum() == 4
    corners = np.unique(edges.reshape(-1, 3).round(9), axis=0)
    expected = [np.dot(n, TRICLINIC) for n in np.ndindex(2, 2, 2)]
    np.testing.assert_allclose(corners, np.unique(np.round(expected, 9), axis=0), atol=1e-8)
    assert messages(structure_widget(Atoms("Ag")), "addShape") == []


@pytest.mark.parametrize(("std", "domain"), [((0.1, 0.4), [0.1, 0.4]), ((0.2, 0.2), [-0.3, 0.7])])
def test_atoms_are_coloured_by_their_uncertainty(std, domain):
    values = np.linspace(*std, 12)
    widget = structure_widget(triclinic(), values)
    np.testing.assert_array_equal(carried(widget)[2], values)
    (drawn,) = messages(widget, "addRepresentation")
    assert drawn["args"] == ["ball+stick"]
    assert drawn["kwargs"]["colorScheme"] == "bfactor"
    assert drawn["kwargs"]["colorScale"] == "viridis"
    assert drawn["kwargs"]["colorDomain"] == pytest.approx(domain)


def test_what_cannot_be_shown_is_one_line():
    with pytest.raises(StructureError, match="without atoms"):
        structure_widget(Atoms())
    broken = bulk("Cu")
    broken.positions[0, 1] = np.inf
    with pytest.raises(StructureError, match="Cu has positions that are not finite"):
        structure_widget(broken)


def test_a_candidates_view_is_its_structure(finished):
    labelled = finished.labels.index[-1]
    widget = finished.view(labelled)
    np.testing.assert_array_equal(carried(widget)[1], finished.structure(labelled).positions)
    # what no Δ-model has looked at has no σ to be coloured by
    bare = structure_widget(finished.structure(labelled))
    colored = [messages(shown, "addRepresentation")[0]["kwargs"] for shown in (bare, widget)]
    assert ["colorScheme" in kwargs for kwargs in colored] == [False, True]
