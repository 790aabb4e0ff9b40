"""Every family in this process."""

import re

import pytest

from tests.fuzz import harness
from tests.fuzz.families import FAMILIES

NAMES_ONLY = ["given.xyz", "given.zip", "study.toml", "campaign.toml", "campaign.db", "campaign", "p.json"]
"""What a pattern must not be content with."""


def test_there_are_many_families_of_many_cases():
    cases = [case for family in FAMILIES.values() for case in family()]
    assert len(FAMILIES) >= 12
    assert len(cases) >= 300
    for name in NAMES_ONLY:
        assert not [case.name for case in cases if re.fullmatch(case.pattern, name)], "no reason is asked for"


@pytest.mark.parametrize("family", FAMILIES)
def test_bad_input_is_one_line_and_changes_nothing(family, tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    wrong = harness.failures(FAMILIES[family](), tmp_path)
    assert not wrong, "\n".join([f"{len(wrong)} cases:", *wrong])
    assert {path.name for path in tmp_path.iterdir()} - {"home"} == {"cases"}
