"""Force constants by finite displacements: closed forms, ASE's phonons, symmetry that changes nothing."""

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.phonons import Phonons

from engine.math import harmonic_forces
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.force_constants import force_constants
from engine.protocols import Prediction

EMT_POTENTIAL = ASECalculator(EMT(), {})


class Counted:
    def __init__(self, potential):
        self._potential, self.structures = potential, 0

    def predict(self, structures):
        self.structures += len(structures)
        return self._potential.predict(structures)


class Ring:
    """Neighbours on springs along x, in a ring."""

    def predict(self, structures):
        forces = []
        for structure in structures:
            x = structure.positions[:, 0] - 2.0 * np.arange(len(structure))
            pull = np.zeros((len(structure), 3))
            pull[:, 0] = 3.0 * (np.roll(x, 1) + np.roll(x, -1) - 2 * x)
            forces.append(pull)
        return Prediction(np.zeros(len(structures)), tuple(forces))


def test_a_spring_chain_by_closed_form():
    ring = Atoms("Ar5", [[2.0 * k, 0, 0] for k in range(5)])
    phi = force_constants(ring, Ring())
    expected = 3.0 * (2 * np.eye(5) - np.roll(np.eye(5), 1, 0) - np.roll(np.eye(5), -1, 0))
    np.testing.assert_allclose(phi[:, :, 0, 0], expected, atol=1e-9)
    assert np.abs(phi).sum() == pytest.approx(np.abs(expected).sum())


def test_symmetry_displaces_one_atom_of_a_crystal_and_changes_nothing():
    crystal = bulk("Cu", cubic=True) * (2, 1, 1)
    counted = Counted(EMT_POTENTIAL)
    phi = force_constants(crystal, counted)
    assert counted.structures == 6
    broken = crystal.copy()
    broken.numbers[0] = 47
    n = len(crystal)
    for structure in (crystal, broken):
        every = np.empty((n, n, 3, 3))
        for atom in range(n):
            for axis in range(3):
                moved = [structure.copy(), structure.copy()]
                for sign, copy in zip((1, -1), moved, strict=True):
                    copy.positions[atom, axis] += sign * 0.01
                plus, minus = EMT_POTENTIAL.predict(moved).forces
                every[atom, :, axis] = -(plus - minus) / 0.02
        every = (every + every.transpose(1, 0, 3, 2)) / 2
        np.testing.assert_allclose(force_constants(structure, EMT_POTENTIAL), every, atol=2e-5)
    moved = crystal.copy()
    away = np.random.default_rng(0).normal(0, 0.002, moved.positions.shape)
    moved.positions += away
    (forces,) = EMT_POTENTIAL.predict([moved]).forces
    np.testing.assert_allclose(harmonic_forces(phi, away), forces, atol=2e-3)


def test_frequencies_are_those_of_ase(tmp_path):
    crystal = bulk("Cu", cubic=True)
    phonons = Phonons(crystal, EMT(), supercell=(1, 1, 1), delta=0.01, name=str(tmp_path / "phonons"))
    phonons.run()
    phonons.read(acoustic=False)
    theirs = phonons.band_structure([[0, 0, 0]])[0]
    phi = force_constants(crystal, EMT_POTENTIAL).transpose(0, 2, 1, 3).reshape(12, 12)
    squares = np.linalg.eigvalsh(phi / crystal.get_masses()[0])
    ours = units._hbar * 1e10 / np.sqrt(units._e * units._amu) * np.sqrt(np.maximum(squares, 0))
    np.testing.assert_allclose(ours[3:], np.sort(theirs.real)[3:], rtol=1e-4)
