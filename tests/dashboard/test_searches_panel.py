import json

import numpy as np
import pytest

from dashboard.core_time import core_seconds
from dashboard.panels.searches import searches_html
from engine import registry
from engine.config import CampaignSettings, SystemSettings
from engine.core import fold
from engine.potentials.ase_calculator import ASECalculator
from engine.space import Space
from engine.store import SearchedSoFar, Store
from tests.support import large

EMT = ASECalculator("ase.calculators.emt:EMT", {})


def walked(name, steps, **few):
    """The state a real search leaves."""
    settings = CampaignSettings.model_validate({"search": [{"name": name, "steps": 5, **few}]})
    space = Space.of(SystemSettings(composition="Ag4"))
    search = registry.make("generators", name, settings.search[0], space)
    state = search.start()
    for k in range(steps):
        state, _ = search.step(state, EMT, np.random.default_rng(k))
    return SearchedSoFar(f"{name}/0", steps, 2.5 * steps, 1.5 * steps, json.loads(json.dumps(state)))


@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize(
    ("name", "few"),
    [
        ("random-search", {"structures": 2}),
        ("basin-hopping", {"walkers": 2}),
        ("replica-exchange", {"walkers": 3, "swap_every": 2}),
        ("gofee", {"candidates": 2}),
        ("md", {"trajectories": 2, "frames": 3, "test_frames": 4}),
    ],
)
def test_every_search_of_ours_has_its_words(name, few, steps):
    chain = walked(name, steps, **few)
    html = searches_html(fold([]), [chain])
    assert f"{name.replace('-', ' ')} · {steps} steps" in html
    if name == "replica-exchange":
        assert html.count("<tr>") == 4
        assert html.count("<td>0.000</td>") == 1  # the lowest
        assert "<td>0.020</td>" in html
        assert ("1 of 1" in html or "0 of 1" in html) == (steps == 4)
    if name == "md":
        assert "2 trajectories, " in html
        assert ("% accepted (" in html) == (steps == 4)
    if name == "basin-hopping":
        assert ("% accepted" in html) == (steps == 4)


def test_a_search_from_another_package_and_no_search_are_no_error():
    assert searches_html(fold([]), []) == ""
    html = searches_html(fold([]), [SearchedSoFar("<b>theirs</b>/1", 3, 0.2, 0.1, {"any": "thing"})])
    assert "&lt;b&gt;theirs&lt;/b&gt; · chain 1 · 3 steps · 200 ms" in html


def test_the_core_time_is_that_of_the_log_and_the_steps(tmp_path):
    folder = large.make(tmp_path / "large", 2, n_labelled=10)
    store = Store(folder)
    campaign = fold(store.events())
    with store.transaction(campaign.seq, 1.0) as tx:
        for step, seconds in enumerate((1.5, 2.0)):
            state = {"placed": step}
            tx.step("random-search/0", step, "m-0000", state, seconds=seconds, base_seconds=0.75)
    searched = store.searched()
    store.close()
    assert [(s.generator, s.steps, s.seconds, s.base_seconds, s.state) for s in searched] == [
        ("random-search/0", 2, 3.5, 1.5, {"placed": 1})
    ]
    seconds = core_seconds(campaign, searched)
    assert (seconds["base"], seconds["delta"]) == (1.5, 2.0)
    assert seconds["fit"] == 2.0  # two fits of a second
    assert seconds["reference"] == pytest.approx(sum(c.seconds for c in campaign.candidates.values()))
