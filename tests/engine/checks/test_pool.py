"""What the checks say of a pool: its structures are no minima, and a crystal is in one piece."""

import ase.io
import numpy as np
import pytest
from ase import Atoms

from engine import registry
from engine.checks import Duplicate, Fragments, LargestForce
from engine.config import CampaignSettings, CrystalSettings, DeltaSettings, SystemSettings
from engine.datasets import scaled
from engine.descriptors import SOAP
from engine.protocols import Known
from engine.space import Space
from tests.clusters import examined

SILICON = SystemSettings(crystal=CrystalSettings(lattice="diamond"))
SEARCH = {"name": "pool", "kinds": ["volume"]}
SETTINGS = CampaignSettings(system=SILICON, search=[SEARCH])


@pytest.fixture(scope="module")
def described():
    """Energy and summed features of the crystal at two volumes, and at the first again from a file."""
    potential = registry.make("potentials", "stillinger-weber")
    soap = SOAP(DeltaSettings(), ("Si",))

    def describe(structures):
        features = [soap.features(structure).sum(axis=0) for structure in structures]
        return list(zip(potential.predict(structures).energy, features, strict=True))

    return describe


def test_two_volumes_are_no_twins_but_the_same_structure_from_a_file_is_one(described, tmp_path):
    near = scaled(Space.of(SILICON).substrate, [1.000, 1.002])
    ase.io.write(tmp_path / "pool.xyz", near[0], format="extxyz")
    (energy, features), (other_energy, other), (again_energy, again) = described(
        [*near, ase.io.read(tmp_path / "pool.xyz")]
    )
    known = [Known("c-000001", energy, features)]
    of_pool = Duplicate(SETTINGS.checks_of("pool"))
    assert Duplicate(SETTINGS.checks).compare(other_energy, other, known) is not None
    assert of_pool.compare(other_energy, other, known) is None
    flag = of_pool.compare(again_energy, again, known)
    assert flag is not None
    assert "c-000001" in flag.reason


def test_forces_on_a_structure_that_nobody_relaxed_are_no_fault():
    pulled = examined(Atoms("Si"), fmax=50.0)
    assert LargestForce(SETTINGS.checks_of("pool"))(pulled) is None
    assert LargestForce(SETTINGS.checks)(pulled) is not None
    assert CampaignSettings().checks_of("random-search") == CampaignSettings().checks


def test_a_crystal_is_one_piece_whatever_its_bonds():
    pair = Atoms("H2", [[0, 0, 0], [0, 0, 5]], cell=[9, 9, 10])
    assert Fragments(SETTINGS.checks)(examined(pair)) is not None
    pair.pbc = True
    assert Fragments(SETTINGS.checks)(examined(pair)) is None
    (apart,) = scaled(Space.of(SILICON).substrate, [2.5])
    assert Fragments(SETTINGS.checks)(examined(apart)) is None
    assert np.isfinite(apart.positions).all()
