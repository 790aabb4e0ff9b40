"""README and the guide say what is there: links, commands, settings, templates and searches."""

import re

import pytest
import typer
from click import Context

from engine import templates
from engine.cli import app
from engine.config import CampaignSettings, parse
from engine.config.searches import SEARCHES
from tests.support.toy import REPOSITORY

GUIDE = sorted((REPOSITORY / "assets/guide").glob("*.md"))
START = REPOSITORY / "README.md"
PAGES = [START, REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "SECURITY.md", *GUIDE]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
SAID = "\n".join(page.read_text() for page in [START, *GUIDE])


def links(page):
    """Where a page's links lead that do not leave the project."""
    found = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    return [(page.parent / target).resolve() for target in found if "://" not in target]


def blocks(page, language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), flags=re.M | re.S)
    return [text for named, text in found if named == language]


def reached(start):
    """Pages that links lead to, from this one on."""
    known, new = {start}, [start]
    while new:
        ends = {end for end in links(new.pop()) if end.suffix == ".md"}
        new += ends - known
        known |= ends
    return known


@each_page
def test_no_link_is_broken(page):
    assert [str(end) for end in links(page) if not end.exists()] == []


def test_readme_leads_to_every_page():
    assert {page.resolve() for page in PAGES} <= reached(START)


def test_readme_is_read_in_one_go():
    assert len(START.read_text().splitlines()) < 110


def test_the_guide_names_every_template_and_every_search():
    named = set(re.findall(r"[\w-]+", SAID))
    shown = {f"ag{2 * x}s{x}" for x in range(5, 9)}  # as "ag10s5 to ag16s8"
    assert set(templates.names()) - shown <= named
    assert set(SEARCHES) <= named


def settings_of(model, table):
    """Names of a table of campaign.toml; of any search, or one of a few kinds of committee."""
    field = model.model_fields[table]
    kinds, found = [field.annotation], set()
    while kinds:
        kind = kinds.pop()
        kinds += getattr(kind, "__args__", ())
        found |= set(getattr(kind, "model_fields", ()))
    return found


@pytest.mark.parametrize(("table", "name"), sorted(set(re.findall(r"`\[(\w+)\] (\w+)", SAID))))
def test_a_setting_that_is_named_is_one(table, name):
    assert name in settings_of(CampaignSettings, table)


@each_page
def test_what_is_shown_of_campaign_toml_can_be_read(page):
    for text in blocks(page, "toml"):
        if "[people]" not in text:
            parse(text)


def commands(page):
    """Every `deltadesk …` of a page, in words, without its comment."""
    lines = [line for block in blocks(page, "") for line in block.splitlines()]
    lines += re.findall(
        r"`(deltadesk [^`]*)`", re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)
    )
    for line in lines:
        for part in line.partition("#")[0].split("&&"):
            if part.split()[:1] == ["deltadesk"]:
                yield part.split()[1:]


@each_page
def test_every_command_that_is_shown_is_there_with_its_options(page):
    group = typer.main.get_command(app)
    for name, *words in commands(page):
        if name == "--help":
            continue
        command = group.get_command(Context(group), name)
        assert command is not None, name
        known = {option for one in command.params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, name
