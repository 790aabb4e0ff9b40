"""A structure that a person brings: what it can be, and the settings that say so."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.io import write

from engine import campaigns
from engine.config import SystemSettings
from engine.errors import StructureError
from engine.loop.preview import place_once
from engine.space import Space
from engine.uploaded import examine, safe_name, system_with

SYSTEM = SystemSettings().model_dump()


@pytest.fixture
def given(tmp_path):
    def made(name, structure):
        write(tmp_path / name, structure)
        return examine(tmp_path / name)

    return made


def system(found, kind, before=SYSTEM):
    return SystemSettings.model_validate(system_with(found, kind, before))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("cluster.xyz", "cluster.xyz"),
        ("../../etc/My Cluster.XYZ", "My-Cluster.xyz"),
        ("C:\\temp\\Ag(111).cif", "Ag-111-.cif"),
        ("POSCAR", "POSCAR.vasp"),
        ("CONTCAR", "CONTCAR.vasp"),
    ],
)
def test_a_name_is_kept_without_what_leads_elsewhere(name, kept):
    assert safe_name(name) == kept


@pytest.mark.parametrize(
    "name", ["model.pt", "campaign.db", ".xyz", "", "a.traj", "a.xyz.gz", "a.py", "x.json"]
)
def test_what_is_no_plain_text_of_a_structure_is_refused(name):
    with pytest.raises(StructureError, match=r"its name must end in \.xyz"):
        safe_name(name)


def test_a_molecule_is_started_from_and_gives_the_composition(given, tmp_path):
    found = given("ethanol.xyz", molecule("CH3CH2OH"))
    assert found.kinds == ("start",)
    settings = system(found, "start")
    assert (settings.start, settings.composition) == ("ethanol.xyz", found.formula)
    assert settings.confinement == SYSTEM["confinement"]
    shown = place_once(settings, tmp_path)
    assert sorted(shown.numbers) == sorted(molecule("CH3CH2OH").numbers)
    np.testing.assert_allclose(shown.get_all_distances(), molecule("CH3CH2OH").get_all_distances(), atol=1e-6)


def test_the_box_grows_until_a_long_molecule_fits(given, tmp_path):
    found = given("chain.xyz", Atoms("Ag12", [[2.8 * k, 0, 0] for k in range(12)]))
    settings = system(found, "start")
    assert settings.confinement == 31.0  # twice 15.4 Å
    assert min(settings.cell) == 36.0
    assert len(campaigns.start_structure(tmp_path, settings)) == 12


def test_what_cannot_be_read_as_numbers_stays_as_it_was_typed(given):
    found = given("chain.xyz", Atoms("Ag12", [[2.8 * k, 0, 0] for k in range(12)]))
    said = system_with(found, "start", {**SYSTEM, "confinement": "much"})
    assert (said["confinement"], said["start"]) == ("much", "chain.xyz")


@pytest.mark.parametrize("name", ["silver.cif", "silver.vasp", "silver.xyz"])
def test_a_crystal_is_a_crystal(given, tmp_path, name):
    found = given(name, bulk("Ag", cubic=True))
    assert found.kinds[0] == "crystal"
    settings = system(found, "crystal", {**SYSTEM, "start": "old.xyz"})
    assert (settings.crystal.file, settings.start) == (name, None)
    assert len(Space.of(settings, tmp_path).substrate) == 4


def test_a_slab_is_a_surface_and_takes_the_place_of_a_crystal(given, tmp_path):
    found = given("ag.vasp", fcc111("Ag", (2, 2, 3), vacuum=6.0, periodic=True))
    assert found.kinds == ("surface", "crystal")
    before = {
        **SYSTEM,
        "composition": "S",
        "crystal": {**SYSTEM["crystal"], "lattice": "fcc", "formula": "Ag"},
    }
    settings = system(found, "surface", before)
    assert (settings.slab.surface, settings.slab.file, settings.composition) == ("file", "ag.vasp", "S")
    assert len(Space.of(settings, tmp_path).substrate) == 12


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("2\n\nAg 0 0 0\n", "cannot be read"),
        ("1\n\nAg 0 0 0\n", "one atom"),
        ("2\n\nAg 0 0 0\nAg 0 0 0.1\n", "on top of each other"),
        ("2\n\nAg 0 0 0\nXx 0 0 3\n", "bad.xyz"),
        ('2\nLattice="3 0 0 0 3 0 0 0 3" pbc="T T T"\nAg 0 0 0\nAg 0 0 0.1\n', "on top of each other"),
    ],
)
def test_what_can_be_nothing_says_why(tmp_path, text, words):
    (tmp_path / "bad.xyz").write_text(text)
    with pytest.raises(StructureError, match=words):
        examine(tmp_path / "bad.xyz")
