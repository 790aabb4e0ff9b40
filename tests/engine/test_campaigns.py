"""Campaign folders: nested changes keep comments, names are free and safe."""

import pytest

from engine import campaigns, config
from engine.config import ReferenceSettings
from engine.config.writing import rewritten
from engine.errors import CampaignError, ConfigError
from engine.loop.reference_desk import _told


def test_nested_changes_keep_comments_and_neighbours(tmp_path):
    settings = campaigns.new(
        tmp_path / "a",
        name="Mine",
        system={"confinement": 12.0},
        reference={"settings": {"accuracy": 0.5}, "calculator": None},
    )
    text = (tmp_path / "a" / config.FILENAME).read_text()
    assert settings.system.confinement == 12.0
    assert settings.system.composition == "Ag8S4"
    assert settings.reference.settings == {"accuracy": 0.5}
    assert "confinement = 12.0          # atoms are placed and hop inside a cube of this edge, Å" in text


def test_differences_are_all_that_new_needs(tmp_path):
    before = config.parse(campaigns.source("ag8s4")).model_dump(mode="json")
    wanted = {**before, "budget": 7, "delta": {**before["delta"], "l_max": 3}}
    changes = campaigns.differences(before, wanted)
    assert changes == {"budget": 7, "delta": {"l_max": 3}}
    assert campaigns.new(tmp_path / "b", **changes).model_dump(mode="json") == wanted


def test_lists_of_tables_are_merged_one_by_one():
    before = {"search": [{"name": "a", "steps": 1}, {"name": "b", "steps": 2}]}
    text = '[[search]]\nname = "a"\nsteps = 1  # few\n[[search]]\nname = "b"\nsteps = 2\n'
    longer = [{"name": "a", "steps": 9}, {"name": "b", "steps": 2}, {"name": "c", "steps": 3, "x": None}]
    changed = rewritten(text, campaigns.differences(before, {"search": longer}))
    assert "steps = 9  # few" in changed
    assert changed.count("[[search]]") == 3
    assert "x" not in changed.split("c", 1)[-1].split("steps")[-1]
    shorter = rewritten(text, campaigns.differences(before, {"search": before["search"][:1]}))
    assert shorter.count("[[search]]") == 1


@pytest.mark.parametrize(
    "text",
    [
        'search = [{ name = "random-search" }]  # mine\n[selection]\nbatch = 2\n',
        'search = [\n  { name = "random-search" },  # mine\n]\n[selection]\nbatch = 2\n',
    ],
)
def test_searches_on_one_line_grow_and_shrink(text):
    before = config.parse(text).model_dump(mode="json")
    mine = {"name": "other", "share": 2, "settings": {"deep": {"x": 1}, "rows": [{"y": 2}]}}
    given = config.parse(text).model_validate({**before, "search": [*before["search"], mine]})
    longer = rewritten(text, campaigns.differences(before, given.model_dump(mode="json")))
    assert config.parse(longer) == given
    assert "# mine" in longer
    shorter = rewritten(longer, campaigns.differences(given.model_dump(mode="json"), before))
    assert config.parse(shorter) == config.parse(text)


DOTTED = """name = "mine"
reference.name = "ase"
reference.calculator = "ase.calculators.emt:EMT"
budget = 150
pace = "lockstep"
"""


def test_a_new_table_takes_nothing_in_that_stood_after_it():
    text = rewritten(DOTTED, {"reference": {"settings": {"asap_cutoff": True}}})
    before, after = config.parse(DOTTED), config.parse(text)
    assert (after.budget, after.pace, after.reference.calculator) == (
        150,
        "lockstep",
        "ase.calculators.emt:EMT",
    )
    assert after.reference.settings == {"asap_cutoff": True}
    assert after.model_dump(exclude={"reference"}) == before.model_dump(exclude={"reference"})


def test_a_file_that_ends_without_a_line_end_grows():
    text = rewritten('[[search]]\nname = "random-search"', {"search": [{}, {"name": "basin-hopping"}]})
    assert [search.name for search in config.parse(text).search] == ["random-search", "basin-hopping"]


def test_a_retry_keeps_all_that_was_said_of_one_table():
    change = config.reference_change(["mixer.beta = 0.05", "mixer.nmaxold = 8"])
    assert change.settings == {"mixer": {"beta": 0.05, "nmaxold": 8}}
    told = ReferenceSettings(settings={"mixer": {"weight": 100.0, "beta": 0.1}, "xc": "PBE"})
    assert _told(told, change).settings == {
        "mixer": {"weight": 100.0, "beta": 0.05, "nmaxold": 8},
        "xc": "PBE",
    }


