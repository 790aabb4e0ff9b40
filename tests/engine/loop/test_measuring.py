"""A measurement that cannot be made is a row that says why, and no campaign ends for it."""

import re

import numpy as np
import pytest

from engine.config import parse
from engine.loop.messages import Measure
from engine.loop.tasks import perform
from engine.properties.energy_volume import RATIOS
from engine.store import REFERENCE

TOML = """
[system.crystal]
lattice = "diamond"
size = [2, 1, 1]
[potential]
name = "none"
[committee]
kind = "bootstrap"
members = 3
[[search]]
name = "strain"
[properties]
measure = true
reference = true
thickness = 6.0
[reference]
name = "emt"
"""


@pytest.mark.parametrize(
    ("model_id", "n_members", "words"),
    [
        (REFERENCE, 1, "EMT cannot calculate Si16: No EMT-potential for Si"),
        ("m-0001", 3, r"No such file .*m-0001.npz"),
    ],
)
def test_what_fails_is_nan_with_the_reason_in_words(tmp_path, monkeypatch, model_id, n_members, words):
    monkeypatch.chdir(tmp_path)
    found = perform(Measure(tmp_path, parse(TOML), model_id))
    assert found.model_id == model_id
    assert list(tmp_path.iterdir()) == []
    assert re.search(words, found.trouble)
    assert {"a", "C11", "C44_clamped", "surface_111"} <= set(found.values)
    assert all(len(values) == n_members and np.isnan(values).all() for values in found.values.values())
    assert found.energies.shape == (n_members, len(RATIOS))
    assert np.isnan(found.energies).all()
    np.testing.assert_allclose(found.volumes, 5.431**3 / 8 * np.array(RATIOS))
