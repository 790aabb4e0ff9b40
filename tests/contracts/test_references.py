"""Every registered reference, really computed through the job, on a structure that it is cheap for."""

import sys

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT

from engine import registry
from engine.config import ReferenceSettings
from engine.references.folder import JobInput
from engine.references.job import calculate

COPPER = Atoms("Cu2", [[10, 10, 8.9], [10, 10, 11.2]], cell=[20, 20, 20])
PROGRAM = (
    "import sys, ase.io; from ase.calculators.emt import EMT; "
    "a = ase.io.read(sys.argv[1]); a.calc = EMT(); a.get_forces(); ase.io.write(sys.argv[2], a)"
)
NEEDS = {
    "ase": {"calculator": "ase.calculators.emt:EMT", "settings": {"asap_cutoff": True}},
    "command": {"command": f'{sys.executable} -c "{PROGRAM}" {{structure}} {{result}}'},
}
CODE = {
    "ase": "ase",
    "double-well": "double-well",
    "emt": "ase",
    "gfn1-xtb": "tblite",
    "gfn2-xtb": "tblite",
    "stillinger-weber": "matscipy",
    "tersoff-silicon": "matscipy",
}
SILICON = ("stillinger-weber", "tersoff-silicon")


def dimer(name):
    structure = COPPER.copy()
    if name in SILICON:
        structure.numbers[:] = 14
    return structure


def label(name, structure):
    settings = ReferenceSettings(name=name, **NEEDS.get(name, {}))
    return calculate(JobInput.of("c-000001", 1, structure, settings))


@pytest.mark.parametrize("name", [n for n in registry.names("references") if not n.startswith("gpaw")])
def test_a_label_has_energy_forces_and_what_it_was_calculated_with(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    structure = dimer(name)
    result = label(name, structure)
    assert (result.failure, result.words) == ("", "")
    forces = np.array(result.forces)
    assert forces.shape == (2, 3)
    np.testing.assert_allclose(forces.sum(axis=0), 0, atol=1e-3)
    assert abs(forces[:, 2]).max() > 0.01
    if name == "command":
        assert result.code.startswith("python")
        assert result.settings["result"] == "result.extxyz"
    else:
        assert result.code == CODE.get(name, "chgnet")
        assert result.version[0].isdigit()
        assert result.settings
    # the energy's slope is the force
    pulled = structure.copy()
    pulled.positions[1, 2] += 0.01
    slope = (label(name, pulled).energy - result.energy) / 0.01
    middle = (forces[1, 2] + np.array(label(name, pulled).forces)[1, 2]) / 2
    assert slope == pytest.approx(-middle, abs=0.05)


def test_emt_by_name_by_path_and_by_command_agree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    atoms = COPPER.copy()
    atoms.calc = EMT()
    assert label("emt", COPPER).energy == pytest.approx(atoms.get_potential_energy(), abs=1e-9)
    assert label("command", COPPER).energy == pytest.approx(atoms.get_potential_energy(), abs=1e-6)
