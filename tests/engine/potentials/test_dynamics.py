"""Langevin dynamics in lockstep: against ASE, energy, temperature, fixed atoms, explosions."""

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.md.langevin import Langevin
from ase.md.verlet import VelocityVerlet

from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.dynamics import Bath, evolve, thermal_velocities
from engine.protocols import Prediction

EMT_POTENTIAL = ASECalculator(EMT(), {})
COLD = Bath(temperature=0.0, timestep=4.0, friction=0.0)


class Wells:
    """Every atom on a spring to its site: E = ½ k Σ |r − r₀|²."""

    def __init__(self, sites, k=2.0):
        self._sites, self._k = sites, k

    def predict(self, structures):
        away = [structure.positions - self._sites for structure in structures]
        energy = np.array([0.5 * self._k * (r**2).sum() for r in away])
        return Prediction(energy, tuple(-self._k * r for r in away))


def copper(seed, temperature=600.0):
    crystal = bulk("Cu", cubic=True)
    crystal.positions += np.random.default_rng(seed).normal(0, 0.05, (4, 3))
    return crystal, thermal_velocities(crystal, units.kB * temperature, np.random.default_rng(seed))


@pytest.mark.parametrize("integrator", ["verlet", "langevin"])
def test_without_a_bath_each_trajectory_is_that_of_ase(integrator):
    begun = [copper(seed) for seed in (1, 2)]
    found = evolve(
        *zip(*begun, strict=True), EMT_POTENTIAL, COLD, frames=4, steps=10, rng=np.random.default_rng(0)
    )
    for k, (crystal, velocities) in enumerate(begun):
        atoms = crystal.copy()
        atoms.calc = EMT()
        atoms.set_velocities(velocities)
        step = COLD.timestep * units.fs
        if integrator == "verlet":
            dynamics = VelocityVerlet(atoms, step)
        else:
            dynamics = Langevin(atoms, step, temperature_K=0.0, friction=0.0, rng=np.random.default_rng(0))
        dynamics.run(40)
        np.testing.assert_allclose(found.frames[k][-1].positions, atoms.positions, atol=1e-9)
        np.testing.assert_allclose(found.velocities[k], atoms.get_velocities(), atol=1e-9)


def test_without_a_bath_energy_is_kept_to_second_order():
    def drift(timestep):
        crystal, velocities = copper(3)
        masses = crystal.get_masses()[:, None]
        steps = round(8.0 / timestep)
        energies, now, v = [], crystal, velocities
        for _ in range(12):
            stretch = evolve(
                [now],
                [v],
                EMT_POTENTIAL,
                Bath(0.0, timestep, 0.0),
                frames=1,
                steps=steps,
                rng=np.random.default_rng(0),
            )
            now, v = stretch.frames[0][0], stretch.velocities[0]
            energies.append(EMT_POTENTIAL.predict([now]).energy[0] + 0.5 * (masses * v**2).sum())
        return np.ptp(energies)

    coarse, fine = drift(4.0), drift(1.0)
    assert coarse < 5e-3
    assert fine < coarse / 8  # 16 times, by the order of the method


class Free:
    """Nothing is felt anywhere."""

    def predict(self, structures):
        return Prediction(np.zeros(len(structures)), tuple(np.zeros((len(s), 3)) for s in structures))


def slowed(structure, velocities, potential, timestep):
    """Velocities after 200 fs in a bath at 0 K with a friction of 0.003/fs."""
    steps = round(200.0 / timestep)
    bath = Bath(temperature=0.0, timestep=timestep, friction=0.003)
    rng = np.random.default_rng(0)
    (found,) = evolve([structure], [velocities], potential, bath, frames=1, steps=steps, rng=rng).velocities
    return found


