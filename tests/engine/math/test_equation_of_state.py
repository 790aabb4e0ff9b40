import numpy as np
import pytest
from ase.eos import EquationOfState as Oracle
from ase.units import GPa

from engine.math import birch_murnaghan, fit_birch_murnaghan, fit_near_minimum

SILICON = (-43.4, 160.2, 0.55, 4.2)  # eV, Å³, eV/Å³: eight atoms


def test_a_fit_finds_what_the_points_were_made_with():
    volume = np.linspace(0.9, 1.1, 7) * SILICON[1]
    found = fit_birch_murnaghan(volume, birch_murnaghan(volume, *SILICON))
    fitted = (found.energy, found.volume, found.bulk_modulus * GPa, found.derivative)
    assert fitted == pytest.approx(SILICON, rel=1e-5)


def test_a_fit_is_that_of_ase():
    rng = np.random.default_rng(0)
    volume = np.linspace(0.9, 1.1, 11) * SILICON[1]
    energy = birch_murnaghan(volume, *SILICON) + 1e-3 * rng.standard_normal(len(volume))
    found = fit_birch_murnaghan(volume, energy)
    V0, E0, B0 = Oracle(volume, energy, eos="birchmurnaghan").fit(warn=False)
    assert (found.energy, found.volume) == pytest.approx((E0, V0), rel=1e-5)
    assert found.bulk_modulus * GPa == pytest.approx(B0, rel=1e-3)


def test_far_from_the_minimum_nothing_is_fitted():
    volume = np.linspace(0.75, 1.3, 23) * SILICON[1]
    energy = birch_murnaghan(volume, *SILICON)
    energy[[0, -1]] = 1e3, np.nan
    found = fit_near_minimum(volume, energy)
    assert (found.energy, found.volume) == pytest.approx(SILICON[:2], rel=1e-5)
    assert fit_near_minimum(volume[:4], energy[:4]) is None
    assert fit_near_minimum(np.empty(0), np.empty(0)) is None


def test_errors_cover_the_truth_as_often_as_they_should():
    rng = np.random.default_rng(1)
    volume = np.linspace(0.9, 1.1, 15) * SILICON[1]
    deviations = []
    for _ in range(200):
        energy = birch_murnaghan(volume, *SILICON) + 1e-3 * rng.standard_normal(len(volume))
        found = fit_birch_murnaghan(volume, energy)
        deviations.append((found.volume - SILICON[1]) / found.errors[1])
    assert 0.6 < np.mean(np.abs(deviations) < 1) < 0.76  # 68 % of a normal distribution


def test_what_has_no_minimum_is_refused():
    with pytest.raises(ValueError, match="5 volumes"):
        fit_birch_murnaghan([1.0, 2.0], [1.0, 2.0])
    volume = np.linspace(150, 170, 6)
    with pytest.raises(ValueError, match="no minimum"):
        fit_birch_murnaghan(volume, -((volume - 160) ** 2))
