"""Properties that cannot be measured are refused in one line, before the campaign begins."""

import re

import pytest

from engine.campaigns import preflight
from engine.config import PropertiesSettings, parse
from engine.errors import ConfigError, StructureError

CRYSTAL = '[system.crystal]\nlattice = "diamond"\n[[search]]\nname = "strain"\n'
COMMITTEE = '[committee]\nkind = "networks"\n'
MEASURE = "[properties]\nmeasure = true\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (COMMITTEE + MEASURE, "properties are measured of a crystal: set [system.crystal] lattice"),
        (CRYSTAL + MEASURE, "properties are measured of a committee's members: set [committee] kind"),
        ("[properties]\nedge = -1\n", "properties.edge = -1: must be 0 or more"),
        ("[properties]\nreferences = true\n", "did you mean 'reference'?"),
    ],
)
def test_what_cannot_be_measured_is_told_in_one_line(text, words):
    with pytest.raises(ConfigError, match=re.escape(words)) as told:
        parse(text)
    assert "\n" not in str(told.value)


def test_a_crystal_of_several_elements_has_no_energy_of_one_atom(tmp_path):
    text = CRYSTAL.replace('"diamond"', '"rocksalt"\nformula = "NaCl"')
    with pytest.raises(StructureError, match="is of several elements"):
        preflight(tmp_path, parse(text + COMMITTEE + MEASURE + '[potential]\nname = "none"\n'))
    preflight(tmp_path, parse(text + COMMITTEE + '[potential]\nname = "none"\n'))


def test_by_default_nothing_is_measured_and_defects_and_surfaces_are_left_out():
    assert PropertiesSettings().model_dump() == {
        "measure": False,
        "reference": False,
        "edge": 0.0,
        "thickness": 0.0,
    }
