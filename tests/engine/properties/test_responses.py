import numpy as np
import pytest
from ase import Atoms

from engine.crystals import strained
from engine.errors import StructureError
from engine.math import ResponseScales, joint_entropy, strains
from engine.properties import responses
from tests.engine.properties.silicon import STILLINGER_WEBER, TERSOFF, Scaled, Several, silicon

COMMITTEE = Several((STILLINGER_WEBER, TERSOFF, Scaled(1.1)))


def rattled(amount, seed=0):
    structure = silicon()
    structure.rattle(amount, seed=seed)
    return structure


def test_each_member_answers_with_energy_stress_and_largest_force():
    structures = [rattled(0.05), rattled(0.1, 1)]
    found, scale = responses(COMMITTEE, structures)
    assert found.shape == (3, 2, 8)
    assert scale.tolist() == [0.005, *[0.003] * 6, 0.05]
    said = TERSOFF.predict(structures)
    np.testing.assert_allclose(found[1, :, 0], said.energy / 8)
    np.testing.assert_allclose(found[1, :, 1:7], said.stress)
    assert found[1, 1, 7] == pytest.approx(np.linalg.norm(said.forces[1], axis=1).max())


def test_under_strain_the_responses_follow_one_another():
    series = strains([0.01])
    found, scale = responses(COMMITTEE, [silicon()], series, ResponseScales(energy=None, force=None))
    assert found.shape == (3, 1, 72)
    assert scale.shape == (72,)
    said = STILLINGER_WEBER.predict([strained(silicon(), one) for one in series]).stress
    np.testing.assert_allclose(found[0, 0], said.ravel())


def test_members_that_agree_have_the_lowest_entropy():
    structures = [silicon(), rattled(0.1)]
    agree = Several((STILLINGER_WEBER, STILLINGER_WEBER, STILLINGER_WEBER))
    same, differ = (joint_entropy(*responses(members, structures)) for members in (agree, COMMITTEE))
    assert np.isfinite(same).all()
    assert same.max() < differ.min()
    assert differ[1] > differ[0]  # what is distorted is further from what they share


def test_what_cannot_be_strained_or_has_no_stress_is_said():
    cluster = Atoms("Si2", [[0, 0, 0], [0, 0, 2.3]])
    with pytest.raises(StructureError, match="has no cell"):
        responses(COMMITTEE, [cluster], strains([0.01]))
    with pytest.raises(StructureError, match="1 of 2 structures have no stress"):
        responses(COMMITTEE, [cluster, silicon()])
    found, _ = responses(COMMITTEE, [cluster])
    assert found.shape == (3, 1, 2)
    with pytest.raises(StructureError, match="no response is left"):
        responses(COMMITTEE, [cluster], scales=ResponseScales(energy=None, force=None))
