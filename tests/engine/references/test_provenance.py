from importlib.metadata import version

import pytest

from engine.references.provenance import installed


@pytest.mark.parametrize(("module", "package"), [("ase.calculators.emt", "ase"), ("tblite.ase", "tblite")])
def test_a_package_has_its_name_and_version(module, package):
    assert installed(module) == (package, version(package))


@pytest.mark.parametrize("module", ["tests.support.witness_emt", "nowhere.at_all", ""])
def test_a_file_of_ones_own_has_no_version_whoever_ships_a_module_of_its_name(module):
    assert installed(module) == (module.partition(".")[0], "")
