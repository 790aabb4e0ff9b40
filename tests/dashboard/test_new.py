"""New campaign: the role is asked for before anything is looked for, imported or written."""

import gc
import sys
from concurrent.futures import wait
from types import SimpleNamespace

import pytest

from dashboard.pages.new import New
from dashboard.panels.upload import Upload
from dashboard.people import Person
from dashboard.runtime import Runtime
from dashboard.session import Session
from engine import campaigns, config, templates


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


@pytest.mark.parametrize("template", [name for name in templates.names() if name != "ag4s2-gpaw"])
def test_every_template_becomes_a_campaign_with_the_files_it_names(page_of, template):
    page, session = page_of("ada")
    page._fill(template)
    page._create_only()
    assert [tone for _, tone in session.told] == ["good"], session.told
    (folder,) = campaigns.in_home()
    campaigns.preflight(folder, config.load(folder))


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


def test_what_stood_in_the_fields_before_is_never_created(page_of, monkeypatch):
    page, session = page_of("ada")
    page._fill(campaigns.DEMO)
    monkeypatch.setattr(page._form, "read", lambda: 1 / 0)
    (budget,) = page.view.select(lambda one: "dd-field-budget" in getattr(one, "css_classes", []))
    with pytest.raises(ZeroDivisionError):
        budget.value_input = "7"
    page._create_only()
    assert session.told == [("Nothing was written: see the settings marked in red.", "bad")]
    assert campaigns.in_home() == []


def upload(page, name, data):
    """Choose a file, and wait for the worker's word."""
    page._upload._file.param.update(filename=name, value=data)
    if page._upload._waits is not None:
        wait([page._upload._waits[1]], timeout=60)
    page.draw()


def said(page):
    return page._upload._words.__panel__().object


def test_a_structure_that_was_uploaded_comes_along_and_what_was_typed_stays(page_of):
    page, session = page_of("ada")
    page._fill(campaigns.DEMO)
    (budget,) = page.view.select(lambda one: "dd-field-budget" in getattr(one, "css_classes", []))
    budget.value_input = "7"
    upload(page, "My silver.xyz", b"3\n\nAg 0 0 0\nAg 2.7 0 0\nS 1.3 2 0\n")
    assert "My-silver.xyz: Ag2S, as what searches start from." in said(page)
    assert page._upload._as.options == ["what searches start from"]
    assert (page._settings.budget, page._settings.system.start) == (7, "My-silver.xyz")
    page._create_only()
    (folder,) = campaigns.in_home()
    settings = config.load(folder)
    assert (settings.budget, settings.system.composition) == (7, "Ag2S")
    assert str(campaigns.start_structure(folder, settings.system).symbols) == "Ag2S"
    assert session.page == "runs"


def test_a_person_says_what_a_file_is_to_be(page_of):
    page, _ = page_of("ada")
    page._fill("s-ag111")
    cell = b'4\nLattice="4.1 0 0 0 4.1 0 0 0 4.1" Properties=species:S:1:pos:R:3 pbc="T T T"\n'
    atoms = b"Ag 0 0 0\nAg 0 2.05 2.05\nAg 2.05 0 2.05\nAg 2.05 2.05 0\n"
    upload(page, "silver.xyz", cell + atoms)
    assert page._upload._as.options == ["the surface underneath", "the crystal"]
    assert page._upload._as.value == "the crystal"
    assert page._form.typed()["system"]["crystal"]["file"] == "silver.xyz"
    assert "a crystal" in page._problems.__panel__().object, "nothing can be placed in it"
    page._upload._as.value = "the surface underneath"
    assert page._settings.system.crystal.file is None
    assert (page._settings.system.slab.file, page._settings.system.composition) == ("silver.xyz", "S3")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("model.pt", b"0" * 10, "'model.pt' is not read here"),
        ("huge.xyz", b"0" * 2_000_001, "huge.xyz has 2.0 MB: at most 2 MB are read"),
    ],
)
def test_what_is_not_read_is_not_kept(page_of, name, data, words):
    page, session = page_of("ada")
    upload(page, name, data)
    assert words in session.told[0][0]
    assert page._upload.folder is None


def test_what_a_worker_cannot_read_is_said_where_it_was_chosen(page_of):
    page, session = page_of("ada")
    page._fill(campaigns.DEMO)
    upload(page, "half.xyz", b"3\n\nAg 0 0 0\n")
    assert "half.xyz cannot be read as a structure" in said(page)
    assert (page._upload.folder, page._settings.system.start, session.told) == (None, None, [])


def test_who_may_not_make_campaigns_uploads_nothing(page_of):
    page, session = page_of("cy")
    upload(page, "a.xyz", b"2\n\nAg 0 0 0\nAg 2.7 0 0\n")
    assert "may look, but not decide" in session.told[0][0]
    assert page._upload.folder is None


AG2S = b"""3

Ag 0 0 0
Ag 2.9 0 0
S 1.4 2.0 0
"""


def test_what_was_uploaded_is_there_until_the_page_is_gone(page_of):
    _, session = page_of("ada")
    used = []
    upload = Upload(session, lambda: "ag8s4", lambda found, kind: used.append((found.formula, kind)))
    for name in ("first.xyz", "second.xyz"):
        upload._file.filename = name
        upload._came(SimpleNamespace(new=AG2S))
        wait([upload._waits[1]])
        upload.draw()
    assert used[-1][0] == "Ag2S"
    scratch = session.runtime.scratch
    assert {path.name for path in scratch.rglob("*.xyz")} == {"first.xyz", "second.xyz"}
    assert (upload.folder / "second.xyz").exists()
    del upload
    gc.collect()
    assert list(scratch.iterdir()) == []
    session.runtime.close()
