"""Trajectories of the page Live."""

import numpy as np
import pytest

from dashboard.plots.trajectory import uncertainties
from engine.loop import Follower
from tests.support import large


def test_where_nothing_waited_the_uncertainty_is_that_of_what_was_selected(tmp_path):
    follower = Follower(large.make(tmp_path / "few", 3, n_labelled=10, paused=True))
    campaign = follower.refresh()
    follower.close()
    assert uncertainties(campaign)["queue_std"].tolist() == [0.5, 0.5]
    nobody = campaign._replace(
        models=tuple(m.model_copy(update={"queue_std_eV": None}) for m in campaign.models)
    )
    drawn = uncertainties(nobody)["queue_std"]
    stds = [c.energy_std_eV for c in campaign.candidates.values() if c.model_id == "m-0001"]
    assert drawn[0] == pytest.approx(np.mean(stds))
    assert np.isnan(drawn[1])  # nothing was selected under the second model
