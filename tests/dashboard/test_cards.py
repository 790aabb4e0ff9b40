"""What a card of the queue says: its estimated cost, and its badge."""

import json

import pytest

from dashboard.card_costs import CardCosts
from dashboard.cards import card_of
from dashboard.pages.review import Review
from dashboard.panels.why_depth import cost_of
from dashboard.presence import Presence
from dashboard.words import age
from engine.loop import Follower
from tests.dashboard.test_session import Desk, tab
from tests.support import large


class Served(Desk):
    """A desk that Review can be shown over."""

    replays = False

    def __init__(self, folder):
        super().__init__(folder)
        self.presence = Presence()


@pytest.fixture
def follower(tmp_path):
    made = Follower(large.make(tmp_path / "queue", 30, n_labelled=12))
    made.refresh()
    yield made
    made.store.close()


def test_a_card_says_what_the_panel_why_estimates(follower):
    campaign, store = follower.campaign, follower.store
    said = CardCosts().words(campaign, store, campaign.waiting)
    median = cost_of(campaign, store, 12).median
    assert 20 < median < 90
    assert said == {c.id: f"~{age(median)}" for c in campaign.waiting}
    earlier = CardCosts().words(campaign._replace(labels=campaign.labels[:1]), store, campaign.waiting)
    first = campaign.candidates[campaign.labels[0]]
    assert set(earlier.values()) == {f"~{age(first.seconds)}"}


def test_a_card_of_several_calculations_says_so_and_none_is_estimated_before_a_label(follower):
    campaign, store = follower.campaign, follower.store
    bundle = campaign.waiting[0]._replace(points=3)
    assert CardCosts().words(campaign, store, [bundle])[bundle.id].startswith("3 × ~")
    assert CardCosts().words(campaign._replace(labels=()), store, campaign.waiting) == {}


def test_a_long_queue_is_estimated_once_for_each_size(follower, monkeypatch):
    campaign, store, costs, reads, estimates = follower.campaign, follower.store, CardCosts(), [], []
    n_atoms = type(store).n_atoms
    monkeypatch.setattr(
        type(store), "n_atoms", lambda self, names: reads.append(names) or n_atoms(self, names)
    )
    monkeypatch.setattr("dashboard.card_costs.cost", lambda *about: estimates.append(about))
    for _ in range(3):
        costs.words(campaign, store, campaign.waiting)
    assert len(estimates) == 1
    assert sum(len(names) == 30 for names in reads) == 1
    costs.words(campaign._replace(labels=campaign.labels[:5]), store, campaign.waiting)
    assert len(estimates) == 2, "another label is another estimate"
    assert sum(len(names) == 30 for names in reads) == 1, "but no other size"


def test_the_queue_on_the_page_has_the_cost_on_each_card(tmp_path):
    desk = Served(large.make(tmp_path / "queue", 4, n_labelled=6))
    page = Review(tab(desk, "ada"))
    page.draw()
    said = [card["cost"] for card in json.loads(page._queue.cards.sent)]
    desk.store.store.close()
    assert len(said) == 4
    assert all(words.startswith("~") and words.endswith(" s") for words in said)


def test_a_likely_veto_is_said_beside_a_failed_check_and_in_place_of_new(follower):
    flagged, plain = (
        next(c for c in follower.campaign.waiting if bool(c.flags) is is_it) for is_it in (True, False)
    )
    now = plain.selected_time
    assert [card_of(c, now)["badge"] for c in (flagged, plain)] == ["FLAG", "NEW"]
    cards = [card_of(c, now, likely=True) for c in (flagged, plain)]
    assert [card["badge"] for card in cards] == ["FLAG", "LIKELY VETO"]
    assert [card["subtitle"] for card in cards] == ["likely veto · random search", "random search"]
    assert card_of(plain, now, likely=True, conflict=True, beaten=True)["badge"] == "CONFLICT"
