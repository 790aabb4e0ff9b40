"""What the data cover, and what the descriptor looks at."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.plots import data_coverage as dc
from dashboard.plots import symmetry_figures as sf
from engine.loop.description import Coverage, Geometry

COVERED, NEW, FAR = np.array([-3.0, -1.0, -0.5]), np.array([-2.0, 1.0, 4.0, 8.0]), np.array([0.5, 900.0])
COVERAGE = Coverage(
    np.log(np.arange(1.0, 11.0)), {"c-000001": COVERED, "c-000002": NEW, "c-000003": FAR}, 0.4, None
)


def test_the_newest_candidate_is_on_top_and_what_is_far_away_is_drawn_at_the_edge():
    found = dc.novelties(COVERAGE)
    assert found["candidate"].tolist() == ["c-000003", "c-000002", "c-000001"]
    assert found["row"].tolist() == [2, 1, 0]
    assert found["high"].tolist() == [900.0, 8.0, -0.5]
    assert found["drawn"].tolist() == [dc.FAR, 8.0, -0.5]
    assert found["part"].tolist() == [1.0, 0.75, 0.0]
    assert found["color"].tolist() == [dc.ORANGE, dc.ORANGE, dc.GREEN]
    many = replace(COVERAGE, novelty={f"c-{k:06d}": NEW - k for k in range(dc.MOST + 3)})
    assert len(dc.novelties(many)["row"]) == dc.MOST


def test_coverage_in_words():
    assert dc.growth_words(COVERAGE) == (
        "2.30 nats after 10 labels; the last fifth of them added +0.22. The labels cover 40% of the "
        "environments found without a label."
    )
    tested = replace(COVERAGE, found=None, tested=0.25)
    assert "that the last fit was tested on, 25% were covered by" in dc.growth_words(tested)
    assert "2 of 3 waiting candidates" in dc.novelty_words(COVERAGE)
    nothing = Coverage(np.empty(0), {}, None, None)
    assert dc.growth_words(nothing) == dc.EMPTY
    assert dc.novelty_words(nothing) == dc.NOTHING_WAITS


def test_coverage_is_drawn_and_taken_away():
    growth, novelty = dc.EntropyGrowth(), dc.CandidateNovelty()
    growth.update(COVERAGE)
    assert growth._source.data["label"].tolist() == list(range(1, 11))
    novelty.update(COVERAGE)
    assert novelty.figure.yaxis[0].major_label_overrides == {2: "c-000003", 1: "c-000002", 0: "c-000001"}
    assert novelty.figure.height == 3 * dc.ROW + 60
    novelty.update(Coverage(np.empty(0), {}, None, None))
    assert len(novelty._source.data["row"]) == 0


SHOWN = Geometry(
    g2=np.array([[0.1, 0.0], [4.0, 2.35]]),
    g4=np.array([[0.01, 1.0, 1.0], [0.01, 4.0, -1.0]]),
    r_cut=6.0,
    leg=2.35,
    distance_edges=np.array([0.0, 3.0, 6.0]),
    distances=np.array([4.0, 24.0]),
    angle_edges=np.array([0.0, 90.0, 180.0]),
    angles=np.array([0.0, 6.0]),
)


def test_functions_and_histograms_are_parts_of_their_highest_values():
    found = sf.data(SHOWN)
    for curves in (found["radial"], found["angular"]):
        assert [ys.max() for ys in curves["ys"]] == [1.0, 1.0]
        assert curves["color"].tolist() == [sf.BLUE, sf.ORANGE]
    x, shell = found["radial"]["xs"][1], found["radial"]["ys"][1]
    assert x[shell.argmax()] == pytest.approx(2.35, abs=0.1)
    assert shell[-1] == 0.0
    assert found["distances"]["top"].tolist() == [4 / 24, 1.0]
    assert found["angles"]["top"].tolist() == [0.0, 1.0]
    assert found["angular"]["name"][1] == "η 0.01, ζ 4, λ −1"


def test_functions_are_drawn_with_words_and_keys():
    figures = sf.SymmetryFunctionsOverData()
    figures.update(SHOWN)
    assert len(figures._curves["angular"].data["xs"]) == 2
    assert "an atom has 28.0 neighbours" in sf.words(SHOWN)
    assert sf.words(None) == sf.EMPTY
    assert all("<i class=" in key for key in (*sf.keys(), dc.key()))
