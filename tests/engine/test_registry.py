"""Names of other packages are found through their entry points, by the same lookup as ours."""

import pytest

from engine import campaigns, registry
from engine.config import OtherSearchSettings, SystemSettings, parse
from engine.errors import ConfigError

SOURCE = """
class Ladder:
    def __init__(self, settings, system):
        self.rungs = settings.settings["rungs"]
        self.formula = system.composition
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package with a search, as pip would have left it."""
    (tmp_path / "their_ladder.py").write_text(SOURCE)
    metadata = tmp_path / "their_ladder-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: their-ladder\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[deltadesk.generators]\nladder = their_ladder:Ladder\n")
    monkeypatch.syspath_prepend(str(tmp_path))


TOML = '[[search]]\nname = "ladder"\nshare = 2\n[search.settings]\nrungs = 7\n'


def test_a_search_of_another_package_takes_part_with_settings_of_its_own(installed, tmp_path):
    settings = parse(TOML)
    (search,) = settings.search
    assert search == OtherSearchSettings(name="ladder", share=2.0, settings={"rungs": 7})
    campaigns.preflight(tmp_path, settings)
    made = registry.make("generators", search.name, search, SystemSettings(composition="Ag5"))
    assert (made.rungs, made.formula) == (7, "Ag5")
    assert "ladder" in registry.names("generators")


def test_without_the_package_the_name_is_unknown(tmp_path):
    known = ", ".join(registry.names("generators"))
    with pytest.raises(ConfigError, match=f"no generator is called 'ladder'; known: {known}"):
        campaigns.preflight(tmp_path, parse(TOML))


@pytest.mark.parametrize("group", sorted(registry.BUILT_IN))
def test_every_built_in_class_is_where_the_table_says(group):
    assert list(registry.BUILT_IN[group]) == sorted(registry.BUILT_IN[group])
    for name in registry.BUILT_IN[group]:
        assert callable(registry.BUILT_IN[group][name].load())  # also where its package is not installed
