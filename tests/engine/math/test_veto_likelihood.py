"""The part of the nearest decided ones that were vetoed, and when it is not said."""

import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from engine.math import veto_likelihood
from engine.math.veto_likelihood import NEAREST


def clouds(n_vetoed=12, n_kept=20, seed=0):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_vetoed + n_kept, 3))
    features[:n_vetoed] += 4
    return features, np.arange(n_vetoed + n_kept) < n_vetoed


def test_near_the_vetoed_ones_a_veto_is_likely_and_near_the_others_it_is_not():
    features, vetoed = clouds()
    found = veto_likelihood(features, vetoed, [[4, 4, 4], [0, 0, 0]])
    assert found.vetoed.tolist() == [NEAREST, 0]
    base = 12 / 32
    assert found.probability == pytest.approx([(NEAREST + base) / (NEAREST + 1), base / (NEAREST + 1)])
    assert vetoed[found.nearest[0]].all()
    assert found.error < found.base_error
    assert found.decided == 32


def test_leave_one_out_is_scikit_learns():
    features, vetoed = clouds(15, 18, seed=4)
    features[:15] -= 2.5  # clouds that overlap
    found = veto_likelihood(features, vetoed, np.empty((0, 3)))
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    model = KNeighborsClassifier(NEAREST)
    nearest = cross_val_predict(model, scaled, vetoed, cv=LeaveOneOut(), method="predict_proba")[:, 1]
    others = (15 - vetoed) / 32
    left_out = (NEAREST * nearest + others) / (NEAREST + 1)
    assert found.error == pytest.approx(np.sqrt(((left_out - vetoed) ** 2).mean()))
    assert found.probability.shape == (0,)


def test_too_few_decisions_of_a_kind_or_nothing_to_tell_them_by_say_nothing():
    features, vetoed = clouds(7, 40)
    assert veto_likelihood(features, vetoed, features) is None
    features, vetoed = clouds()
    assert veto_likelihood(np.full((32, 2), 3.0), vetoed, np.full((1, 2), 3.0)) is None
    assert veto_likelihood(np.full((32, 2), np.nan), vetoed, np.full((1, 2), 3.0)) is None


def test_random_vetoes_are_not_taken_for_a_pattern():
    rng = np.random.default_rng(0)
    told = [veto_likelihood(rng.normal(size=(40, 4)), rng.permutation(40) < 14, []) for _ in range(60)]
    assert sum(one is not None for one in told) <= 8  # 5 % of 60 is 3


def test_what_was_not_measured_counts_as_the_median():
    features, vetoed = clouds()
    middle = features.copy()
    features[5, 1] = np.nan
    middle[5, 1] = np.nanmedian(features[:, 1])
    asked = [[4, np.nan, 4]]
    filled = [[4, np.nanmedian(features[:, 1]), 4]]
    with_nan, without = veto_likelihood(features, vetoed, asked), veto_likelihood(middle, vetoed, filled)
    assert (with_nan.nearest == without.nearest).all()
