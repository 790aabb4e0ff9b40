"""New campaign: the role is asked for before anything is looked for, imported or written."""

import sys

import pytest

from dashboard.pages.new import New
from dashboard.people import Person
from dashboard.runtime import Runtime
from dashboard.session import Session
from engine import campaigns


@pytest.fixture
def page_of(tmp_path, monkeypatch):
    """The page of a person, filled with settings whose calculator lies in a package that leaves a trace."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "people.toml").write_text('[people]\nada = "administer"\ncy = "look"\n')
    monkeypatch.setenv("DELTADESK_HOME", str(home))
    package = tmp_path / "trace_of_an_import"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "calculators.py").write_text("class One: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def made(name):
        session = Session(Runtime(), Person(name, "password"))
        session.told = []
        session.notify = lambda text, tone: session.told.append((text, tone))
        page = New(session)
        page.draw()
        page._settings = _with_calculator(page._settings, f"{package.name}.calculators:One")
        return page, session

    yield made
    sys.modules.pop(package.name, None)


def _with_calculator(settings, calculator):
    potential = settings.potential.model_copy(update={"name": "ase", "calculator": calculator})
    return settings.model_copy(update={"potential": potential})


@pytest.mark.parametrize("button", [New._create_only, New._create_and_start])
@pytest.mark.parametrize(
    ("who", "words"), [("cy", "may look, but not decide"), ("ada", "potential.calculator")]
)
def test_who_may_not_makes_the_server_import_nothing(page_of, who, words, button):
    page, session = page_of(who)
    button(page)
    assert "trace_of_an_import" not in sys.modules
    ((said, tone),) = session.told
    assert (words in said, tone) == (True, "bad")
    assert campaigns.in_home() == []


def test_a_person_who_looks_cannot_ask_which_files_there_are(page_of, monkeypatch):
    page, session = page_of("cy")
    monkeypatch.setattr(campaigns, "preflight", lambda *_: pytest.fail("the disk was looked at"))
    page._create_only()
    assert "may look, but not decide" in session.told[0][0]


def test_who_may_gets_a_campaign_that_can_run(page_of):
    page, session = page_of("ada")
    page._fill(campaigns.DEMO)
    page._create_only()
    assert [folder.name for folder in campaigns.in_home()] == [campaigns.DEMO]
    assert session.page == "runs"


def test_what_a_person_chose_or_typed_is_kept_and_nothing_else(page_of):
    page, _ = page_of("ada")
    assert page.untouched
    (budget,) = page.view.select(lambda one: "dd-field-budget" in getattr(one, "css_classes", []))
    budget.value_input = "7"
    assert not page.untouched
    assert page._settings.budget == 7
    page._create_only()
    assert page.untouched
    page.draw()
    assert page.untouched
    page._template.value = next(name for name in page._template.options.values() if name != page._source)
    assert not page.untouched
