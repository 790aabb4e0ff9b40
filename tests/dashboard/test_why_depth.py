"""What stands below the sentence: what a label costs, the nearest label, and what a decision keeps of it."""

import json

import numpy as np
import pytest

from dashboard.cost import cost, in_words
from dashboard.gain import gain
from dashboard.gain import in_words as gain_in_words
from dashboard.known_labels import KnownLabels, Nearest
from dashboard.panels.atom_list import MOST, atom_rows
from dashboard.panels.compare import BEST, Subject
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.panels.why_depth import Cards, WhyDepth
from dashboard.shown import in_words as shown_in_words
from dashboard.shown import shown, warned
from engine.acquisition.standing import Standing
from engine.core import Candidate, SelectedFlag, Shown, Status
from engine.loop import Follower
from tests.support import large


@pytest.fixture(scope="module")
def follower(tmp_path_factory):
    made = Follower(large.make(tmp_path_factory.mktemp("depth") / "depth", 6, n_found=8, n_labelled=12))
    made.refresh()
    yield made
    made.store.close()


def candidate(**changes):
    told = {
        "id": "c-000001",
        "status": Status.WAITING,
        "rank": 1,
        "sentence": b"Because.",
        "generator": "toy",
        "model_id": "m-0002",
        "energy_eV": -3.0,
        "energy_std_eV": 0.2,
        "term_names": ("promise", "uncertainty"),
        "term_values": (-0.25, 0.5),
        "flags": (),
        "selected_time": 0.0,
        "order": 1,
    }
    return Candidate(**{**told, **changes})


def test_the_cost_is_the_spread_of_labels_of_similar_size():
    small, big = list(range(10, 21)), [1000.0] * 3
    found = cost([*small, *big], [20] * 11 + [200] * 3, size=18)
    assert (found.low, found.median, found.high, found.count) == (11, 15, 19, 11)
    assert in_words(found) == "about 15 s on one core; 80 % of 11 labels of 20 atoms took 11 s to 19 s"
    # only three labels are as large: too few to leave the others out
    assert cost([*small, *big], [20] * 11 + [200] * 3, size=190).count == 14


def test_of_few_labels_there_is_a_median_and_of_none_a_word():
    assert in_words(cost([60.0], [24], 24)) == "about 1 min on one core (median of 1 label of 24 atoms)"
    assert in_words(cost([], [], 24)) == "not known before the first label"


def test_the_nearest_label_is_the_one_of_the_smallest_distance_and_never_itself(follower):
    campaign, store = follower.campaign, follower.store
    known = KnownLabels()
    known.follow(store, campaign._replace(labels=campaign.labels[:7]))
    known.follow(store, campaign)
    rows = {row.candidate: row.features for row in store.proposals(campaign.candidates)}
    for name in (campaign.waiting[0].id, campaign.labels[3]):
        away = {
            other: np.linalg.norm(rows[other] - rows[name]) / np.linalg.norm(rows[name])
            for other in campaign.labels
            if other != name
        }
        best = min(away, key=away.get)
        found = known.nearest(store, name, 12)
        assert (found.candidate, found.distance) == (best, pytest.approx(away[best]))
    assert known.n_atoms == [12] * 12
    # an earlier moment of a replay
    assert known.nearest(store, campaign.waiting[0].id, 1).candidate == campaign.labels[0]
    assert known.nearest(store, campaign.labels[0], 1) is None


def test_what_a_decision_keeps_says_what_the_page_said():
    flags = (SelectedFlag(check="fragments", reason="two"),)
    said = shown(candidate(flags=flags), None, Nearest("c-000009", 0.034), "about 1 min on one core")
    assert shown_in_words(said) == (
        "predicted -3.000 ± 0.200 eV; promise −0.25 eV; uncertainty +0.50 eV; nearest label c-000009, "
        "3.40 % of the SOAP vector away; cost about 1 min on one core; fragments: two"
    )


def test_a_decision_keeps_the_gain_the_ranks_and_the_warning():
    standing = Standing(rank=2, among=18, without={"promise": 7})
    said = shown(candidate(), None, None, "", gain="Expected improvement: 0.3 eV.", standing=standing)
    said = warned(said, "7 of the 8 nearest decided ones were vetoed")
    assert said.ranks == {"all terms": 2, "without promise": 7}
    assert shown_in_words(said) == (
        "predicted -3.000 ± 0.200 eV; promise −0.25 eV; uncertainty +0.50 eV; Expected improvement: 0.3 eV; "
        "rank of 18: all terms 2, without promise 7; "
        "likely veto: 7 of the 8 nearest decided ones were vetoed"
    )
    assert Shown.model_validate_json(said.model_dump_json()) == said


def test_what_a_decision_keeps_is_bounded():
    flags = tuple(SelectedFlag(check=f"check {k}", reason="x" * 999) for k in range(50))
    names, values = ("nothing", *(f"{k}" * 400 for k in range(60))), (float("nan"), *map(float, range(60)))
    long = candidate(sentence=b"w" * 5000, flags=flags, term_names=names, term_values=values)
    standing = Standing(rank=1, among=2, without={f"{k}" * 400: k for k in range(60)})
    said = warned(shown(long, None, None, "c" * 999, gain="g" * 999, standing=standing), "v" * 999)
    assert len(said.model_dump_json()) < 14_000
    assert said.sentence.endswith("w…")


