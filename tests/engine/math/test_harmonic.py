import numpy as np
import pytest

from engine.math import anharmonicity, anharmonicity_of_atoms, harmonic_forces


def chain(n, k=3.0):
    """Force constants of a ring of n equal masses, their neighbours on springs along x (eV/Å²)."""
    phi = np.zeros((n, n, 3, 3))
    for atom in range(n):
        phi[atom, atom, 0, 0] = 2 * k
        phi[atom, (atom + 1) % n, 0, 0] = phi[atom, (atom - 1) % n, 0, 0] = -k
    return phi


def test_forces_of_a_spring_chain_by_closed_form():
    rng = np.random.default_rng(0)
    away = rng.normal(size=(4, 6, 3))
    x = away[..., 0]
    forces = harmonic_forces(chain(6), away)
    np.testing.assert_allclose(forces[..., 0], 3.0 * (np.roll(x, 1, 1) + np.roll(x, -1, 1) - 2 * x))
    assert (forces[..., 1:] == 0).all()


def test_a_harmonic_crystal_has_none():
    rng = np.random.default_rng(1)
    phi = rng.normal(size=(5, 5, 3, 3))
    forces = harmonic_forces(phi, rng.normal(size=(7, 5, 3)))
    assert anharmonicity(forces, forces).tolist() == [0.0] * 7
    assert anharmonicity_of_atoms(forces, forces).tolist() == [0.0] * 5


def test_a_cubic_force_by_closed_form():
    """F = −k x − c x³ and x = ± 1, ± 2 with equal weight: the ratio of two means."""
    x = np.array([1.0, -1.0, 2.0, -2.0])
    k, c = 2.0, 0.5
    away = np.tile(x, (3, 1)).T[None]  # one frame of four atoms, alike along x, y, z
    forces, harmonic = -k * away - c * away**3, -k * away
    expected = np.sqrt(
        (c**2 * np.array([1, 64])).mean() / np.array([(k + c) ** 2, (2 * k + 8 * c) ** 2]).mean()
    )
    assert anharmonicity(forces, harmonic) == pytest.approx([expected])


def test_of_atoms_over_time_and_without_forces():
    forces = np.zeros((2, 2, 3))
    forces[:, 1] = [[1.0, 1, 1], [-1.0, -1, -1]]
    harmonic = 0.75 * forces
    found = anharmonicity_of_atoms(forces, harmonic)
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(0.25)
    assert np.isnan(anharmonicity(np.zeros((3, 3)), np.zeros((3, 3))))


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"are \(n, n, 3, 3\) .* got \(2, 2, 3, 3\), \(3, 3\)"):
        harmonic_forces(np.zeros((2, 2, 3, 3)), np.zeros((3, 3)))