def test_pretraining_is_added_and_taken_away(tmp_path):
    plain = config.parse(campaigns.source("ag8s4")).model_dump(mode="json")
    given = {**plain, "pretraining": [{"source": "old.xyz", "mix": False}]}
    settings = campaigns.new(tmp_path / "a", **campaigns.differences(plain, given))
    assert settings.model_dump(mode="json") == config.load(tmp_path / "a").model_dump(mode="json") == given
    settings = campaigns.new(tmp_path / "b", tmp_path / "a", **campaigns.differences(given, plain))
    assert settings.model_dump(mode="json") == config.load(tmp_path / "b").model_dump(mode="json") == plain


def test_a_new_campaign_has_the_composition_of_its_crystal(tmp_path):
    settings = campaigns.new(tmp_path / "a", "si-pool", system={"crystal": {"size": [2, 1, 1]}})
    assert settings == config.load(tmp_path / "a")
    assert settings.system.composition == "Si16"
    later = {"lattice": "file", "file": "later.cif"}
    assert (
        campaigns.new(tmp_path / "b", "si-pool", system={"crystal": later}).system.crystal.file == "later.cif"
    )


def test_files_come_along_with_a_template_that_names_them(tmp_path):
    first = tmp_path / "a"
    given = {"pretraining": [{"source": "data/old.xyz"}, {"source": "../far.xyz"}]}
    campaigns.new(first, system={"composition": "Ag2", "start": "ag2.xyz"}, **given)
    (first / "data").mkdir()
    for name in ("ag2.xyz", "data/old.xyz", "unnamed.xyz", "../far.xyz"):
        (first / name).write_text("2\n\nAg 0 0 0\nAg 0 0 2.6\n")
    settings = campaigns.new(tmp_path / "b", first, seed=2)
    found = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "b").rglob("*.*"))
    assert found == ["b/ag2.xyz", "b/campaign.toml", "b/data/old.xyz"]
    assert len(campaigns.start_structure(tmp_path / "b", settings.system)) == 2


@pytest.mark.parametrize("name", ["campaign.db", "campaign.db-wal", "campaign.toml", "sub/campaign.db"])
def test_the_files_of_a_campaign_itself_do_not_come_along(tmp_path, name):
    settings = config.CampaignSettings.model_validate({"pretraining": [{"source": name}]})
    (tmp_path / "old" / name).parent.mkdir(parents=True)
    (tmp_path / "old" / name).write_text("its own")
    campaigns.copy_named(tmp_path / "old", tmp_path / "new", settings)
    assert not (tmp_path / "new").exists()


def test_symmetry_functions_come_along_too(tmp_path):
    campaigns.new(tmp_path / "a", "aggase2")
    settings = campaigns.new(tmp_path / "b", tmp_path / "a", budget=3)
    assert len(config.symmetry_functions(settings.committee, tmp_path / "b").g2) == 7
    campaigns.preflight(tmp_path / "b", settings)
    (tmp_path / "b" / "functions.toml").write_text("r_cut = 5.0\ng2 = [[-1.0, 0.0]]\n")
    with pytest.raises(ConfigError, match=r"functions\.toml: g2\.0\.0: .* got -1\.0"):
        campaigns.preflight(tmp_path / "b", settings)
    (tmp_path / "b" / "functions.toml").unlink()
    with pytest.raises(ConfigError, match=r"functions\.toml holds no symmetry functions: .*No such file"):
        campaigns.preflight(tmp_path / "b", settings)


def test_another_campaign_is_a_template(tmp_path):
    campaigns.new(tmp_path / "a", budget=3)
    assert campaigns.new(tmp_path / "b", tmp_path / "a", seed=2).budget == 3
    with pytest.raises(ConfigError):
        campaigns.new(tmp_path / "c", tmp_path / "nowhere")
    assert not (tmp_path / "c").exists()


def test_folders_are_called_after_the_campaign(tmp_path, monkeypatch):
    monkeypatch.setenv(campaigns.HOME, str(tmp_path))
    assert campaigns.new_in_home(name="Ag8S4 (hot)").name == "Ag8S4-hot"
    assert campaigns.new_in_home(name="../../etc").name == "etc"
    assert campaigns.new_in_home(name="ÅÄÖ").name == "campaign"
    assert campaigns.new_in_home(name="ag8s4 HOT").name == "ag8s4-HOT-2"
    assert campaigns.new_in_home().name == "ag8s4"


@pytest.mark.parametrize("composition", ["Ag0", "Ag99999", "Xx2", "", "ag8"])
def test_impossible_compositions_write_nothing(tmp_path, composition):
    with pytest.raises(ConfigError):
        campaigns.new(tmp_path / "a", system={"composition": composition})
    assert not (tmp_path / "a").exists()
    with pytest.raises(CampaignError):
        campaigns.new(tmp_path.parent, seed=1)
