import numpy as np
import pytest
from skactiveml.pool import ExpectedModelChangeMaximization, QueryByCommittee
from skactiveml.regressor import SklearnRegressor
from sklearn.linear_model import Ridge

from engine.math import condition, expected_model_change, lower_bound_weights, query_by_committee

LABELLED, POOL = 12, 30


class RememberingRidge(Ridge):
    """Keeps what each fitted copy predicts, in the order they were asked."""

    asked: list[np.ndarray] = []  # noqa: RUF012 - shared by the copies on purpose

    def predict(self, X):
        answer = super().predict(X)
        self.asked.append(answer)
        return answer


@pytest.fixture
def regression():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((LABELLED + POOL, 5))
    y = X @ rng.standard_normal(5) + 0.3 * rng.standard_normal(len(X))
    y[LABELLED:] = np.nan
    return X, y


@pytest.mark.parametrize("members", [1, 3, 8])
def test_expected_model_change_is_that_of_scikit_activeml_fed_its_own_members(regression, members):
    X, y = regression
    RememberingRidge.asked.clear()
    rule = ExpectedModelChangeMaximization(bootstrap_size=members, random_state=0)
    _, utilities = rule.query(X, y, reg=SklearnRegressor(RememberingRidge()), return_utilities=True)
    *committee, prediction = RememberingRidge.asked
    assert len(committee) == members
    ours = expected_model_change(X[LABELLED:], prediction, committee)
    np.testing.assert_allclose(ours, utilities[0][LABELLED:], rtol=0, atol=1e-9)


def test_query_by_committee_ranks_as_scikit_activeml(regression):
    X, y = regression
    halves = [slice(0, 6), slice(3, 9), slice(6, 12)]
    members = [SklearnRegressor(Ridge()).fit(X[half], y[half]) for half in halves]
    rule = QueryByCommittee(random_state=0)
    _, utilities = rule.query(X, y, ensemble=members, fit_ensemble=False, return_utilities=True)
    ours = query_by_committee([member.predict(X[LABELLED:]) for member in members])
    np.testing.assert_allclose(np.sqrt(ours), utilities[0][LABELLED:], rtol=1e-12)  # it takes the root


def test_members_that_agree_prefer_nothing():
    assert query_by_committee(np.ones((4, 6))).tolist() == [0.0] * 6
    assert expected_model_change(np.eye(6), np.ones(6), np.ones((4, 6))).tolist() == [0.0] * 6


def test_closed_form():
    assert query_by_committee([[0.0, 1.0], [2.0, 1.0]]).tolist() == [1.0, 0.0]
    change = expected_model_change([[3.0, 4.0], [0.0, 1.0]], [1.0, 1.0], [[0.0, 1.0], [2.0, 4.0]])
    assert change.tolist() == [5.0, 1.5]


def test_the_order_of_the_pool_changes_nothing():
    rng = np.random.default_rng(0)
    features, committee = rng.standard_normal((9, 4)), rng.standard_normal((3, 9))
    order = rng.permutation(9)
    change = expected_model_change(features, committee[0], committee)
    permuted = expected_model_change(features[order], committee[0][order], committee[:, order])
    np.testing.assert_array_equal(permuted, change[order])


def gaussian_conditioning(predictions, index, noise, label):
    """Mean and covariance after one label, by the textbook, with the whole covariance."""
    mean, covariance = predictions.mean(axis=0), np.cov(predictions, rowvar=False)
    gain = covariance[:, index] / (covariance[index, index] + noise**2)
    return mean + gain * (label - mean[index]), covariance - np.outer(gain, covariance[index])


@pytest.mark.parametrize("noise", [0.0, 0.1, 3.0])
@pytest.mark.parametrize("members", [2, 4, 12])
def test_members_conditioned_on_a_label_have_the_mean_and_covariance_of_the_closed_form(members, noise):
    predictions = np.random.default_rng(members).normal(2.0, 1.0, (members, 7))
    conditioned = condition(predictions, 3, noise, label=5.0)
    mean, covariance = gaussian_conditioning(predictions, 3, noise, 5.0)
    np.testing.assert_allclose(conditioned.mean(axis=0), mean, atol=1e-12)
    np.testing.assert_allclose(np.cov(conditioned, rowvar=False), covariance, atol=1e-12)
    believed = condition(predictions, 3, noise)
    np.testing.assert_allclose(believed.mean(axis=0), predictions.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(np.cov(believed, rowvar=False), covariance, atol=1e-12)


def test_two_labels_are_told_one_after_the_other_in_any_order():
    predictions = np.random.default_rng(0).normal(size=(6, 5))
    one, other = (
        condition(condition(predictions, a, 0.2, y), b, 0.2, z)
        for a, y, b, z in ((1, 0.5, 4, -1.0), (4, -1.0, 1, 0.5))
    )
    np.testing.assert_allclose(one.mean(axis=0), other.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(np.cov(one, rowvar=False), np.cov(other, rowvar=False), atol=1e-12)


def test_an_exact_label_leaves_no_doubt_and_one_where_all_agree_tells_nothing():
    predictions = np.random.default_rng(0).normal(size=(6, 5))
    predictions[:, 2] = 1.7
    assert np.ptp(condition(predictions, 0, 0.0), axis=0)[0] == pytest.approx(0, abs=1e-14)
    np.testing.assert_array_equal(condition(predictions, 2, 0.0), predictions)
    np.testing.assert_array_equal(condition(predictions, 2, 0.1, 5.0), predictions)


def test_conditioning_needs_members_and_a_noise():
    with pytest.raises(ValueError, match="at least 2 members, got 1"):
        condition(np.ones((1, 3)), 0, 0.1)
    with pytest.raises(ValueError, match="noise must not be negative, got -1"):
        condition(np.ones((2, 3)), 0, -1.0)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"\(K ≥ 1, n\), got the shape \(3,\)"):
        query_by_committee([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="do not fit"):
        expected_model_change(np.ones((2, 3)), np.ones(4), np.ones((5, 4)))


def test_weights_of_the_lower_bound_are_its_derivatives_by_the_members():
    energies, kappa, step = np.random.default_rng(0).standard_normal((4, 3)), 1.7, 1e-6
    weights = lower_bound_weights(energies, kappa)
    for k in range(4):
        moved = np.stack([energies, energies])
        moved[0, k] += step
        moved[1, k] -= step
        up, down = moved.mean(axis=1) - kappa * moved.std(axis=1, ddof=1)
        np.testing.assert_allclose(weights[k], (up - down) / (2 * step), atol=1e-8)
    np.testing.assert_allclose(weights.sum(axis=0), 1)
    np.testing.assert_array_equal(lower_bound_weights(np.ones((4, 2)), kappa), np.full((4, 2), 0.25))
