import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matscipy.elasticity import full_3x3_to_Voigt_6_strain, rotate_elastic_constants

from engine.math import (
    CUBIC,
    HEXAGONAL,
    averaged,
    elastic_constants,
    strain_tensor,
    strains,
    voigt_reuss_hill,
    voigt_strain,
)

SILICON = (165.7, 63.9, 79.6)  # GPa: McSkimin & Andreatch, J. Appl. Phys. 35, 2161 (1964)


def cubic(C11, C12, C44):
    matrix = np.diag([C11 - C12] * 3 + [C44] * 3).astype(float)
    matrix[:3, :3] += C12
    return matrix


def triclinic(seed=0):
    rotation = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))[0]
    rotation *= np.sign(np.linalg.det(rotation))
    return rotate_elastic_constants(cubic(*SILICON), rotation)


@given(arrays(float, (4, 6), elements=st.floats(-0.1, 0.1)))
def test_a_strain_comes_back_from_its_tensor(voigt):
    tensor = strain_tensor(voigt)
    np.testing.assert_array_equal(tensor, np.swapaxes(tensor, -1, -2))
    np.testing.assert_allclose(voigt_strain(tensor), voigt, atol=1e-17)
    for one, its in zip(voigt, tensor, strict=True):
        np.testing.assert_allclose(full_3x3_to_Voigt_6_strain(its), one, atol=1e-15)


def test_a_shear_strain_counts_twice():
    np.testing.assert_array_equal(strain_tensor([0, 0, 0, 0.02, 0, 0])[1:, 1:], [[0, 0.01], [0.01, 0]])


def test_a_series_strains_each_direction_both_ways():
    series = strains()
    assert series.shape == (60, 6)
    assert (np.count_nonzero(series, axis=1) == 1).all()
    np.testing.assert_allclose(series.sum(axis=0), 0, atol=1e-15)
    assert sorted({round(abs(float(amount)), 6) for amount in series.ravel()}) == [
        0,
        0.005,
        0.01,
        0.02,
        0.03,
        0.04,
    ]


def test_a_fit_finds_what_the_stresses_were_made_with():
    matrix, series = triclinic(), strains([0.005, 0.01])
    found = elastic_constants(series, 1.5 + series @ matrix)
    np.testing.assert_allclose(found.matrix, matrix, atol=1e-9)
    assert found.errors.max() < 1e-9
    assert found.residual < 1e-12


def test_members_are_fitted_together_as_one_by_one():
    series = strains([0.01])
    stress = np.array([series @ triclinic(seed) for seed in range(3)])
    stress += 0.1 * np.random.default_rng(0).standard_normal(stress.shape)
    together = elastic_constants(series, stress)
    assert together.matrix.shape == (3, 6, 6)
    for k in range(3):
        alone = elastic_constants(series, stress[k])
        np.testing.assert_allclose(together.matrix[k], alone.matrix)
        np.testing.assert_allclose(together.errors[k], alone.errors)
        assert together.residual[k] == pytest.approx(alone.residual)


def test_errors_cover_the_truth_as_often_as_they_should():
    rng, series, matrix = np.random.default_rng(1), strains([0.005, 0.01]), triclinic()
    stress = series @ matrix + 0.05 * rng.standard_normal((300, len(series), 6))
    found = elastic_constants(series, stress)
    pulls = ((found.matrix - matrix) / found.errors)[:, *np.triu_indices(6)]
    assert 0.64 < np.mean(np.abs(pulls) < 1) < 0.70  # 68 %, of 17 degrees of freedom 67 %


def test_stresses_of_second_order_do_not_move_the_constants():
    series, matrix = strains([0.005, 0.01]), triclinic()
    found = elastic_constants(series, series @ matrix + 500.0 * series**2)
    np.testing.assert_allclose(found.matrix, matrix, atol=1e-9)
    assert found.residual > 1e-3


@pytest.mark.parametrize(
    ("strain", "words"),
    [
        (strains([0.01])[:6], "6 strains do not tell all elastic constants"),
        (np.repeat(strains([0.01])[::6], 5, axis=0), "strain all six"),
        (np.zeros((12, 5)), "do not fit"),
    ],
)
def test_strains_that_do_not_tell_all_constants_are_refused(strain, words):
    with pytest.raises(ValueError, match=words):
        elastic_constants(strain, np.zeros((len(strain), 6)))


def test_constants_that_are_equal_by_symmetry_are_averaged():
    matrix = cubic(*SILICON)
    matrix[0, 0] += 3
    assert list(averaged(matrix, CUBIC).values()) == pytest.approx([166.7, 63.9, 79.6])
    assert averaged(np.stack([matrix, matrix]), HEXAGONAL)["C11"] == pytest.approx([167.2, 167.2])


def test_the_moduli_of_a_polycrystal_are_between_the_bounds_and_do_not_turn():
    C11, C12, C44 = SILICON
    bulk, shear = voigt_reuss_hill(cubic(*SILICON))
    assert bulk == pytest.approx((C11 + 2 * C12) / 3)
    voigt = (C11 - C12 + 3 * C44) / 5
    reuss = 5 * (C11 - C12) * C44 / (4 * C44 + 3 * (C11 - C12))
    assert shear == pytest.approx((voigt + reuss) / 2)
    turned = np.array(voigt_reuss_hill(np.stack([triclinic(1), triclinic(2)])))
    np.testing.assert_allclose(turned, [[bulk] * 2, [shear] * 2])
