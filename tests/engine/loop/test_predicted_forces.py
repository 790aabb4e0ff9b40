"""Forces of a candidate without a label are those that the exported potential has."""

import numpy as np
import pytest

from engine import recordings
from engine.errors import CampaignError
from engine.loop.predicted_forces import predicted_forces


@pytest.mark.parametrize("model_id", ["m-0000", "m-0001"])
def test_they_are_those_of_the_potential_with_its_correction(finished, finished_toy, model_id):
    candidate = finished.candidates.index[0]
    structure = finished.structure(candidate)
    structure.calc = finished.calculator(model_id)
    found = predicted_forces(finished_toy, candidate, model_id)
    assert (found.candidate, found.model_id) == (candidate, model_id)
    np.testing.assert_allclose(found.forces, structure.get_forces(), atol=1e-10)
    assert np.abs(found.forces).max() > 0


@pytest.mark.parametrize(
    ("name", "model_id", "words"),
    [
        ("cui", "m-0000", "there is no model before the first fit"),
        ("cui", "m-0001", "the model m-0001 is not here, as in every recorded campaign"),
    ],
)
def test_why_there_are_none(name, model_id, words):
    with pytest.raises(CampaignError, match=words):
        predicted_forces(recordings.unpacked(name), "c-000001", model_id)
