import numpy as np
import pytest
from ase.build import bulk
from hypothesis import given
from hypothesis import strategies as st

from assets import asset
from engine.config import SymmetryFunctions
from engine.descriptors.acsf import ACSF
from engine.math import (
    FeatureScale,
    dead_descriptors,
    principal_component_count,
    violin,
    wasserstein_distances,
)

SEEDS = st.integers(0, 2**32 - 1)
GRID = np.linspace(-6, 6, 241)


def test_the_outline_of_many_normal_values_is_their_density():
    values = np.random.default_rng(0).standard_normal(50_000)
    normal = np.exp(-0.5 * GRID**2) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(violin(values, GRID), normal, atol=0.015)


@given(SEEDS, st.integers(1, 40))
def test_an_outline_has_area_one_and_moves_with_the_values(seed, n):
    values = np.random.default_rng(seed).uniform(-2, 2, n)
    outline = violin(values, GRID)
    assert outline.sum() * 0.05 == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(violin(values + 1.0, GRID)[20:], outline[:-20], atol=0.1 * outline.max())


def test_a_group_of_one_value_has_a_narrow_spike_there():
    outline = violin(np.full(9, 2.0), GRID)
    assert GRID[outline.argmax()] == pytest.approx(2.0)
    assert np.ptp(GRID[outline > outline.max() / 2]) < 0.2


def test_values_beyond_the_grid_are_left_out():
    values = np.array([0.0] * 9 + [100.0])
    assert violin(values, GRID).sum() * 0.05 == pytest.approx(0.9)


@given(SEEDS)
def test_moving_a_group_moves_it_that_far(seed):
    rng = np.random.default_rng(seed)
    pool, by = rng.standard_normal((30, 3)), rng.normal(0, 2, 3)
    np.testing.assert_allclose(wasserstein_distances(pool + by, pool), np.abs(by), atol=1e-9)


def test_a_group_that_is_drawn_from_the_pool_is_near_it():
    pool = np.random.default_rng(0).standard_normal((20_000, 2))
    assert wasserstein_distances(pool[:4000], pool).max() < 0.05
    # the upper half of a normal distribution: its mean is √(2/π) higher
    upper = pool[pool[:, 0] > 0]
    assert wasserstein_distances(upper, pool)[0] == pytest.approx(np.sqrt(2 / np.pi), abs=0.02)


def test_a_scale_is_fixed_by_its_reference_and_dead_descriptors_stay_zero():
    reference = np.array([[1.0, 5.0, 2.0], [3.0, 5.0, 2.0 + 1e-7]])
    scale = FeatureScale.of(reference)
    assert scale.dead.tolist() == [False, True, True]
    np.testing.assert_allclose(scale.apply([[4.0, 9.0, 7.0]]), [[2.0, 0.0, 0.0]])
    assert dead_descriptors([0.9e-6, 1.1e-6]).tolist() == [True, False]


def test_a_line_in_many_dimensions_is_one_direction_and_noise_is_all():
    rng = np.random.default_rng(1)
    line = rng.standard_normal((400, 1)) @ rng.standard_normal((1, 9))
    assert principal_component_count(line, 0.99) == 1
    assert principal_component_count(rng.standard_normal((4000, 9)), 0.99) == 9
    assert principal_component_count(rng.standard_normal((4000, 9)), 0.5) == 5
    assert principal_component_count(np.full((5, 3), 0.1), 0.95) == 0


@given(SEEDS)
def test_components_do_not_see_a_rotation(seed):
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((50, 4)) * [5.0, 2.0, 1.0, 0.1]
    turn, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    for share in (0.95, 0.99):
        assert principal_component_count(points @ turn, share) == principal_component_count(points, share)


def test_a_volume_series_is_wide_in_every_violin_and_yet_a_line():
    functions = SymmetryFunctions.read(asset("descriptors/assumed-37.toml"))
    series = []
    for ratio in np.linspace(0.75, 1.30, 30):  # V/V0
        crystal = bulk("Si")
        crystal.set_cell(crystal.cell * ratio ** (1 / 3), scale_atoms=True)
        series.append(crystal)
    features = np.concatenate([part[:1] for part in ACSF(functions, ("Si",)).features(series)])
    scale = FeatureScale.of(features)
    scaled = scale.apply(features)
    alive = ~scale.dead
    assert alive.sum() >= 30
    assert np.ptp(scaled[:, alive], axis=0).min() > 2, "each spans standard deviations"
    assert principal_component_count(scaled, 0.95) <= 2
    assert principal_component_count(scaled, 0.99) <= 3


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: FeatureScale.of(np.empty((0, 2))), r"\(n ≥ 1, d ≥ 1\) finite numbers"),
        (lambda: FeatureScale.of([[1.0, np.inf]]), "finite numbers"),
        (lambda: FeatureScale.of([[1.0], [2.0]]).apply([[1.0, 2.0]]), "2 features, but the reference has 1"),
        (lambda: violin([], GRID), r"at least one value, got the shape \(0,\)"),
        (lambda: violin([1.0], [0.0, 1.0, 3.0]), "rising, even grid"),
        (lambda: wasserstein_distances([[1.0]], [[1.0, 2.0]]), "groups of 1 and 2 features"),
        (lambda: principal_component_count([[1.0]], 1.0), "between 0 and 1, got 1.0"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(call, says):
    with pytest.raises(ValueError, match=says):
        call()
