"""Jumps into new states on a page: cards, buttons that decide about all frames, and the curves."""

import numpy as np
import pytest

from dashboard.pages.data import offered
from dashboard.plots import state_watch
from dashboard.sections.states import StatesSection, card_html
from engine.core import fold
from engine.loop.jump_cards import jump_cards
from tests.support import watched


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = watched.story(tmp_path_factory.mktemp("home") / "wells")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def campaign(store):
    return fold(store.events())


class Tab:
    """A session as far as the section asks it."""

    def __init__(self, role):
        self.sent, self.decided, self.told, self._role = {}, [], {}, role
        self.turned = []
        self.param = self

    def may(self, needed):
        return needed == self._role

    def decide_about(self, candidates, *, approve, shown):
        self.decided.append((tuple(candidates), approve))
        self.told |= shown

    def update(self, **changes):
        self.turned.append(changes)


def test_the_section_is_there_where_something_is_watched(campaign):
    assert "states" in offered(campaign)
    without = campaign.settings.set("watch", {"frames": 0})
    assert "states" not in offered(campaign._replace(settings=without))


def test_curves_are_the_signals_and_dots_the_jumps(store):
    last = store.watched()[-1]
    lines, dots = state_watch.data(last, "displacement")
    assert lines["number"] == [1, 2]
    np.testing.assert_allclose(lines["xs"][0], 0.04 * np.arange(1, 81))
    np.testing.assert_array_equal(lines["ys"][0], last.signals[0]["displacement"])
    np.testing.assert_allclose(dots["time"], [0.04 * 31, 0.04 * 61])
    np.testing.assert_array_equal(dots["value"], last.signals[0]["displacement"][[30, 60]])
    assert state_watch.data(last, "anharmonicity")[0]["xs"] == []
    assert "2 trajectories of 3.20 ps, 2 jumps" in state_watch.words(last)


def test_a_card_tells_class_frames_energies_and_cost(store, campaign):
    first, second = jump_cards(campaign, store)
    said = card_html(first, lambda name: (f"data:{name}", "2.90 Å apart"))
    for words in (
        "invented",
        "m-0002 no longer has it",
        "claimed −0.020 eV",
        "label 0.790 eV",
        "+0.810 eV",
        "2.90 Å apart",
    ):
        assert words in said
    assert "wait for a word" not in said
    assert 'src="data:c-000003"' in said
    waits = card_html(second, lambda _: ("", ""))
    assert "3 reference calculations wait for a word, about 18 s of one core" in waits
    assert "not classed yet" in waits
    assert "label –" in waits


def test_buttons_decide_about_the_frames_that_wait_and_only_for_who_may(store, campaign):
    tab = Tab("curate")
    section = StatesSection(tab, dark=False)
    section.draw(campaign, store)
    newest, oldest = section._cards.values()
    assert list(section._cards) == ["j-0002", "j-0001"]
    assert [newest._actions.visible, oldest._actions.visible] == [True, False]
    newest._actions[0].clicks += 1
    newest._actions[1].clicks += 1
    waiting = ("c-000004", "c-000005", "c-000006")
    assert tab.decided == [(waiting, True), (waiting, False)]
    said = tab.told["c-000005"]
    assert said.sentence.startswith("j-0002: in m-0002 after")
    assert said.cost == "3 reference calculations wait for a word, about 18 s of one core."
    assert said.energy_eV == campaign.candidates["c-000005"].energy_eV
    (look,) = oldest.view.select(lambda one: "dd-look-after" in getattr(one, "css_classes", []))
    look.clicks += 1
    assert tab.turned == [{"candidate": "c-000003", "page": "landscape"}]
    tab.sent = {"c-000004": "on its way"}
    section.draw(campaign, store)
    assert tuple(frame.id for frame in newest._waiting) == waiting[1:]
    assert section._model.options == ["m-0001", "m-0002"]
    assert section._model.value == "m-0002"
    assert list(section._signal.options.values()) == ["displacement", "uncertainty"]
    looker = StatesSection(Tab("look"), dark=True)
    looker.draw(campaign, store)
    assert not next(iter(looker._cards.values()))._actions.visible
