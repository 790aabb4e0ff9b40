"""What a campaign runs, with what a file held when it was looked at."""

import hashlib
import os

from dashboard.pages.settings import programs_html
from engine.config import CampaignSettings
from engine.programs import Program, programs


def settings(**potential):
    return CampaignSettings.model_validate({"potential": potential} if potential else {})


def test_a_model_file_has_its_hash_and_a_changed_one_another(tmp_path):
    model = tmp_path / "<b>.model"
    model.write_bytes(b"pickle")
    asked = settings(name="mace", settings={"model": str(model), "device": "cpu", "head": None})
    digest = hashlib.sha256(b"pickle").hexdigest()
    assert programs(asked) == [
        Program("potential.settings.model", str(model), digest, 6),
        Program("potential.settings.device", "cpu"),
    ]
    html = programs_html(asked)
    assert digest in html
    assert "<b>.model" not in html
    assert "&lt;b&gt;.model" in html
    model.write_bytes(b"other!")
    os.utime(model, ns=(1, 1))
    assert programs(asked)[0].sha256 == hashlib.sha256(b"other!").hexdigest()


def test_classes_and_commands_stand_there_and_what_is_no_file_has_no_hash(tmp_path):
    asked = settings(name="ase", calculator="ase.calculators.emt:EMT", settings={"directory": str(tmp_path)})
    assert [(p.setting, p.name, p.sha256) for p in programs(asked)] == [
        ("potential.calculator", "ase.calculators.emt:EMT", ""),
        ("potential.settings.directory", str(tmp_path), ""),
    ]
    assert programs(settings(settings={"x": "/\x00"})) == [Program("potential.settings.x", "/\x00")]
    assert programs(settings()) == []
    assert "as installed" in programs_html(settings())
