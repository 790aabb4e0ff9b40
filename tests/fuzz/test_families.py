"""Every family in this process."""

import pytest

from tests.fuzz import harness
from tests.fuzz.families import FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_bad_input_is_one_line_and_changes_nothing(family, tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    wrong = harness.failures(FAMILIES[family](), tmp_path)
    assert not wrong, "\n".join([f"{len(wrong)} cases:", *wrong])
    assert {path.name for path in tmp_path.iterdir()} - {"home"} == {"cases"}
