"""The curves are what one pair, or one triplet, adds to the features."""

import numpy as np
import pytest
from ase import Atoms

from engine.config import AngularGrid, SymmetryFunctions
from engine.descriptors.acsf import ACSF
from engine.math import angular_curve, cosine_cutoff, radial_curve

FUNCTIONS = SymmetryFunctions(
    r_cut=5.0,
    g2=((0.05, 0.0), (4.0, 2.35)),
    g4=AngularGrid(eta=(0.01, 0.2), zeta=(1.0, 2.5), **{"lambda": (1.0, -1.0)}),
)
ACSF_OF_SILICON = ACSF(FUNCTIONS, ("Si",))


def test_a_radial_curve_is_the_feature_of_a_dimer():
    r = np.array([1.0, 2.35, 4.9, 5.0, 7.0])
    dimers = [Atoms("Si2", [[0, 0, 0], [0, 0, d]]) for d in r]
    found = np.array([features[0, :2] for features in ACSF_OF_SILICON.features(dimers)]).T
    for curve, (eta, shift) in zip(found, FUNCTIONS.g2, strict=True):
        np.testing.assert_allclose(radial_curve(r, eta, shift, r_cut=5.0), curve, atol=1e-12)


def test_an_angular_curve_is_the_feature_of_a_trimer():
    theta, leg = np.array([30.0, 90.0, 109.47, 120.0, 180.0]), 2.7
    across = np.radians(theta)
    trimers = [Atoms("Si3", [[0, 0, 0], [leg, 0, 0], [leg * np.cos(t), leg * np.sin(t), 0]]) for t in across]
    found = np.array([features[0, 2:] for features in ACSF_OF_SILICON.features(trimers)]).T
    for curve, (eta, zeta, sign) in zip(found, FUNCTIONS.angular, strict=True):
        np.testing.assert_allclose(
            angular_curve(theta, eta, zeta, sign, r_cut=5.0, leg=leg), curve, atol=1e-12
        )
    assert found[0, -1] == 0.0, "at 180° the far ends are 5.4 Å apart"


def test_the_cutoff_ends_at_zero_and_must_be_positive():
    np.testing.assert_allclose(cosine_cutoff([0.0, 3.0, 6.0, 9.0], 6.0), [1.0, 0.5, 0.0, 0.0], atol=1e-15)
    with pytest.raises(ValueError, match="a cutoff must be positive, got 0"):
        cosine_cutoff([1.0], 0.0)


def test_features_have_names_in_their_order():
    names = FUNCTIONS.names(("S", "Ag"))
    assert len(names) == FUNCTIONS.n_features(2) == len(set(names))
    assert names[:3] == ("G2 S η 0.05", "G2 S η 4 R 2.35", "G2 Ag η 0.05")
    assert names[4] == "G4 SS η 0.01 ζ 1 λ +1"
    assert names[-1] == "G4 AgAg η 0.2 ζ 2.5 λ −1"
    assert FUNCTIONS.names()[0] == "G2 η 0.05"