def test_only_what_is_on_the_screen_is_kept_with_a_decision(follower):
    campaign, store = follower.campaign, follower.store
    first, second = campaign.waiting[:2]
    panel = WhyDepth(StructureViewer(), None, lambda name: f"data:{name}")
    (structure,) = store.structures([first.id])
    panel.draw(Subject(campaign, store, first, structure), store.scores([first.id])[first.id])
    assert panel.said_of(first.id).sentence == first.why
    drawn = panel._words.__panel__().object
    said = panel.said_of(first.id)
    assert said.gain in drawn
    assert said.gain.startswith("Expected improvement")
    assert [f"<dt>{name}</dt><dd>{rank}</dd>" in drawn for name, rank in said.ranks.items()] == [True] * 4
    assert f"Rank of {said.among} chosen" in drawn
    assert panel.said_of(second.id) is None
    panel.clear()
    assert panel.said_of(first.id) is None


def test_a_card_stands_among_all_that_its_model_chose(follower):
    campaign = follower.campaign
    cards = Cards()
    found = [cards.standing(campaign, follower.store, c) for c in campaign.waiting]
    assert {s.among for s in found} == {18}
    by_std = sorted(campaign.candidates.values(), key=lambda c: -c.energy_std_eV)
    assert [by_std[s.rank - 1].id for s in found] == [c.id for c in campaign.waiting]
    assert all(s.without["diversity"] == s.rank for s in found)
    more = campaign.candidates.put(campaign.waiting[0]._replace(id="c-999999", energy_std_eV=9.0))
    more = more.put(campaign.waiting[0]._replace(id="c-999998", model_id="m-0009"))
    again = cards.standing(campaign._replace(candidates=more), follower.store, campaign.waiting[0])
    assert again.among == 19


def test_the_expected_improvement_is_the_mean_of_what_lies_below_the_best():
    rng = np.random.default_rng(1)
    for energy, std, best in [(-3.0, 0.4, -3.2), (-3.6, 0.2, -3.2), (-3.0, 0.1, -3.2), (-3.5, 0.0, -3.2)]:
        drawn = np.maximum(0, best - rng.normal(energy, std, 400_000))
        found = gain("lower-confidence-bound", energy, std, best, core_seconds=1800.0)
        assert found.each == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(len(drawn)) + 1e-12)
        assert found.per_core_hour == pytest.approx(2 * found.each)
    assert gain_in_words(found) == (
        "Expected improvement: on average its label lies 0.3 eV below the best so far (one that is not below "
        "counts as 0), 0.6 eV for each hour of a core."
    )


def test_where_a_rule_looks_for_what_is_not_known_the_gain_is_the_uncertainty():
    found = gain("query-by-committee", -3.0, 0.25, -3.2, core_seconds=900.0)
    assert (found.of, found.each, found.per_core_hour) == ("uncertainty", 0.25, 1.0)
    assert "takes away the σ of its energy, 0.25 eV, 1 eV for each hour" in gain_in_words(found)
    assert gain("query-by-committee", -3.0, 0.25, -3.2, None).per_core_hour is None


def test_nothing_is_expected_without_a_std_or_a_label():
    assert gain("lower-confidence-bound", -3.0, None, -3.2, 60.0) is None
    assert gain("lower-confidence-bound", -3.0, 0.1, None, None) is None
    hopeless = gain("lower-confidence-bound", -3.0, 0.02, -3.9, 60.0)
    assert gain_in_words(hopeless) == "Expected improvement: less than 0.0001 eV below the best so far."
    assert gain_in_words(None) == "What a label brings can be said after the first fit."


def test_atoms_are_listed_by_what_is_known_of_them_the_largest_first():
    columns = {"σ (eV)": [0.1, 0.3, 0.2], "|F| (eV/Å)": None, "moved (Å)": np.array([1.0, 2.0, 3.0])}
    said = json.loads(atom_rows(["Ag", "S", "Ag"], columns))
    assert said["columns"] == ["σ (eV)", "moved (Å)"]
    assert said["rows"] == [
        [1, "S", "0.300", "2.000"],
        [2, "Ag", "0.200", "3.000"],
        [0, "Ag", "0.100", "1.000"],
    ]
    assert atom_rows(["Ag"], {"σ (eV)": None}) == ""
    large = json.loads(atom_rows(["Ag"] * 5000, {"σ (eV)": np.arange(5000.0)}))
    assert (large["total"], len(large["rows"]), large["rows"][0][0]) == (5000, MOST, 4999)


def test_the_same_atom_is_picked_in_the_list_and_in_both_pictures(follower):
    campaign, store = follower.campaign, follower.store
    first = campaign.waiting[0]
    (structure,) = store.structures([first.id])
    main = StructureViewer()
    panel = WhyDepth(main, None, lambda name: f"data:{name}")
    panel.draw(Subject(campaign, store, first, structure), store.scores([first.id])[first.id])
    assert json.loads(panel.atoms.sent)["columns"] == ["σ (eV)"]
    panel.compare.open(BEST)
    assert panel.compare.viewer.scene["id"] == campaign.best.id
    assert json.loads(panel.atoms.sent)["columns"] == ["σ (eV)", "moved (Å)"]
    panel.atoms.picked = 7
    assert (main.picked, panel.compare.viewer.picked) == (7, 7)
    panel.compare.viewer.picked = 3
    assert (main.picked, panel.atoms.picked) == (3, 3)
    panel.compare.toggle()
    assert json.loads(panel.atoms.sent)["columns"] == ["σ (eV)"]
    main.picked = None
    assert panel.atoms.picked is None
