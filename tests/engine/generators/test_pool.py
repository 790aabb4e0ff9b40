"""A pool offers each of its structures once, as it is, and reads of its file only what it offers."""

import json
from itertools import chain
from typing import get_args

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms

from engine import campaigns
from engine.config import CampaignSettings, CrystalSettings, PoolSettings, SystemSettings, parse
from engine.datasets import DATASETS, large_distortions, volume_series
from engine.errors import ConfigError, StructureError
from engine.generators import Pool
from engine.space import Space

SILICON = SystemSettings(crystal=CrystalSettings(lattice="diamond"))


def space(folder, system=SILICON):
    return Space.of(system, folder)


def steps(pool, most=50):
    """The state, through JSON as the store keeps it, and what each step offered until the pool was done."""
    state, offered = pool.start(), []
    for k in range(most):
        state, proposals = pool.step(json.loads(json.dumps(state)), None, np.random.default_rng(k))
        if state["done"]:
            assert proposals == []
            return state, offered
        offered.append([proposal.structure for proposal in proposals])
    raise AssertionError("the pool never ended")


@pytest.fixture
def written():
    """Twenty-three distorted crystals with energies, forces and a fixed atom, of two kinds."""
    crystal = space(None).substrate
    structures = large_distortions(crystal, 23, np.random.default_rng(0))
    for k, structure in enumerate(structures):
        structure.info = {"config_type": "liquid"} if k % 2 else {}
        structure.set_constraint(FixAtoms([0]))
        structure.calc = EMT()
        structure.calc.results = {"energy": float(k), "forces": np.zeros((8, 3))}
        structure.calc.atoms = structure.copy()
    return structures


@pytest.mark.parametrize(
    "name", ["pool.extxyz", "pool.xyz", "pool.db", "pool.traj", "pool.xyz.gz", "p@1:2.traj"]
)
def test_a_files_structures_are_offered_once_in_their_order_without_their_labels(tmp_path, written, name):
    form = "extxyz" if ".xyz" in name else None
    ase.io.write(tmp_path / name, written, format=form)
    state, offered = steps(Pool(PoolSettings(source=name, chunk=10), space(tmp_path)))
    assert [len(chunk) for chunk in offered] == [10, 10, 3]
    assert state["offered"] == 23
    for found, made in zip(chain(*offered), written, strict=True):
        np.testing.assert_allclose(found.positions, made.positions, atol=1e-7)
        np.testing.assert_allclose(found.cell, made.cell, atol=1e-7)
        assert found.pbc.all()
        assert found.calc is None
        assert found.constraints == []
    if form:
        assert [found.info["kind"] for found in offered[0][:4]] == ["file", "liquid", "file", "liquid"]


def test_data_sets_take_turns_and_the_file_comes_after_them(tmp_path, written):
    ase.io.write(tmp_path / "pool.xyz", written[:3], format="extxyz")
    kinds = ("volume", "small", "random")
    pool = Pool(PoolSettings(source="pool.xyz", kinds=kinds, count=5, chunk=6), space(tmp_path))
    _, offered = steps(pool)
    assert [len(chunk) for chunk in offered] == [6, 6, 3, 3]
    for chunk in offered[:2]:
        assert sorted(structure.info["kind"] for structure in chunk) == sorted(kinds * 2)
    made = list(chain(*offered[:3]))
    assert {kind: sum(s.info["kind"] == kind for s in made) for kind in kinds} == dict.fromkeys(kinds, 5)
    volumes = sorted(s.get_volume() for s in made if s.info["kind"] == "volume")
    series = volume_series(space(None).substrate, 5, np.random.default_rng(0))
    np.testing.assert_allclose(volumes, [s.get_volume() for s in series])


def test_the_first_volumes_are_spread_over_the_series(tmp_path):
    pool = Pool(PoolSettings(kinds=("volume",), count=200, chunk=10), space(tmp_path))
    _, proposals = pool.step(pool.start(), None, np.random.default_rng(0))
    ratios = np.sort([p.structure.get_volume() for p in proposals]) / space(None).substrate.get_volume()
    assert np.diff(ratios, prepend=0.75, append=1.30).max() < 2 * (1.30 - 0.75) / 10


def test_the_settings_name_every_data_set_there_is():
    assert get_args(get_args(PoolSettings.model_fields["kinds"].annotation)[0]) == tuple(DATASETS)


def test_clusters_without_a_cell_are_put_into_the_middle_of_the_box(tmp_path):
    ase.io.write(tmp_path / "pool.xyz", [Atoms("Ag2", [[0, 0, 0], [0, 0, 2.6]])] * 2)
    box = space(tmp_path, SystemSettings(composition="Ag2"))
    _, ((found, _),) = steps(Pool(PoolSettings(source="pool.xyz"), box))
    np.testing.assert_allclose(found.positions, [[10, 10, 8.7], [10, 10, 11.3]])
    assert found.cell.lengths().tolist() == [20, 20, 20]


