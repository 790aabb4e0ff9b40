"""What every registered potential must keep."""

import numpy as np
import pytest
import torch
from ase.build import bulk

from engine import registry
from engine.potentials.chgnet import packaged
from tests.clusters import random_clusters
from tests.support.small_mace import small_mace

FOUNDATION = {name for name in registry.names("potentials") if name.startswith("mace-")}
NAMES = [name for name in registry.names("potentials") if name not in FOUNDATION]
"""Foundation models are what `mace` is with a file that is downloaded the first time."""
FORMULA = {"stillinger-weber": "Si6", "tersoff-silicon": "Si6"}  # what it knows, if not silver
STEP = 1e-3  # Å, or of the length


@pytest.fixture(scope="module")
def potential_of(tmp_path_factory):
    place = tmp_path_factory.mktemp("files")
    chgnet, mace = place / "a.pth.tar", small_mace(place / "a.model", ["Ag"])
    torch.save({"model": packaged("0.3.0").as_dict()}, chgnet)
    told = {
        "ase": {"calculator": "ase.calculators.emt:EMT"},
        "chgnet": {"settings": {"model": str(chgnet)}},
        "mace": {"settings": {"model": str(mace)}},
    }
    return lambda name: registry.make("potentials", name, **told.get(name, {"settings": {}}))


def clusters(name):
    return random_clusters(FORMULA.get(name, "Ag6"), 3)


def crystal(name):
    atoms = bulk("Si" if name in FORMULA else "Ag", cubic=True)
    atoms.rattle(0.05, seed=1)
    return atoms


def moved(structure, atom, along, by):
    copy = structure.copy()
    copy.positions[atom, along] += by
    return copy


def strained(structure, by):
    copy = structure.copy()
    copy.set_cell(structure.cell @ np.diag([1 + by, 1, 1]), scale_atoms=True)
    return copy


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_its_structures_one_by_one_and_none_is_touched(potential_of, name):
    potential, structures = potential_of(name), [*clusters(name), crystal(name)]
    before = [structure.copy() for structure in structures]
    together = potential.predict(structures)
    for k, structure in enumerate(structures):
        alone = potential.predict([structure])
        assert together.energy[k] == pytest.approx(alone.energy[0], abs=1e-4)
        np.testing.assert_allclose(together.forces[k], alone.forces[0], atol=1e-4)
        assert structure == before[k]
        assert structure.calc is None
    nothing = potential.predict([])
    assert (nothing.energy.shape, nothing.forces) == ((0,), ())


@pytest.mark.parametrize("name", NAMES)
def test_forces_are_the_slope_of_the_energy_and_add_up_to_nothing(potential_of, name):
    potential, structure = potential_of(name), clusters(name)[0]
    pushed = [moved(structure, 1, along, by) for along in range(3) for by in (STEP, -STEP)]
    energy = potential.predict(pushed).energy.reshape(3, 2)
    forces = potential.predict([structure]).forces[0]
    assert forces.shape == (len(structure), 3)
    np.testing.assert_allclose(forces[1], -(energy[:, 0] - energy[:, 1]) / (2 * STEP), rtol=0.02, atol=0.02)
    np.testing.assert_allclose(forces.sum(axis=0), 0, atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_stress_is_the_slope_over_strain_and_nan_without_a_whole_cell(potential_of, name):
    potential, structure = potential_of(name), crystal(name)
    said = potential.predict([clusters(name)[0], structure]).stress
    if said is None:
        return
    assert said.shape == (2, 6)
    assert np.isnan(said[0]).all()
    more, less = potential.predict([strained(structure, STEP), strained(structure, -STEP)]).energy
    slope = (more - less) / (2 * STEP * structure.get_volume())
    assert said[1][0] == pytest.approx(slope, rel=0.02, abs=2e-4)
