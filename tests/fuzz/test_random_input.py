"""The short form of every law; the long one is ``python -m tests.fuzz --examples 2000``."""

import pytest

from tests.fuzz.hunt import hunt
from tests.fuzz.random_input import LAWS


@pytest.mark.parametrize("law", LAWS)
def test_whatever_is_handed_in(law, tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path / "home"))
    assert hunt(law) > 0
