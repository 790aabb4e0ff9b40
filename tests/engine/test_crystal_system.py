"""[system.crystal]: what is built or read, what it is called, and what it excludes."""

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list

from engine import campaigns, config
from engine.config import CrystalSettings, SystemSettings, parse
from engine.errors import ConfigError, StructureError
from engine.space import Space

POOL = '[[search]]\nname = "pool"\nkinds = ["small"]\n'

# formula, lattice constant (Å), atoms in a cubic cell, nearest neighbours of the first atom
LATTICES = {
    "sc": ("Po", 3.35, 1, 6),
    "bcc": ("Fe", 2.87, 2, 8),
    "fcc": ("Cu", 3.61, 4, 12),
    "diamond": ("Si", 5.431, 8, 4),
    "cesiumchloride": ("CsCl", 4.12, 2, 8),
    "rocksalt": ("NaCl", 5.64, 8, 6),
    "zincblende": ("CuI", 6.05, 8, 4),
    "fluorite": ("CaF2", 5.46, 12, 8),
}


def test_chalcopyrite_is_zincblende_twice_over_with_two_metals():
    ideal = CrystalSettings(lattice="chalcopyrite", formula="AgGaSe2", lattice_constant=5.9)
    assert ideal.words == "Ag4Ga4Se8, chalcopyrite"
    crystal = Space.of(SystemSettings(crystal=ideal)).substrate
    sites = bulk("ZnS", "zincblende", a=5.9, cubic=True) * (1, 1, 2)
    anions = crystal.symbols == "Se"
    for ours, theirs in ((anions, sites.symbols == "S"), (~anions, sites.symbols == "Zn")):
        distance = np.linalg.norm(crystal.positions[ours][:, None] - sites.positions[theirs], axis=2)
        np.testing.assert_allclose(distance.min(axis=1), 0, atol=1e-9)
    moved = ideal.model_copy(update={"u": 0.28, "c_over_a": 1.8, "size": (2, 1, 1)})
    crystal = Space.of(SystemSettings(crystal=moved)).substrate
    np.testing.assert_allclose(crystal.cell.lengths(), [11.8, 5.9, 1.8 * 5.9])
    for metal, x, neighbours in (("Ag", 0.28, 4), ("Ga", 0.5 - 0.28, 4)):
        bond = 5.9 * np.sqrt(x**2 + 1 / 16 + (1.8 / 8) ** 2)  # each anion sits u a from two of one metal
        first, distance = neighbor_list("id", crystal, {(metal, "Se"): bond + 0.05})
        of_metal = distance[first == np.flatnonzero(crystal.symbols == metal)[0]]
        assert len(of_metal) == neighbours
        np.testing.assert_allclose(of_metal, bond)


@pytest.mark.parametrize("lattice", LATTICES)
def test_a_lattice_is_built_and_counted_alike(lattice):
    formula, a, n_atoms, neighbours = LATTICES[lattice]
    system = SystemSettings(
        crystal=CrystalSettings(lattice=lattice, formula=formula, lattice_constant=a, size=(1, 2, 3))
    )
    space = Space.of(system)
    crystal = space.substrate
    assert len(crystal) == system.n_atoms == 6 * n_atoms
    assert Atoms(system.crystal.composition).symbols.formula.count() == crystal.symbols.formula.count()
    assert space.symbols == tuple(sorted(set(Atoms(formula).symbols)))
    np.testing.assert_allclose(crystal.cell.lengths(), [a, 2 * a, 3 * a])
    assert crystal.pbc.all()
    first, distance = neighbor_list("id", crystal, 0.9 * a + 0.5)
    of_first = distance[first == 0]
    assert np.isclose(of_first, of_first.min()).sum() == neighbours


def test_a_crystal_has_words_and_is_what_searches_start_from(tmp_path):
    (tmp_path / config.FILENAME).write_text(f'[system.crystal]\nlattice = "diamond"\n{POOL}')
    settings = config.load(tmp_path)
    assert settings.system.words == "Si8, diamond"
    assert settings.system.composition == "Si8"
    start = campaigns.start_structure(tmp_path, settings.system)
    assert start == bulk("Si", "diamond", a=5.431, cubic=True)
    campaigns.preflight(tmp_path, settings)


def test_a_crystal_of_ones_own_is_read_and_repeated(tmp_path):
    ase.io.write(tmp_path / "salt.cif", bulk("NaCl", "rocksalt", a=5.64))
    table = '[system.crystal]\nlattice = "file"\nfile = "salt.cif"\nsize = [2, 1, 1]\n'
    (tmp_path / config.FILENAME).write_text(table + POOL)
    settings = config.load(tmp_path)
    assert settings.system.words == "the crystal in salt.cif"
    assert Atoms(settings.system.composition).symbols.formula.count() == {"Na": 2, "Cl": 2}
    assert len(Space.of(settings.system, tmp_path).substrate) == 4


def test_files_that_it_names_come_along_to_another_folder(tmp_path):
    first = tmp_path / "first"
    first.mkdir()
    salt = bulk("NaCl", "rocksalt", a=5.64)
    ase.io.write(first / "salt.cif", salt)
    ase.io.write(first / "pool.traj", salt)
    table = '[system.crystal]\nlattice = "file"\nfile = "salt.cif"\n'
    (first / config.FILENAME).write_text(f'{table}[[search]]\nname = "pool"\nsource = "pool.traj"\n')
    campaigns.new(tmp_path / "second", first)
    campaigns.preflight(tmp_path / "second", config.load(tmp_path / "second"))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            '[system.crystal]\nlattice = "diamond"\nformula = "GaAs"',
            "GaAs is no formula of a diamond crystal",
        ),
        ('[system.crystal]\nlattice = "rocksalt"\nformula = "Na"', "write one like NaCl"),
        ('[system.crystal]\nlattice = "fluorite"\nformula = "Ca2F"', "write one like CaF2"),
        ('[system.crystal]\nlattice = "chalcopyrite"\nformula = "CuI"', "write one like AgGaSe2"),
        ('[system.crystal]\nlattice = "diamond"\nformula = "Xx"', "there is no element 'Xx'"),
        ('[system.crystal]\nlattice = "diamond"\nsize = [50, 50, 1]', "at most 10000 atoms, this has 20000"),
        ('[system.crystal]\nlattice = "file"', 'lattice = "file" and file = "crystal.cif" go together'),
        (
            '[system]\nstart = "a.xyz"\n[system.crystal]\nlattice = "fcc"\nformula = "Cu"',
            "neither a surface nor a start",
        ),
        (
            '[system.slab]\nsurface = "fcc111"\n[system.crystal]\nlattice = "diamond"',
            "neither a surface nor a start",
        ),
    ],
)
def test_tables_that_cannot_be_used_are_told_in_one_line(table, words):
    with pytest.raises(ConfigError, match=words) as told:
        parse(f"{table}\n{POOL}")
    assert "\n" not in str(told.value)


def test_a_file_that_holds_no_crystal_is_told(tmp_path):
    ase.io.write(tmp_path / "a.xyz", Atoms("Si2", [[0, 0, 0], [0, 0, 2.4]]))
    system = SystemSettings(crystal=CrystalSettings(lattice="file", file="a.xyz"))
    with pytest.raises(StructureError, match=r"a\.xyz is not periodic along a, b, c"):
        Space.of(system, tmp_path)
