"""Two wells where they are said to be, and labels of class that are this reference's own."""

import numpy as np
import pytest
from ase import Atoms
from scipy.optimize import minimize_scalar

from engine.campaigns import new
from engine.config import ReferenceSettings
from engine.errors import ConfigError, StructureError
from engine.labelled import read_labelled
from engine.references.double_well import DoubleWellReference
from engine.references.making import make_reference


def dimer(d):
    return Atoms("Na2", [[1, 2, 3], [1, 2, 3 + d]])


def energy(d, **settings):
    structure = dimer(float(d))
    structure.calc = DoubleWellReference(settings).calculator()
    return structure.get_potential_energy()


def test_the_wells_their_energies_and_the_barrier_between_them():
    assert energy(4.9) == pytest.approx(-0.05)
    assert energy(4.9, tilt=0.2) == pytest.approx(0.2)
    assert energy(60.0) == pytest.approx(0.8)
    near, far = (minimize_scalar(energy, bounds=b, method="bounded") for b in ((2.5, 3.3), (4.3, 5.5)))
    assert (near.x, far.x) == pytest.approx((2.9, 4.85), abs=0.1)
    assert near.fun == pytest.approx(0.0, abs=0.01)
    barrier = max(energy(d) for d in np.linspace(near.x, far.x, 50))
    assert 0.2 < barrier < 0.26


def test_forces_are_the_slope_of_the_energy():
    for d in (2.4, 3.1, 3.6, 4.5, 5.5):
        structure = dimer(d)
        structure.calc = DoubleWellReference({}).calculator()
        slope = (energy(d + 1e-5) - energy(d - 1e-5)) / 2e-5
        np.testing.assert_allclose(structure.get_forces(), [[0, 0, slope], [0, 0, -slope]], atol=1e-6)


def test_the_templates_labels_are_all_of_the_near_well_and_of_this_reference(tmp_path):
    settings = new(tmp_path / "mine", "double-well")
    labels = read_labelled(tmp_path / "mine" / settings.pretraining[0].source)
    own = make_reference(settings.reference).provenance()
    assert len(labels) == 12
    for label in labels:
        d = label.structure.get_distance(0, 1)
        assert 2.6 < d < 3.25
        assert label.energy == pytest.approx(energy(d), abs=1e-6)
        assert label.provenance == own


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"far": "4.3"}, "double-well: far is a number, not '4.3'"),
        ({"width": 0}, "double-well: width is positive, not 0"),
        ({"barrier": 1.0}, "double-well has no setting 'barrier'; it has near, far, tilt, depth"),
    ],
)
def test_what_is_no_double_well_is_told_in_one_line(settings, words):
    with pytest.raises(ConfigError, match=words) as told:
        make_reference(ReferenceSettings(name="double-well", settings=settings)).calculator()
    assert "\n" not in str(told.value)


def test_three_atoms_have_no_distance():
    structure = Atoms("Na3", [[0, 0, 0], [0, 0, 3], [0, 3, 0]])
    structure.calc = DoubleWellReference({}).calculator()
    with pytest.raises(StructureError, match="a double well is of two atoms, got Na3"):
        structure.get_potential_energy()
