import numpy as np
import pytest

from engine.config import DeltaSettings
from engine.potentials.correction import gpr_recipe
from engine.potentials.held_out import held_out
from engine.potentials.sparse_gpr import SparseGPR
from tests.clusters import random_clusters

STRUCTURES = random_clusters("Ag3S", 9)
ENERGIES = np.random.default_rng(0).normal(-3, 0.3, 9)
SETTINGS = DeltaSettings(inducing_points=20)


def test_each_label_is_predicted_by_a_fit_without_its_fold():
    found = held_out(gpr_recipe(SETTINGS, folds=2), STRUCTURES, ENERGIES, first=6)
    for position, others in enumerate([[0, 1, 2, 3, 4, 5, 7], [0, 1, 2, 3, 4, 5, 6, 8]]):
        model = SparseGPR.fit([STRUCTURES[i] for i in others], ENERGIES[others], SETTINGS)
        prediction = model.predict([STRUCTURES[6 + position]])
        error = prediction.energy[0] - ENERGIES[6 + position]
        assert found.error[position] == pytest.approx(error, abs=1e-9)
        assert found.z[position] == pytest.approx(
            error / np.sqrt(prediction.energy_std[0] ** 2 + 4 * 0.01**2), abs=1e-9
        )
    assert len(found.error) == len(found.z) == 3


def test_what_is_nearly_one_structure_is_left_out_together():
    groups = ["a", "b", "c", "d", "d", "c", "e", "e", "b"]
    found = held_out(gpr_recipe(SETTINGS, folds=2), STRUCTURES, ENERGIES, first=3, groups=groups)
    # new groups in turn: d, c, e, b; of the folds d, e and c, b, whose others were known before as well
    for tested, without in (((3, 4, 6, 7), "de"), ((5, 8), "cb")):
        kept = [i for i, group in enumerate(groups) if group not in without]
        model = SparseGPR.fit([STRUCTURES[i] for i in kept], ENERGIES[kept], SETTINGS)
        said = model.predict([STRUCTURES[i] for i in tested]).energy
        assert found.error[[i - 3 for i in tested]] == pytest.approx(said - ENERGIES[list(tested)], abs=1e-9)


@pytest.mark.parametrize(("count", "first", "folds"), [(1, 0, 5), (4, 4, 5), (3, 0, 1)])
def test_nothing_is_said_where_nothing_can_be_left_out(count, first, folds):
    found = held_out(gpr_recipe(SETTINGS, folds=folds), STRUCTURES[:count], ENERGIES[:count], first=first)
    assert found.error.shape == found.z.shape == (0,)
