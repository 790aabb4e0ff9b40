"""Limits of a campaign from the page Settings: in campaign.toml, taken up at the next start, or refused."""

import pytest

from dashboard.panels.thresholds import Thresholds
from dashboard.people import Person
from dashboard.runtime import Runtime
from dashboard.session import Session
from engine import config
from engine.core import fold
from engine.loop.opening import opening_events
from engine.store import Store
from tests.support import large

NAME = "queue"


@pytest.fixture
def home(tmp_path, monkeypatch):
    made = tmp_path / "home"
    large.make(made / NAME, 3, n_labelled=5, paused=True)
    (made / "people.toml").write_text('[people]\nada = "administer"\ncy = "curate"\n')
    monkeypatch.setenv("DELTADESK_HOME", str(made))
    return made


@pytest.fixture
def panel_of(home):
    def made(name):
        session = Session(Runtime(), Person(name, "password"))
        session.told = []
        session.notify = lambda text, tone: session.told.append((text, tone))
        session.open(NAME)
        session.refresh()
        panel = Thresholds(session)
        panel.draw(config.load(home / NAME))
        return panel

    return made


def field(panel, section, name):
    """The field of this setting; its card is opened, as a person would."""
    (card,) = panel.view.select(lambda one: f"dd-section-{section}" in getattr(one, "css_classes", []))
    card.collapsed = False
    hook = f"dd-field-{section}-{name}"
    (found,) = card.select(lambda one: hook in getattr(one, "css_classes", []))
    return found


def words(panel):
    return panel._words.__panel__().object


def changed(home):
    """Sections that the log takes up at the next start."""
    store = Store(home / NAME)
    campaign = fold(store.events())
    store.close()
    return [set(event.changed) for event in opening_events(campaign, config.load(home / NAME))]


def test_what_is_written_is_used_from_the_next_start_on(panel_of, home):
    panel = panel_of("ada")
    assert "These are in use" in words(panel)
    assert changed(home) == []
    assert panel.untouched
    field(panel, "checks", "closest_pair").value_input = "0.75"
    assert not panel.untouched
    field(panel, "selection", "rule").value = "random"
    panel.save()
    assert panel._session.told == [("Written to campaign.toml.", "good")]
    settings = config.load(home / NAME)
    assert (settings.checks.closest_pair, settings.selection.rule) == (0.75, "random")
    assert settings.selection.kappa == config.CampaignSettings().selection.kappa
    assert "# shortest distance of two atoms" in (home / NAME / config.FILENAME).read_text()
    assert changed(home) == [{"checks", "selection"}]
    assert "other values for checks, selection" in words(panel)
    panel.save()
    assert panel._session.told[-1] == ("Nothing was changed.", "info")


def test_what_cannot_be_used_is_said_and_not_written(panel_of, home):
    before = (home / NAME / config.FILENAME).read_bytes()
    panel = panel_of("ada")
    field(panel, "checks", "closest_pair").value_input = "-1"
    assert not panel.untouched
    panel.save()
    ((said, tone),) = panel._session.told
    assert said == "Nothing was written. checks.closest_pair: must be 0 or more, got '-1'"
    assert tone == "bad"
    assert (home / NAME / config.FILENAME).read_bytes() == before


def test_who_may_only_decide_changes_nothing(panel_of, home):
    before = (home / NAME / config.FILENAME).read_bytes()
    panel = panel_of("cy")
    field(panel, "stop", "cycles").value_input = "5"
    panel.save()
    ((said, tone),) = panel._session.told
    assert "may decide" in said
    assert tone == "bad"
    assert (home / NAME / config.FILENAME).read_bytes() == before


def test_what_is_typed_stays_until_somebody_else_edits_the_file(panel_of, home):
    panel = panel_of("ada")
    field(panel, "stop", "cycles").value_input = "5"
    panel.draw(config.load(home / NAME))
    assert field(panel, "stop", "cycles").value_input == "5"
    path = home / NAME / config.FILENAME
    path.write_text(path.read_text().replace("closest_pair = 0.6 ", "closest_pair = 0.8 "))
    panel.draw(config.load(home / NAME))
    assert field(panel, "checks", "closest_pair").value == "0.8"
