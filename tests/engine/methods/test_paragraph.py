"""A methods paragraph says what was done: its numbers and units, its people, and the papers behind it."""

import re
import time

import pytest

from engine import recordings
from engine.core import Campaign, CandidateVetoed, fold
from engine.errors import CampaignError
from engine.loop.writer import writing
from engine.methods import methods
from engine.methods.literature import PAPERS, Cited
from engine.store import Store
from tests.support import large


def campaign_in(folder):
    store = Store(folder)
    try:
        return fold(store.events())
    finally:
        store.close()


@pytest.fixture(scope="module")
def recorded():
    return campaign_in(recordings.unpacked("ag8s4"))


def test_a_campaign_without_people_in_its_own_numbers(recorded):
    text = methods(recorded)
    for words in (
        "Ag8S4 was studied with deltadesk",
        "campaign Ag8S4, seed 1.",
        "chgnet-0.3.0 [2] corrected by a Δ-model [3]",
        "cutoff 7 Å, n_max = 3, l_max = 2",
        "kT 0.25 eV",
        "fmax 0.05 eV/Å",
        "by lower-confidence-bound (κ = 2), 5 at a time",
        "calculated without a person: 20 of 20.",
        "The labels of 20 structures are of gfn1-xtb",
        '"method": "GFN1-xTB"',
        "20 calculations took",
        "The last model, m-0004, was fitted to 20 labels",
        f"is {recorded.best.id} at {recorded.best.label_eV:.4f} eV.",
    ):
        assert words in text


def test_every_paper_is_cited_where_it_was_used_and_no_other_is_listed(recorded):
    body, papers = methods(recorded).rsplit("\n\n", 1)
    listed = [int(number) for number in re.findall(r"^\[(\d+)\]", papers, re.MULTILINE)]
    cited = [int(n) for group in re.findall(r"\[(\d+(?:, \d+)*)\]", body) for n in group.split(", ")]
    assert listed == list(range(1, len(listed) + 1))
    assert list(dict.fromkeys(cited)) == listed
    assert PAPERS["chgnet"] in papers
    assert PAPERS["mace"] not in papers


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("si-pool", "the mean of 8 neural networks [2] with hidden layers of 16 and 16 units"),
        ("si-pool", "trained on 60 passes through 80 % of the labels"),
        ("double-well", "3 such models on bootstrap samples of the labels form a committee."),
        ("double-well", "It knew 12 labels of one-well.extxyz from the start."),
        ("cui", "temperature 300 K; timestep 5 fs; friction 0.003 1/fs"),
    ],
)
def test_each_kind_of_campaign_in_its_own_words(name, words):
    assert words in methods(campaign_in(recordings.unpacked(name)))


def test_people_and_their_reasons_are_counted(tmp_path):
    folder = large.make(tmp_path / "people", 4, n_labelled=5, paused=True)
    store = Store(folder)
    waiting = fold(store.events()).waiting
    with writing(store, fold(store.events()), time.time()) as writer:
        for candidate, reason in zip(waiting, ["duplicate", "duplicate", "too expensive"], strict=False):
            writer.append(CandidateVetoed(candidate=candidate.id, by="bo", auth="local", reason=reason))
    store.close()
    text = methods(campaign_in(folder))
    assert "Each of the 9 candidates was shown to 2 people before anything was calculated" in text
    assert "5 were approved, 3 vetoed and 1 not decided" in text
    assert "Reasons of vetoes: duplicate (2) and too expensive (1)." in text


def test_what_has_not_begun_or_means_nothing_here_is_refused_in_words(recorded):
    with pytest.raises(CampaignError, match="has not begun"):
        methods(Campaign())
    settings = recorded.settings.set("potential", {"name": 3})
    with pytest.raises(CampaignError, match=r"not those of this version: .*potential"):
        methods(recorded._replace(settings=settings))


def test_a_paper_has_one_number_however_it_is_named():
    cite = Cited()
    assert cite("chgnet-0.3.0") == cite("chgnet-r2scan") == " [1]"
    assert cite("a calculator of one's own") == ""
    assert cite("soap", "chgnet") == " [1, 2]"
    assert cite.list() == [f"[1] {PAPERS['chgnet']}", f"[2] {PAPERS['soap']}"]
