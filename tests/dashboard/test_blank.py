"""Before there is anything to show, a page says what will appear and what to press."""

import pytest

from dashboard.panels.blank import PICTURES, Blank, next_step
from dashboard.people import Person
from engine.core import RunControlled
from engine.core.campaign import Campaign
from tests.dashboard.test_words_of_states import WHO, after, selected


@pytest.mark.parametrize(
    ("campaign", "name", "step"),
    [
        (None, "", ("page:runs", "Start the demo on Runs")),
        (None, "a", ("start", "Start")),
        (Campaign(), "a", ("start", "Start")),
        (after(), "a", ("page:live", "See what the search does")),
        (after(selected("c-000001")), "a", ("page:review", "Review 1 that wait")),
        (after(RunControlled(action="pause", **WHO)), "a", ("resume", "Resume")),
    ],
)
def test_the_next_step_is_the_one_that_brings_a_result(campaign, name, step):
    assert next_step(campaign, name) == step


class Tab:
    """A session that notes what it is asked for."""

    def __init__(self, campaign, role):
        self.snapshot, self.campaign, self.page = campaign, "a", "data"
        self.person = Person("ada", "local")
        self.role, self.asked = role, []

    def may(self, needed):
        return needed == self.role

    def control(self, action):
        self.asked.append(action)


@pytest.mark.parametrize("page", PICTURES)
def test_it_says_what_will_appear_and_its_button_does_it(page):
    tab = Tab(after(RunControlled(action="pause", **WHO)), "administer")
    blank = Blank(tab, page)
    blank.draw(False, "No label yet", "It appears.")
    words, button = blank.view
    assert "<svg" in words.object
    assert "No label yet" in words.object
    button.clicks += 1
    assert tab.asked == ["resume"]
    blank.draw(True, "No label yet", "It appears.")
    assert not blank.view.visible


def test_who_may_only_look_is_not_shown_a_button_that_would_be_refused():
    blank = Blank(Tab(after(RunControlled(action="pause", **WHO)), "look"), "data")
    blank.draw(False, "No label yet", "It appears.")
    assert not blank.view[1].visible


def test_what_waits_is_reviewed():
    tab = Tab(after(selected("c-000001")), "curate")
    blank = Blank(tab, "data")
    blank.draw(False, "No label yet", "It appears.")
    blank.view[1].clicks += 1
    assert tab.page == "review"
