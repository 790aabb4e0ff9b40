"""Two structures side by side: what is drawn of them, and what is said."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from numpy.testing import assert_allclose, assert_array_equal

from dashboard.panels.compare import BEST, Compare, Subject
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.plots.comparison import Energy, energy_words, pair, takes_long
from dashboard.plots.structure_scene import LONGEST_ARROW, Vectors, scene
from tests.dashboard.test_veto_lessons import Workers
from tests.support import large

SHAPE = np.array([(0, 0, 0), (2.6, 0, 0), (0, 2.9, 0), (0.4, 0.5, 3.1), (2.2, 2.4, 2.7)])


def cluster(symbols="Ag3S2"):
    return Atoms(symbols, SHAPE + 6, cell=(14, 14, 14))


def test_the_other_lies_on_the_candidate_with_an_arrow_to_each_of_its_atoms():
    atoms, other = cluster(), cluster()
    other.positions[4] += [0.0, 0.0, 0.4]
    other.rotate(70, (1, 2, 3))
    found = pair(atoms, other[[2, 0, 1, 4, 3]], "c-000007")
    assert_array_equal(found.match.order, [1, 2, 0, 4, 3])
    drawn = found.scene
    places, tips = (drawn[name].reshape(-1, 3) for name in ("positions", "tips"))
    scale = LONGEST_ARROW / found.match.distances.max()
    assert_allclose(tips - places, scale * (atoms.positions - places), atol=1e-4)
    assert_allclose(drawn["values"], np.linalg.norm(atoms.positions - places, axis=1), atol=1e-5)
    assert (drawn["value_label"], drawn["value_unit"], drawn["arrow_unit"]) == ("displacement", "Å", "Å")
    assert drawn["arrow_label"] == f"displacement ×{scale:.1f}"
    assert drawn["symbols"] == list(atoms.symbols)
    assert found.words[0].endswith(
        f"atom 4 (S) lies farthest from its own there, {drawn['arrow_max']:.2f} Å."
    )


def test_a_large_displacement_is_drawn_as_long_as_it_is():
    slab = fcc111("Ag", (3, 3, 3), vacuum=8.0)
    other = slab.copy()
    other.positions[-1] += [0, 0, 4.0]
    found = pair(slab, other, "c-000007")
    assert found.scene["arrow_label"] == "displacement"
    assert_allclose(found.scene["tips"].reshape(-1, 3)[-1], slab.positions[-1], atol=1e-5)


def test_a_mirror_image_and_another_cell_are_said():
    other = cluster()
    other.positions *= [1, 1, -1]
    assert pair(cluster(), other, "c-000007").words == (
        "Every atom lies where its own lies there, within 0.01 Å.",
        "Its mirror image is shown: that lies on the candidate better.",
    )
    crystal = bulk("Si", cubic=True)
    strained = crystal.copy()
    strained.set_cell(crystal.cell * 1.02, scale_atoms=True)
    *_, said = pair(crystal, strained, "c-000007").words
    assert said == "Its cell is another: it is shown strained to the candidate's."


def test_other_atoms_and_too_many_are_shown_as_they_are_and_that_is_said():
    found = pair(cluster(), cluster("Ag2S3"), "c-000007")
    assert found.match is None
    assert found.words == ("c-000007 is Ag2S3, not Ag3S2: its atoms cannot be matched.",)
    assert "tips" not in found.scene
    many = bulk("Ag", cubic=True).repeat(7)
    assert pair(many, many, "c-000007").words[0].startswith("1372 atoms are too many to be matched")


@pytest.mark.parametrize(
    ("n_atoms", "periodic", "long"),
    [(300, False, False), (301, False, True), (1000, True, False), (1000, False, True), (1001, False, False)],
)
def test_a_worker_matches_what_would_hold_the_page(n_atoms, periodic, long):
    assert takes_long(Atoms(f"Ag{n_atoms}", cell=(9, 9, 9), pbc=periodic)) is long


def test_a_large_pair_is_shown_as_it_is_until_a_worker_has_matched_it(tmp_path):
    desk = Workers(large.make(tmp_path / "queue", 3, 320, n_labelled=1, paused=True))
    campaign, store = desk.store.refresh(), desk.store.store
    first = campaign.waiting[0]
    (structure,) = store.structures([first.id])
    subject = Subject(campaign, store, first, structure)
    changed = []
    panel = Compare(StructureViewer(), desk, lambda: changed.append(panel.pair))
    panel.draw(subject)
    for _ in range(2):
        panel.open(BEST)
        assert "are matched by a worker" in panel.pair.words[0]
        assert panel.viewer.scene["id"] == campaign.best.id
        assert (panel.pair.match, panel.came()) == (None, False)
        desk.task()
        assert panel.came()
        assert panel.pair.match.rmsd < 3.0
        assert panel.pair.words[0].startswith("RMSD")
        assert changed[-1] is panel.pair
        assert not panel.came()
        panel.toggle()
    store.close()


def test_vectors_are_drawn_instead_of_forces_and_one_an_atom_is_needed():
    moves, forces = np.eye(5, 3), np.full((5, 3), 9.0)
    drawn = scene(cluster(), forces=forces, vectors=Vectors(moves, "velocity", "Å/fs", 2.0))
    assert_allclose(drawn["tips"].reshape(-1, 3), SHAPE + 6 + 2 * moves, atol=1e-5)
    assert (drawn["arrow_label"], drawn["arrow_max"]) == ("velocity", 1.0)
    assert scene(cluster(), forces=forces)["arrow_unit"] == "eV/Å"
    with pytest.raises(ValueError, match="vectors: one entry per atom, got 2 for 5 atoms"):
        scene(cluster(), vectors=Vectors(np.eye(2, 3), "velocity", "Å/fs"))


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        (
            Energy(-3.0, -5.5, 0.1),
            Energy(-3.2, -5.9, 0.01, label=-6.0),
            "Predicted (σ 0.10 eV) to lie 0.500 eV above the label of c-7.",
        ),
        (
            Energy(-3.0, -5.5, 0.1, label=-6.25),
            Energy(-3.2, -5.9, 0.01, label=-6.0),
            "Its label lies 0.250 eV below the label of c-7.",
        ),
        (
            Energy(-3.0),
            Energy(-3.2, label=-6.0),
            "In the universal potential it lies 0.200 eV above c-7; before the first fit no prediction "
            "counts from the zero of the labels.",
        ),
        (
            Energy(-3.0, -5.5, 0.1),
            Energy(-3.2, -5.25, 0.2),
            "Predicted (σ 0.10 eV) to lie 0.250 eV below what is predicted of c-7.",
        ),
    ],
)
def test_the_difference_of_energies_is_between_what_counts_from_one_zero(mine, theirs, words):
    assert energy_words(mine, theirs, "c-7") == words
