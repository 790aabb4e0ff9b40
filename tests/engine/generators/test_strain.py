from collections import Counter

import numpy as np
import pytest
from ase.build import bulk
from ase.spacegroup import crystal

from engine.config import StrainSettings, SystemSettings, parse
from engine.errors import ConfigError
from engine.generators import Strain
from engine.math import strains, voigt_strain
from engine.space import Space

SPACE = Space.of(SystemSettings())
SILICON = bulk("Si", a=5.431, cubic=True)
SALT = crystal(["Na", "Cl"], [(0, 0, 0), (0.5, 0.5, 0.5)], spacegroup=225, cellpar=[5.64] * 3 + [90] * 3)


def everything(structure, seed=0, **settings):
    search = Strain(StrainSettings(**settings), SPACE)
    state, found, k = search.start(structure), [], 0
    while not state["done"]:
        state, proposals = search.step(state, None, np.random.default_rng([seed, k]))
        assert proposals
        found += [proposal.structure for proposal in proposals]
        k += 1
    after, nothing = search.step(state, None, np.random.default_rng(0))
    assert (nothing, after) == ([], state)
    return found, k


def test_the_list_is_gone_through_once_and_then_it_is_done():
    found, steps = everything(SILICON)
    # the crystal and its 60 strains; 3 faces; vacancy, tetrahedral, hexagonal, dumbbell in 64 atoms
    sizes = Counter(len(structure) for structure in found)
    assert (sizes[8], sizes[63], sizes[65], len(found)) == (61, 1, 3, 68)
    assert steps == 7
    assert sum(structure.cell[2, 2] > 17 for structure in found) == 3
    kinds = Counter(structure.info["kind"] for structure in found)
    assert kinds == {"strain": 61, "surface": 3, "vacancy": 1, "interstitial": 3}


def test_strains_are_those_of_the_settings_each_once():
    found, _ = everything(SILICON, kinds=["strain"], strains=[0.01, 0.02])
    deformed = [np.asarray(structure.cell) / 5.431 - np.eye(3) for structure in found]
    seen = {tuple(voigt_strain(one).round(9) + 0.0) for one in deformed}
    assert seen == {tuple(one.round(9) + 0.0) for one in [np.zeros(6), *strains([0.01, 0.02])]}


def test_another_seed_has_another_order():
    orders = [
        [s.cell.cellpar().tolist() for s in everything(SILICON, seed=k, kinds=["strain"])[0]]
        for k in (0, 0, 1)
    ]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])


def test_copies_are_rattled_each_afresh():
    found, _ = everything(SILICON, kinds=["vacancy"], rattle=0.05, copies=3)
    crystals = [s for s in found if len(s) == 8]
    assert len(found) == 6
    assert len(crystals) == 3
    away = np.array([s.positions - SILICON.positions for s in crystals])
    assert 0.03 < away.std() < 0.07
    assert np.abs(away[0] - away[1]).max() > 0.01


def test_ideal_ones_are_offered_beside_the_rattled_and_only_they_are_volumes():
    found, _ = everything(
        SILICON, kinds=["volume", "vacancy"], strains=[0.02], rattle=0.05, ideal=True, edge=5.0
    )
    kinds = Counter(structure.info["kind"] for structure in found)
    assert kinds == {"strain": 4, "volume": 2, "vacancy": 2}
    volumes = [s for s in found if s.info["kind"] == "volume"]
    assert sorted(s.cell.lengths()[0] / 5.431 for s in volumes) == pytest.approx([0.98, 1.02])
    for one in volumes:
        np.testing.assert_allclose(one.get_scaled_positions(), SILICON.get_scaled_positions(), atol=1e-9)


def test_of_a_compound_each_element_has_its_defects():
    found, _ = everything(SALT, kinds=["vacancy", "interstitial"])
    formulas = Counter(str(s.symbols.formula.format("metal")) for s in found)
    # the only hole of rock salt has four of either kind around it: no name, the largest
    assert formulas == {"Na4Cl4": 1, "Na31Cl32": 1, "Na32Cl31": 1, "Na33Cl32": 2, "Na32Cl33": 2}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("copies = 2", "2 copies are the same structure: set rattle, too"),
        ("ideal = true", "2 copies are the same structure: set rattle, too"),
        ("strains = [0.4]", "strains"),
        ('kinds = ["twin"]', "kinds"),
        ("kinds = []", "kinds"),
        ("rattle = 0.1", r"strain makes its structures of a crystal: set \[system.crystal\] lattice"),
    ],
)
def test_settings_that_make_no_sense_are_said(line, words):
    with pytest.raises(ConfigError, match=words):
        parse(f'[[search]]\nname = "strain"\n{line}\n')
