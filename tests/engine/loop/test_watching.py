"""A jump's frames are decided about together, and a watch that fails is a row that says why."""

import re

import numpy as np
import pytest
from typer.testing import CliRunner

from engine import campaigns
from engine.cli.app import app
from engine.core import CampaignStarted, fold
from engine.loop.jump_cards import in_words, jump_cards
from engine.loop.messages import Watch
from engine.loop.tasks import perform
from engine.store import PastStore, Stay, Store, Watched
from tests.support import watched


def test_what_cannot_be_watched_is_a_row_with_the_reason_in_words(tmp_path):
    settings = campaigns.new(tmp_path / "mine", "double-well")
    Store.create(tmp_path / "mine").close()
    found = perform(Watch(tmp_path / "mine", settings, "m-0001", ()))
    assert found.jumps == ()
    assert re.search(r"No such file .*m-0001.npz", found.watched.trouble)
    again = Watched.of("m-0001", found.watched.body())
    assert again.trouble == found.watched.trouble
    assert again.frame_time == 40.0


@pytest.fixture
def asked(tmp_path):
    """A campaign that waits for a person's word on the three frames of a jump."""
    store = watched.make(tmp_path / "mine")
    watched.fitted(store, 1)
    watched.jumped(store, "j-0001", "m-0001", (0.1, 0.2, 0.3))
    yield tmp_path / "mine", store
    store.close()


def decide(folder, *words):
    """Exit code, and what was said."""
    done = CliRunner().invoke(app, ["decide", str(folder), *words])
    return done.exit_code, done.stdout, done.stderr


def card_of(store):
    campaign = fold(store.events())
    (card,) = jump_cards(campaign, store)
    return card, campaign


def test_one_word_decides_about_all_frames(asked):
    folder, store = asked
    card, _ = card_of(store)
    assert [frame.id for frame in card.waiting] == ["c-000001", "c-000002", "c-000003"]
    assert card.jump.scores == {"displacement": np.inf}
    assert "have no labels yet" in in_words(card)
    code, said, _ = decide(folder, "j-0001", "veto", "--reason", "seen before")
    assert (code, said.splitlines()) == (0, [f"c-00000{k}: vetoed" for k in (1, 2, 3)])
    card, campaign = card_of(store)
    assert card.waiting == ()
    assert {frame.decision.reason for frame in card.frames} == {"seen before"}
    assert "A frame was vetoed" in in_words(card)
    code, _, late = decide(folder, "j-0001", "approve")
    assert (code, late.count("refused: ")) == (1, 3)
    code, _, unknown = decide(folder, "j-0002", "approve")
    assert (code, unknown) == (1, "refused: there is no candidate j-0002\n")
    assert campaign.approved == 0


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (0.5, "Invented: the reference has the state 0.30 eV above"),
        (0.0, "Missing before: the state is real, 0.20 eV below"),
    ],
)
def test_labels_class_the_state_and_the_newest_watch_says_whether_it_is_repaired(asked, after, words):
    _, store = asked
    watched.labelled(store, {"c-000001": 0.0, "c-000003": after})
    watched.fitted(store, 2, stays={"j-0001": Stay(0, 0.0, 0)})
    card, _ = card_of(store)
    assert words in in_words(card)
    assert card.excess[1] is None
    assert card.core_seconds == 6.0  # of the one frame that waits
    assert (card.repaired_by == "m-0002") == (card.state_class == "invented")
    assert "Visits: m-0001 1, not left in 0.50 ps, m-0002 none." in in_words(card)


OFF = 64 * 0.003  # eV; 3 meV an atom of 64, and the tolerance is 0.15


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (
            {"c-000001": 0.1 + OFF, "c-000003": 0.3 + OFF},
            "Missing before: the state is real, as high as what was claimed, counted from the frame before.",
        ),
        (
            {"c-000003": 0.3 + OFF},
            "Invented: the reference has the state 0.19 eV above what was claimed.",
        ),
    ],
)
def test_an_error_that_all_frames_share_invents_no_state(asked, labels, said):
    _, store = asked
    watched.labelled(store, labels)
    card, _ = card_of(store)
    assert said in in_words(card)


def test_a_campaign_from_before_the_watch_has_none(asked):
    _, store = asked
    with store.transaction(store.events()[-1].seq, 3.0) as rows:
        rows._sql.execute("DROP TABLE jumps")
        rows._sql.execute("DROP TABLE watched")
    assert store.jumps() == store.watched() == ()
    assert isinstance(store.events()[0].event, CampaignStarted)


def test_the_past_knows_only_jumps_that_were_found_by_then(asked):
    folder, store = asked
    seq = store.events()[-1].seq
    watched.fitted(store, 2)
    past = PastStore(folder, seq)
    assert [one.model_id for one in past.watched()] == ["m-0001"]
    assert [jump.name for jump in past.jumps()] == ["j-0001"]
    past.look(1)
    assert past.watched() == past.jumps() == ()
    past.close()