def test_an_empty_line_in_a_file_ends_no_pool(tmp_path, written):
    ase.io.write(tmp_path / "one.xyz", written[:3], format="extxyz")
    ase.io.write(tmp_path / "two.xyz", written[3:8], format="extxyz")
    parts = [(tmp_path / name).read_text() for name in ("one.xyz", "two.xyz")]
    (tmp_path / "pool.xyz").write_text("\n\n".join(parts) + "\n")
    for chunk in (2, 3, 100):
        _, found = steps(Pool(PoolSettings(source="pool.xyz", chunk=chunk), space(tmp_path)))
        assert sum(map(len, found)) == len(written[:8])


def test_a_file_that_changes_on_the_way_is_told(tmp_path, written):
    ase.io.write(tmp_path / "pool.xyz", written, format="extxyz")
    pool = Pool(PoolSettings(source="pool.xyz", chunk=10), space(tmp_path))
    state, _ = pool.step(pool.start(), None, np.random.default_rng(0))
    ase.io.write(tmp_path / "pool.xyz", written[1:], format="extxyz")
    with pytest.raises(
        StructureError, match=r"pool\.xyz has changed since its first structures were offered"
    ):
        pool.step(state, None, np.random.default_rng(1))


CELL = 'Lattice="5.4 0 0 0 5.4 0 0 0 5.4" Properties=species:S:1:pos:R:3'
BAD = {
    "empty": ("", "is empty"),
    "blank": ("\n\n", "holds no structure"),
    "words": ("what is this\n", "structure 0 begins with no number of atoms"),
    "cut": (f"2\n{CELL}\nSi 0 0 0\n", "it ends inside of structure 0"),
    "huge": ("2000000000\n", r"structure 0: holds 2000000000 atoms: at most 1000"),
    "ragged": (f"2\n{CELL}\nSi 0 0 0\nSi 0 0\n", "cannot be read as a structure"),
    "nan": (
        f"2\n{CELL}\nSi 0 0 0\nSi nan 2 2\n",
        "structure 0: holds a position that is not a number: atom 1",
    ),
    "mixed": (
        f"2\n{CELL}\nSi 0 0 0\nGe 2 2 2\n",
        "structure 0: holds Ge, and this campaign's system only Si",
    ),
    "cluster": ("2\n\nSi 0 0 0\nSi 2 2 2\n", "structure 0: is not periodic along a, b, c"),
    "flat": (
        '2\nLattice="9 0 0 9 0 0 0 0 9" Properties=species:S:1:pos:R:3\nSi 0 0 0\nSi 2 2 2\n',
        "structure 0: is periodic in a cell that is flat",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_used_is_told_in_one_line_before_anything_begins(tmp_path, case):
    text, words = BAD[case]
    (tmp_path / "pool.xyz").write_text(text)
    settings = CampaignSettings.model_validate(
        {"system": SILICON.model_dump(), "search": [{"name": "pool", "source": "pool.xyz"}]}
    )
    with pytest.raises(StructureError, match=rf"^pool\.xyz.*{words}") as told:
        campaigns.preflight(tmp_path, settings)
    assert "\n" not in str(told.value)


def test_the_structure_that_cannot_be_used_is_named_by_its_number(tmp_path, written):
    written[12].positions[3] = np.nan
    ase.io.write(tmp_path / "pool.traj", written)
    pool = Pool(PoolSettings(source="pool.traj", chunk=10), space(tmp_path))
    state, _ = pool.step(pool.start(), None, np.random.default_rng(0))
    with pytest.raises(
        StructureError, match=r"pool\.traj, structure 12: holds a position that is not a number"
    ):
        pool.step(state, None, np.random.default_rng(0))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(StructureError, match=r"pool\.xyz is not there"):
        steps(Pool(PoolSettings(source="pool.xyz"), space(tmp_path)))


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('source = "../pool.xyz"', "must be the name of a file in the folder"),
        ('source = "/tmp/pool.xyz"', "must be the name of a file in the folder"),
        ("", 'a pool needs source = "pool.extxyz", or kinds'),
        ('kinds = ["volumes"]', "is one of 'volume', 'small', 'large' or 'random'"),
        ('kinds = ["small", "small"]', "kinds are listed once each"),
        ('kinds = ["small"]', r"the kinds of a pool are made of a crystal: set \[system.crystal\]"),
        ('source = "pool.xyz"\nchunk = 0', "must be 1 or more"),
    ],
)
def test_settings_that_cannot_be_used_are_told_in_one_line(toml, words):
    with pytest.raises(ConfigError, match=words) as told:
        parse(f'[[search]]\nname = "pool"\n{toml}\n')
    assert "\n" not in str(told.value)