def test_friction_is_per_femtosecond_a_free_atom_slows_down_by_it():
    v = np.array([[0.1, -0.2, 0.3]])
    for timestep in (1.0, 5.0):
        found = slowed(Atoms("Ar"), v, Free(), timestep)
        np.testing.assert_allclose(found, v * np.exp(-0.6), rtol=1e-12)  # 0.003/fs × 200 fs


def test_friction_is_that_of_ase_to_the_second_order_of_the_step():
    def off(timestep):
        crystal, velocities = copper(6)
        atoms = crystal.copy()
        atoms.calc = EMT()
        atoms.set_velocities(velocities)
        bath = {"temperature_K": 0.0, "friction": 0.003 / units.fs, "rng": np.random.default_rng(0)}
        Langevin(atoms, timestep * units.fs, **bath).run(round(200.0 / timestep))
        return np.abs(slowed(crystal, velocities, EMT_POTENTIAL, timestep) - atoms.get_velocities()).max()

    coarse, fine = off(2.0), off(1.0)
    assert coarse < 1e-5  # of 0.06 at most
    assert fine < 0.3 * coarse


def test_the_bath_holds_the_temperature_and_positions_follow_boltzmann():
    n = 50
    sites = 10.0 * np.arange(3 * n).reshape(n, 3)
    structure = Atoms(f"Ar{n}", sites)
    structure.set_constraint(FixAtoms([0]))  # so that the whole may move
    bath = Bath(temperature=300.0, timestep=5.0, friction=0.01)
    found = evolve(
        [structure] * 4,
        [np.zeros((n, 3))] * 4,
        Wells(sites),
        bath,
        frames=60,
        steps=20,
        rng=np.random.default_rng(5),
    )
    away = np.array([[f.positions - sites for f in one[10:]] for one in found.frames])[:, :, 1:]
    assert 2.0 * (away**2).mean() == pytest.approx(bath.thermal_energy, rel=0.04)  # k ⟨x²⟩ = kT
    kinetic = np.mean([(39.948 * v[1:] ** 2).mean() for v in found.velocities])
    assert kinetic == pytest.approx(bath.thermal_energy, rel=0.15)
    assert all((f.positions[0] == sites[0]).all() for one in found.frames for f in one)


def test_thermal_velocities_do_not_drift():
    crystal = bulk("CuAu", "zincblende", a=5.0) * (3, 3, 3)
    velocities = thermal_velocities(crystal, 0.025, np.random.default_rng(0))
    masses = crystal.get_masses()[:, None]
    np.testing.assert_allclose((masses * velocities).sum(axis=0), 0, atol=1e-10)
    assert (masses * velocities**2).mean() == pytest.approx(0.025, rel=0.2)


class Cliff(Wells):
    """Wells that end: beyond 0.6 Å from a site there is no energy."""

    def predict(self, structures):
        said = super().predict(structures)
        fell = [np.abs(s.positions - self._sites).max() > 0.6 for s in structures]
        return Prediction(
            said.energy, tuple(np.where(f, np.nan, x) for f, x in zip(fell, said.forces, strict=True))
        )


def test_what_explodes_is_rewound_alone_and_what_begins_broken_is_left():
    sites = np.array([[0.0, 0, 0], [5.0, 0, 0]])
    calm, wild, broken = Atoms("Ar2", sites), Atoms("Ar2", sites), Atoms("Ar2", sites + 3.0)
    fast = np.array([[0.2, 0, 0], [-0.2, 0, 0]])
    found = evolve(
        [calm, wild, broken],
        [0 * fast, fast, 0 * fast],
        Cliff(sites),
        Bath(30.0, 5.0, 0.0),
        frames=5,
        steps=10,
        rng=np.random.default_rng(0),
    )
    assert found.rewinds.tolist() == [0, 1, 0]
    assert found.stuck.tolist() == [False, False, True]
    assert [len(one) for one in found.frames] == [5, 5, 0]
    for frame in found.frames[1]:
        assert np.abs(frame.positions - sites).max() <= 0.6
    assert (calm.positions == sites).all()
