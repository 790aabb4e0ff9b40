"""A committee that picks from a given set, killed once, as `deltadesk run` takes it to its end."""

import json
import signal

import numpy as np
import pytest

from engine.core import CandidateSelected, ModelRefitted, RunControlled
from engine.potentials.correction import load
from engine.store import REFERENCE, Store
from engine.store.features import FeatureFile
from tests.support import history, toy

TOML = """
name = "Si pool"
budget = 20
pace = "lockstep"
[system.crystal]
lattice = "diamond"
[potential]
name = "none"
[committee]
kind = "networks"
members = 3
epochs = 4
subsample = 0.8
[[search]]
name = "pool"
kinds = ["small", "volume"]
count = 5
chunk = 4
[selection]
rule = "query-by-committee"
batch = 3
cold_start = 3
refit_every = 3
probe = 4
[properties]
measure = true
reference = true
[curation]
policy = "auto"
hold = 0.0
[reference]
name = "stillinger-weber"
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pool") / "si"
    folder.mkdir()
    (folder / "campaign.toml").write_text(TOML)
    killed = toy.run(folder, "run", folder, DELTADESK_CRASH="properties-measured:2")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    store = Store(folder)
    written = [one.model_id for one in store.measured()]
    assert written in ([], [REFERENCE]), (
        "the second was not written, nor the first if it came in the same write"
    )
    store.close()
    done = toy.run(folder, "run", folder)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return folder


def test_all_is_offered_before_anything_is_picked_and_it_ends_when_all_was_asked_about(finished):
    log = [item.event for item in history.events(finished)]
    store = Store(finished)
    rows = store.proposals([f"c-{n:06d}" for n in range(1, 11)])
    kinds = [structure.info["kind"] for structure in store.structures(row.candidate for row in rows)]
    assert store.count_proposals() == 10
    store.close()
    assert sorted(set(kinds)) == ["small", "volume"]
    assert all(row.model_id == "m-0000" for row in rows)
    selected = [event for event in log if isinstance(event, CandidateSelected)]
    assert len({event.candidate for event in selected}) == 10
    last = log[-1]
    assert isinstance(last, RunControlled)
    assert (last.action, last.reason) == ("finish", "everything that was offered has been asked about")


def test_what_was_offered_is_described_once_and_scored_from_that(finished):
    (folder,) = (finished / "features").iterdir()
    about = json.loads((folder / "about.json").read_text())
    file = FeatureFile(folder, about["descriptor"], about["width"])
    assert (file.counts.tolist(), about["width"]) == ([8] * 10, 38)
    store = Store(finished)
    chosen = [name for name in store.of_chain("pool/0") if store.scores([name])[name].atom_std is not None]
    store.close()
    assert len(chosen) == 10, "of what was selected, each atom's part is known"


def test_the_committee_picks_from_its_second_batch_on_and_says_so(finished):
    log = [item.event for item in history.events(finished)]
    whys = [event.reason for event in log if isinstance(event, CandidateSelected)]
    assert all("first labels" in why for why in whys[:3])
    assert all("members disagree most" in why for why in whys[3:])
    fits = [event for event in log if isinstance(event, ModelRefitted)]
    assert [fit.n_train for fit in fits] == [3, 6, 9, 10]
    assert all(fit.probe_entropy is not None and fit.mae_held_out_atom_eV is not None for fit in fits)
    accepted = [fit.model_id for fit in fits if fit.accepted]
    assert load(finished / "models" / f"{accepted[-1]}.npz").n_members == 3


def test_the_reference_and_every_accepted_model_are_measured_once_before_the_end(finished):
    store = Store(finished)
    measured = store.measured()
    accepted = [
        item.event.model_id
        for item in store.events()
        if isinstance(item.event, ModelRefitted) and item.event.accepted
    ]
    store.close()
    assert [one.model_id for one in measured] == [REFERENCE, *accepted]
    assert [one.trouble for one in measured] == [""] * len(measured)
    own, *models = measured
    assert own.values["a"][0] == pytest.approx(5.431, abs=1e-3)
    assert own.values["C11"][0] == pytest.approx(151.4, abs=0.3)
    assert own.values["C12"][0] == pytest.approx(76.4, abs=0.3)
    assert own.values["B0"][0] == pytest.approx((151.4 + 2 * 76.4) / 3, rel=0.01)
    assert own.energies.shape == (1, 11)
    assert own.energies.min() == pytest.approx(own.values["E0"][0], abs=1e-5)
    for model in models:
        assert list(model.values) == list(own.values)
        assert {len(values) for values in model.values.values()} == {3}
        assert model.energies.shape == (3, 11)
        np.testing.assert_allclose(model.volumes, own.volumes)
    assert np.ptp(models[-1].energies, axis=0).min() > 0, "members differ"
