"""Templates tell a person what there is: where one begins from, and what can be set."""

import re
from typing import get_args

from pydantic import BaseModel

from engine import templates
from engine.cli.folder import TEMPLATES
from engine.config import CampaignSettings
from engine.config.searches import SEARCHES


def words(text):
    return set(re.findall(r"[\w-]+", text))


def fields(model):
    """Every setting of a model and of the tables in it."""
    for name, field in model.model_fields.items():
        yield name
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from fields(kind)


def test_help_names_every_template():
    assert set(templates.names()) <= words(TEMPLATES)


def test_every_setting_is_named_in_the_demo_s_template_or_in_one_that_it_names():
    demo = templates.text("ag8s4")
    named = [name for name in templates.names() if name in words(demo)]
    shown = set().union(*(words(templates.text(name)) for name in ["ag8s4", *named]))
    settings = {*fields(CampaignSettings), *(name for one in SEARCHES.values() for name in fields(one))}
    assert settings - shown == set()
