"""Nuclei that repel: against the published formula, finite differences and the covalent radii."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.data import covalent_radii

from engine import registry
from engine.config import PotentialSettings
from engine.crystals import strained
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.repulsion import WithRepulsion, fade, zbl
from engine.potentials.saved import make_base
from engine.protocols import Prediction
from tests.clusters import random_clusters


class Nothing:
    def predict(self, structures):
        return Prediction(np.zeros(len(structures)), tuple(np.zeros((len(s), 3)) for s in structures))


def test_two_bare_nuclei_are_coulomb_s_and_screened_ones_are_zbl_s():
    near, _ = zbl(np.array([1e-5]), np.array([47.0]), np.array([16.0]))
    assert near[0] == pytest.approx(47 * 16 * 14.399645 / 1e-5, rel=1e-3)  # e²/(4π ε0) = 14.4 eV Å
    # φ(1) = 0.18175 e^-3.1998 + 0.50986 e^-0.94229 + 0.28022 e^-0.4029 + 0.02817 e^-0.20162
    a = 0.8854 * 0.529177 / (47**0.23 + 16**0.23)
    one, _ = zbl(np.array([a]), np.array([47.0]), np.array([16.0]))
    assert one[0] / (47 * 16 * 14.399645 / a) == pytest.approx(0.41644, abs=2e-5)


def test_slopes_are_those_of_the_energies():
    r = np.linspace(0.4, 2.0, 9)
    z = np.full(9, 47.0)
    for function, arguments in ((zbl, (z, z)), (fade, (np.full(9, 1.9),))):
        high, low = (function(r + step, *arguments)[0] for step in (1e-6, -1e-6))
        np.testing.assert_allclose(function(r, *arguments)[1], (high - low) / 2e-6, rtol=1e-5, atol=1e-7)


def crowded():
    """Clusters with atoms too close, and a slab whose nearest atoms are images of each other."""
    clusters = random_clusters("Ag4S2", 3)
    for cluster in clusters:
        cluster.positions *= 0.8
    slab = fcc111("Ag", (1, 1, 2), a=3.4, vacuum=4.0)
    return [*clusters, slab]


def test_forces_are_minus_the_gradient_in_a_batch_and_alone_with_images():
    structures = crowded()
    potential = WithRepulsion(Nothing(), 1.1)
    said = potential.predict(structures)
    assert (said.energy > 0.1).all()
    for k, structure in enumerate(structures):
        assert potential.predict([structure]).energy[0] == said.energy[k]
        for atom in range(len(structure)):
            for axis in range(3):
                moved = [structure.copy(), structure.copy()]
                for sign, copy in zip((1, -1), moved, strict=True):
                    copy.positions[atom, axis] += sign * 1e-5
                high, low = potential.predict(moved).energy
                assert said.forces[k][atom, axis] == pytest.approx(-(high - low) / 2e-5, abs=1e-4, rel=1e-5)


def test_the_stress_is_the_slope_of_the_energy_by_the_strain():
    crystal = bulk("Ag", a=3.4) * (2, 1, 1)
    crystal.rattle(0.1, seed=1)
    potential = WithRepulsion(registry.make("potentials", "none"), 1.1)
    stress = potential.predict([crystal]).stress[0]
    for k in range(6):
        strain = np.eye(6)[k] * 1e-5
        high, low = potential.predict([strained(crystal, strain), strained(crystal, -strain)]).energy
        assert stress[k] == pytest.approx((high - low) / 2e-5 / crystal.cell.volume, abs=1e-6)
    assert np.abs(stress).max() > 0.01
    assert WithRepulsion(Nothing(), 1.1).predict([crystal]).stress is None


def test_it_is_felt_below_its_part_of_the_covalent_sum_only():
    both = covalent_radii[47] + covalent_radii[16]
    pairs = [Atoms("AgS", [[0, 0, 0], [0, 0, part * both]]) for part in (0.5, 0.69, 0.71, 1.0)]
    said = WithRepulsion(Nothing(), 0.7).predict(pairs)
    assert (said.energy[:2] > 0).all()
    assert (said.energy[2:] == 0).all()
    assert said.forces[0][1, 2] > 10  # apart
    np.testing.assert_allclose(said.forces[0].sum(axis=0), 0, atol=1e-12)


def test_campaign_toml_asks_for_it():
    emt = {"name": "ase", "calculator": "ase.calculators.emt:EMT"}
    assert isinstance(make_base(PotentialSettings(**emt)), ASECalculator)
    soft = make_base(PotentialSettings(**emt))
    hard = make_base(PotentialSettings(**emt, repulsion=0.7))
    near = Atoms("Ag2", [[0, 0, 0], [0, 0, 1.4]])
    assert hard.predict([near]).energy[0] > soft.predict([near]).energy[0] + 5
