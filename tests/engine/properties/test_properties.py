import json
from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from engine.errors import StructureError
from engine.properties import (
    TARGETS,
    PropertySettings,
    member_properties,
    properties,
    property_distributions,
    unit,
)
from tests.engine.properties.silicon import STILLINGER_WEBER, Exploding, Scaled, Several, Silent, silicon

SMALL = PropertySettings(edge=5.0, thickness=5.0)
BULK = PropertySettings(edge=0.0, thickness=0.0, amplitudes=(0.01,))


def test_all_properties_of_silicon_have_names_units_and_finite_values():
    found = properties(STILLINGER_WEBER, bulk("Si", a=5.5), SMALL)
    units = {name: unit(name) for name in found.values}
    assert units == {
        "a": "Å",
        "E0": "eV/atom",
        "V0": "Å³/atom",
        "B0": "GPa",
        **dict.fromkeys(["C11", "C12", "C44", "C11_clamped", "C12_clamped", "C44_clamped"], "GPa"),
        **dict.fromkeys(["vacancy", "tetrahedral", "hexagonal", "dumbbell"], "eV"),
        **dict.fromkeys(["surface_100", "surface_110", "surface_111"], "J/m²"),
    }
    assert set(units.values()) == set(TARGETS)
    assert np.isfinite(list(found.values.values())).all()
    assert json.loads(json.dumps(found.values)) == found.values
    assert found["a"] == pytest.approx(5.431, abs=1e-3)
    assert found["B0"] == pytest.approx((found["C11"] + 2 * found["C12"]) / 3, rel=0.01)
    assert found["C44"] < found["C44_clamped"]


def test_members_disagree_by_what_they_were_made_to():
    factors = np.array([0.95, 1.0, 1.04])
    committee = Several(tuple(Scaled(factor) for factor in factors))
    members = member_properties(committee, silicon(5.45), BULK)
    found = property_distributions(members)
    middle = properties(committee, silicon(5.45), BULK)
    for name in ("E0", "B0", "C11", "C44", "C44_clamped"):
        spread = found[name]
        assert spread.mean == pytest.approx(middle[name], rel=1e-3)
        assert spread.std / abs(spread.mean) == pytest.approx(factors.std(ddof=1) / factors.mean(), rel=0.01)
    assert found["a"].std < 1e-3
    assert found["a"].entropy < 0 < found["C11"].entropy


def test_the_small_cell_gives_the_same():
    large, small = (
        properties(STILLINGER_WEBER, silicon(), s) for s in (BULK, replace(BULK, small_cell=True))
    )
    assert small.values == pytest.approx(large.values, abs=2e-2)


def test_targets_move_the_entropy():
    members = [properties(Scaled(factor), silicon(), BULK) for factor in (1.0, 1.1)]
    usual, strict = property_distributions(members), property_distributions(members, {"C11": 0.5})
    assert strict["C11"].entropy - usual["C11"].entropy == pytest.approx(np.log(TARGETS["GPa"] / 0.5))
    assert strict["C12"].entropy == usual["C12"].entropy


def test_a_wild_member_has_no_values_and_costs_the_others_nothing():
    members = member_properties(Several((Scaled(1.0), Exploding(), Scaled(1.1))), silicon(), BULK)
    assert np.isnan(list(members[1].values.values())).all()
    assert list(members[1].values) == list(members[0].values)
    assert property_distributions(members)["C11"].mean == pytest.approx(1.05 * members[0]["C11"], rel=1e-3)


@pytest.mark.parametrize(
    ("potential", "crystal", "words"),
    [
        (STILLINGER_WEBER, Atoms("Si2", [[0, 0, 0], [0, 0, 2.3]]), "Si2 has no cell"),
        (STILLINGER_WEBER, bulk("SiC", "zincblende", a=4.36), "SiC is of several elements"),
        (Silent(), silicon(), "the potential gives no stress of Si8"),
    ],
)
def test_what_has_no_properties_is_said_in_one_line(potential, crystal, words):
    with pytest.raises(StructureError, match=words):
        properties(potential, crystal)


def test_one_member_has_no_distribution():
    with pytest.raises(ValueError, match="at least 2 members, got 1"):
        property_distributions([properties(STILLINGER_WEBER, silicon(), BULK)])
