"""Forms from schemas: values in and out, and one line for each thing that is wrong."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from dashboard.panels.forms import Choices, Form, as_text
from engine.config import BasinHoppingSettings, CampaignSettings, PretrainingSettings


class Step(BaseModel):
    """One step."""

    name: str = Field("walk", description="what to do")
    length: float = Field(1.5, gt=0, description="of the step (Å)")


class Plan(BaseModel):
    """A plan."""

    kind: Literal["short", "long"] = "short"
    careful: bool = False
    box: tuple[float, float] = (1.0, 2.0)
    settings: dict[str, Any] = Field(default_factory=dict)
    limit: int | None = None
    steps: list[Step] = Field(default_factory=lambda: [Step()], min_length=1)


def form_of(model, **values):
    return Form(model, values, Choices({}), lambda: None)


def field(form, *path):
    """The widget of a field, by its place in the form; sections on the way are opened, as a person would."""
    part = form._group
    for name in path:
        if hasattr(part, "_group"):
            part.view.collapsed = False
        inner = getattr(part, "_group", part)
        part = inner._sections[name] if isinstance(name, int) else inner._parts[name]
    return part.view


def test_defaults_come_out_as_they_went_in():
    assert form_of(Plan).read() == (Plan(), [])
    settings, problems = form_of(CampaignSettings).read()
    assert problems == []
    assert settings == CampaignSettings()


def test_lists_of_models_grow_and_shrink():
    form = form_of(Plan, steps=[{"name": "run", "length": 2.0}])
    repeated = form._group._parts["steps"]
    repeated._add(Step)
    field(form, "steps", 1, "length").value = "7"
    settings, _ = form.read()
    assert [step.length for step in settings.steps] == [2.0, 7.0]
    repeated._remove()
    assert len(form.read()[0].steps) == 1
    assert repeated._less.disabled  # min_length


def test_a_list_may_begin_empty_and_a_new_member_says_what_it_lacks():
    form = form_of(CampaignSettings)
    repeated = form._group._parts["pretraining"]
    assert repeated._less.disabled
    repeated._add(PretrainingSettings)
    _, problems = form.read()
    assert problems[0].startswith("pretraining.0.source: ")
    field(form, "pretraining", 0, "source").value = "old.xyz"
    assert form.read()[0].pretraining == (PretrainingSettings(source="old.xyz"),)
    repeated._remove()
    assert form.read()[0] == CampaignSettings()


def test_each_kind_of_search_has_its_own_fields_and_complaints():
    form = form_of(CampaignSettings)
    repeated = form._group._parts["search"]
    repeated._add(BasinHoppingSettings)
    repeated._remove()
    repeated._remove()
    repeated._add(BasinHoppingSettings)
    field(form, "search", 1, "walkers").value = "0"
    settings, problems = form.read()
    assert settings is None
    assert problems == ["search.1.walkers: must be 1 or more, got '0'"]
    field(form, "search", 1, "walkers").value = "7"
    settings, _ = form.read()
    assert [type(search).__name__ for search in settings.search] == [
        "RandomSearchSettings",
        "BasinHoppingSettings",
    ]
    assert settings.search[1].walkers == 7


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        (("steps", 0, "length"), "-2", "must be more than 0, got '-2'"),
        (("steps", 0, "length"), "nan", "must be more than 0, got 'nan'"),
        (("steps", 0, "length"), "far", "needs a number, got 'far'"),
        (("limit",), "1.5", "needs a whole number, got '1.5'"),
        (("box",), "1", "one more value is needed, separated by commas"),
        (("settings",), "kpts = ", "is written like"),
        (("settings",), f"x = {'9' * 5000}", "is written like"),
        (("settings",), f"x = {'[' * 5000}", "is written like"),
    ],
)
def test_one_line_beside_the_field(path, typed, said):
    form = form_of(Plan)
    field(form, *path).value = typed
    settings, problems = form.read()
    assert settings is None
    assert len(problems) == 1
    assert said in problems[0]
    assert field(form, *path).error_state
    assert said in field(form, *path).helper_text


def test_a_mended_field_says_its_help_again():
    form = form_of(Plan)
    widget = field(form, "steps", 0, "length")
    widget.value = "far"
    form.read()
    widget.value = "2"
    assert form.read()[1] == []
    assert widget.helper_text == "of the step (Å); more than 0"
    assert not widget.error_state


def test_a_complaint_about_a_whole_section_opens_it():
    form = form_of(CampaignSettings)
    field(form, "system").collapsed = True
    field(form, "system", "confinement").value = "90"
    _, problems = form.read()
    assert problems == ["system: confinement 90.0 Å is larger than the box 20.0 Å"]
    assert not field(form, "system").collapsed


def test_tables_are_typed_as_toml():
    form = form_of(Plan, settings={"kpts": [2, 2], "xc": "PBE"})
    assert field(form, "settings").value == 'kpts = [2, 2], xc = "PBE"'
    assert form.read()[0].settings == {"kpts": [2, 2], "xc": "PBE"}
    assert as_text(None) == ""
