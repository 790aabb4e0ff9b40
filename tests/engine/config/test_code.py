"""What a page may not change, and where a file's name may not lead."""

import pytest
from pydantic import ValidationError

from engine import config
from engine.config.base import inside
from engine.errors import ConfigError, NotAllowedError
from engine.references.command import CommandReference

OUTSIDE = ["/etc/passwd", "../other/campaign.db", "a/../../b", "..", "..\\..\\x", "\\x", "a\nb", "\x00"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"reference": {"command": "sh -c id"}}, "reference.command"),
        ({"potential": {"calculator": "os:system"}}, "potential.calculator"),
        ({"potential": {"settings": {"model": "/tmp/evil.model"}}}, "potential.settings.model"),
        ({"reference": {"settings": {"command": "id"}}}, "reference.settings.command"),
        ({"reference": {"settings": {"deep": [{"x": "id"}]}}}, "reference.settings.deep.x"),
        ({"search": [{"settings": {"hook": "os:system"}}]}, "search.settings.hook"),
        ({"settings": {"command": "id"}}, "settings.command"),
    ],
)
def test_what_can_run_something_does_not_come_through_a_page(changes, path):
    with pytest.raises(NotAllowedError, match=f"^{path} can name a program"):
        config.refuse_code(changes)


NAMES = ['task shell "touch /tmp/pwned" #', "a b", "a\nb", "a\n", "", "1", "-a", "a.b", "a;b", "a(1)", "é"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("section", ["reference", "potential", "search"])
def test_names_of_arguments_are_plain_words(section, name):
    def told(settings):
        return {section: [{"settings": settings}] if section == "search" else {"settings": settings}}

    deep = {"dft": {"rows": [[{name: True}]]}}
    for settings in ({name: 1}, {"dft": {name: 0.5}}, {"rows": [{name: []}]}, deep):
        with pytest.raises(NotAllowedError, match=rf"^{section}\.settings\..* can name a program"):
            config.refuse_code(told(settings))
    config.refuse_code(told({name: None}))
    assert config.CampaignSettings.model_validate({"reference": {"settings": {name: 1}}})


def test_honest_names_pass():
    gpaw = {"kpts": [2, 2, 1], "mode": {"ecut": 400}, "convergence": {"density": 1e-5}, "h": 0.2}
    others = {"max_iterations": 500, "Hamiltonian_SCC": True, "_x": 1, "k-points": {"a1": 2}}
    config.refuse_code({"reference": {"settings": {**gpaw, **others}}})


def test_numbers_switches_and_what_is_left_out_do():
    config.refuse_code({"seed": 3, "name": "x", "reference": {"settings": {"accuracy": 0.1, "spin": True}}})
    config.refuse_code({"reference": {"command": None, "name": "emt"}, "system": {"composition": "Ag4S2"}})


READS = [
    ("committee", {"kind": "chgnet", "files": ["a.pt", "b.pt"]}, {"kind": "mace"}),
    ("potential", {"name": "chgnet", "settings": {"model": "a.pt"}}, {"name": "mace"}),
    ("reference", {"name": "emt", "settings": {"label": "x"}}, {"name": "ase"}),
]


@pytest.mark.parametrize(("section", "said", "change"), READS)
def test_a_page_does_not_choose_who_gets_a_file_that_another_one_was_to_open(section, said, change):
    words = rf"^{section}\.(kind|name) decides what becomes of {section}\."
    with pytest.raises(NotAllowedError, match=words):
        config.refuse_code({section: change}, {section: said})
    config.refuse_code({section: change}, {section: {key: said[key] for key in change}})
    with pytest.raises(NotAllowedError, match=words):
        config.refuse_code({section: {**change, "settings": {"h": 0.2}}}, {section: said})
    config.refuse_code({section: {"noise": 0.1}}, {section: said})
    without = {"files": (), "settings": dict.fromkeys(said.get("settings", ()))}
    config.refuse_code({section: {**change, **without}}, {section: said})


@pytest.mark.parametrize("name", OUTSIDE)
def test_files_are_looked_for_in_the_campaigns_folder_alone(name):
    with pytest.raises(ValueError, match="must be the name of a file in the folder"):
        inside(name)
    for system in ({"start": name}, {"slab": {"surface": "file", "file": name}}):
        with pytest.raises(ValidationError, match="must be the name of a file in the folder"):
            config.CampaignSettings.model_validate({"system": system})
    for which in ("structure", "result"):
        with pytest.raises(ConfigError, match=f"command: {which} = .*must be the name of a file"):
            CommandReference("true {structure} {result}", {which: name})


@pytest.mark.parametrize("name", [*OUTSIDE, "../other", "~/labels.xyz"])
def test_labels_from_outside_are_named_in_campaign_toml_alone(name):
    given = {"pretraining": [{"source": "labels.xyz"}, {"source": name}]}
    with pytest.raises(NotAllowedError, match=r"^pretraining\.source names a file outside"):
        config.refuse_code(given)
    assert config.CampaignSettings.model_validate(given).pretraining[1].source == name
    config.refuse_code({"pretraining": [{"source": "labels.xyz", "mix": True}]})


@pytest.mark.parametrize("name", ["start.xyz", "files/slab 2.cif", "..hidden", "a..b"])
def test_names_that_stay_inside(name):
    assert inside(name) == name
