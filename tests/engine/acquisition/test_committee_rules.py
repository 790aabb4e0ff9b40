"""The rules that ask where a committee's members differ: by hand, against scikit-activeml, and on twins."""

import numpy as np
import pytest
from skactiveml.pool import ExpectedModelChangeMaximization
from skactiveml.pool import QueryByCommittee as TheirQueryByCommittee
from skactiveml.regressor import SklearnRegressor
from sklearn.linear_model import Ridge

from engine.acquisition import (
    ExpectedModelChange,
    HighEntropy,
    HighestUncertainty,
    QueryByCommittee,
    Why,
    explain,
)
from engine.config import SelectionSettings
from engine.math import (
    condition,
    expected_model_change,
    gaussian_entropy,
    joint_entropy,
    query_by_committee,
)
from engine.protocols import Pool

SETTINGS = SelectionSettings(entropy_target=0.1)
RULES = [ExpectedModelChange, HighEntropy, HighestUncertainty, QueryByCommittee]


def pool(members, features=None, **more):
    committee = np.asarray(members, dtype=float)
    n = committee.shape[1]
    parts = {
        "energy": committee.mean(axis=0),
        "energy_std": None,
        "features": np.zeros((n, 1)) if features is None else np.asarray(features, dtype=float),
        "known_features": np.empty((0, 1)),
        "n_flags": np.zeros(n, dtype=np.int64),
        "committee": committee,
    }
    return Pool(**parts | more)


def chosen(rule, among, count):
    return rule(SETTINGS).select(among, count, np.random.default_rng(0))


def indices(rule, among, count):
    return [pick.index for pick in chosen(rule, among, count)]


COMMITTEE = np.array([[0.0, 1.0, 5.0, 2.0], [0.4, 1.0, 5.2, 2.9], [0.2, 1.0, 5.1, 2.0]])


def test_query_by_committee_takes_the_largest_variance_per_atom():
    first, *_ = chosen(QueryByCommittee, pool(COMMITTEE), 4)
    assert (first.index, first.utility) == (3, pytest.approx(0.18))  # 1/3 (0.3² + 0.6² + 0.3²)
    assert first.terms == pytest.approx(
        {"promise": -2.1, "uncertainty": np.sqrt(0.27), "checks": 0}, abs=0.01
    )
    first, *_ = chosen(QueryByCommittee, pool(COMMITTEE, n_atoms=np.array([1, 1, 1, 9])), 4)
    assert (first.index, first.utility) == (0, pytest.approx(0.08 / 3))


def test_the_entropy_of_one_response_is_in_units_of_the_target_and_ranks_as_the_spread():
    first, *_ = chosen(HighEntropy, pool(COMMITTEE), 4)
    assert (first.index, first.utility) == (3, pytest.approx(float(gaussian_entropy(COMMITTEE[:, 3], 0.1))))
    rng = np.random.default_rng(0)
    among = pool(rng.normal(size=(5, 20)), n_atoms=rng.integers(1, 5, 20))
    assert indices(HighEntropy, among, 20) == indices(QueryByCommittee, among, 20)
    assert indices(HighEntropy, among, 20) == indices(HighestUncertainty, among, 20)


def test_several_responses_together_can_prefer_another():
    """Two responses that vary together hold one surprise, two that vary alone hold two."""
    a, b = np.random.default_rng(1).normal(size=(2, 60))
    responses = np.stack([np.stack([1.3 * a, 1.3 * a], axis=-1), np.stack([a, b], axis=-1)], axis=1)
    among = pool(responses[..., 0], responses=responses, scales=np.array([0.5, 0.5]))
    assert indices(QueryByCommittee, among, 1) == [0]
    (first,) = chosen(HighEntropy, among, 1)
    assert (first.index, first.utility) == (1, pytest.approx(float(joint_entropy(responses[:, 1], 0.5))))


def test_expected_model_change_asks_the_model_of_all_data_and_the_standardised_features():
    features = np.array([[1.0, 7.0], [2.0, 7.0], [3.0, 7.0], [6.0, 7.0]])
    whole = np.array([0.2, 3.0, 5.1, 2.1])
    first, *_ = chosen(ExpectedModelChange, pool(COMMITTEE, features, whole=whole), 4)
    # lengths |x − 3| / √3.5 are 1.07, 0.53, 0, 1.60; errors 0.133, 2, 0.067, 0.333: 2 · 0.53 is the largest
    assert (first.index, first.utility) == (1, pytest.approx(2.0 / np.sqrt(3.5)))
    first, *_ = chosen(ExpectedModelChange, pool(COMMITTEE, features), 4)
    assert (first.index, first.utility) == (3, pytest.approx(0.4 * 3 / np.sqrt(3.5)))


def test_the_highest_uncertainty_is_the_surrogates_own():
    std = np.array([0.4, 0.3, 0.2, 0.1])
    first, *_ = chosen(HighestUncertainty, pool(COMMITTEE, energy_std=std), 4)
    assert (first.index, first.utility) == (0, 0.4)
    assert indices(
        HighestUncertainty, pool(COMMITTEE, energy_std=std, n_atoms=np.array([4, 2, 2, 2])), 1
    ) == [1]
    assert indices(HighestUncertainty, pool(COMMITTEE, energy_std=std, committee=None), 4) == [0, 1, 2, 3]


@pytest.mark.parametrize("rule", RULES)
def test_a_twin_is_worth_little_once_its_like_is_picked(rule):
    """Two families whose members differ together: a batch of two takes one of each."""
    rng = np.random.default_rng(2)
    large, small = rng.normal(0, [[1.0], [0.5]], (2, 8))
    among = pool(np.stack([large, 0.99 * large, small, 0.99 * small], axis=1), [[1.0], [-1.0], [1.0], [-1.0]])
    assert indices(rule, among, 2) == [0, 2]
    assert [pick.utility for pick in chosen(rule, among, 4)] == sorted(
        (pick.utility for pick in chosen(rule, among, 4)), reverse=True
    )


def test_the_second_of_a_batch_is_what_the_members_leave_once_the_first_is_told():
    rng = np.random.default_rng(3)
    committee, whole = rng.normal(size=(5, 9)), rng.normal(size=9)
    features = rng.normal(size=(9, 2))
    first, second = chosen(QueryByCommittee, pool(committee), 2)
    left = query_by_committee(condition(committee, first.index, 0.1))
    assert (second.index, second.utility) == (left.argmax(), pytest.approx(left.max()))
    among = pool(committee, features, whole=whole)
    first, second = chosen(ExpectedModelChange, among, 2)
    told = condition(committee, first.index, 0.1, whole[first.index])
    left = expected_model_change((features - features.mean(axis=0)) / features.std(axis=0), whole, told)
    left[first.index] = 0
    assert (second.index, second.utility) == (left.argmax(), pytest.approx(left.max()))
    responses = rng.normal(size=(5, 9, 3))
    scales = np.array([0.3, 0.5, 0.7])
    first, second = chosen(HighEntropy, pool(committee, responses=responses, scales=scales), 2)
    told = responses.reshape(5, 27)
    for k in range(3):
        told = condition(told, 3 * first.index + k, scales[k])
    left = joint_entropy(told.reshape(5, 9, 3), scales)
    left[first.index] = -np.inf
    assert (second.index, second.utility) == (left.argmax(), pytest.approx(left.max()))


@pytest.mark.parametrize("rule", RULES)
def test_a_flagged_one_comes_last(rule):
    among = pool(COMMITTEE, [[1.0], [2.0], [3.0], [6.0]], n_flags=np.array([0, 0, 0, 2]))
    *_, last = chosen(rule, among, 4)
    assert last.index == 3
    assert last.terms["checks"] == -2.0


@pytest.mark.parametrize("rule", RULES)
def test_without_a_committee_the_surrogates_uncertainty_stands_for_it(rule):
    std = np.array([0.1, 0.3, 0.2])
    features = [[1.0], [-1.0], [1.0]]
    among = pool(np.array([[-1.0, -2.0, -3.0]]), features, energy_std=std, committee=None)
    assert indices(rule, among, 3) == [1, 2, 0]


class RememberingRidge(Ridge):
    """Keeps what each fitted copy predicts, in the order they were asked."""

    asked: list[np.ndarray] = []  # noqa: RUF012 - shared by the copies on purpose

    def predict(self, X):
        answer = super().predict(X)
        self.asked.append(answer)
        return answer


@pytest.fixture
def regression():
    """Features with mean 0 and standard deviation 1 over the pool, as the rule makes them."""
    rng = np.random.default_rng(4)
    X = rng.standard_normal((42, 5))
    X = (X - X[12:].mean(axis=0)) / X[12:].std(axis=0)
    y = X @ rng.standard_normal(5) + 0.3 * rng.standard_normal(42)
    y[12:] = np.nan
    return X, y


def test_scikit_activeml_fed_the_same_members_chooses_the_same(regression):
    X, y = regression
    RememberingRidge.asked.clear()
    rule = ExpectedModelChangeMaximization(bootstrap_size=6, random_state=0)
    (theirs,), utilities = rule.query(X, y, reg=SklearnRegressor(RememberingRidge()), return_utilities=True)
    *committee, whole = RememberingRidge.asked
    (ours,) = chosen(ExpectedModelChange, pool(committee, X[12:], whole=whole), 1)
    assert ours.index == theirs - 12
    assert ours.utility == pytest.approx(np.nanmax(utilities), abs=1e-9)

    members = [
        SklearnRegressor(Ridge()).fit(X[half], y[half]) for half in (slice(0, 6), slice(3, 9), slice(6, 12))
    ]
    rule = TheirQueryByCommittee(random_state=0)
    (theirs,), utilities = rule.query(X, y, ensemble=members, fit_ensemble=False, return_utilities=True)
    (ours,) = chosen(QueryByCommittee, pool([member.predict(X[12:]) for member in members], X[12:]), 1)
    assert ours.index == theirs - 12
    assert np.sqrt(ours.utility) == pytest.approx(np.nanmax(utilities), abs=1e-9)  # it takes the root


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "query-by-committee",
            "because the members disagree most about its energy (σ = 0.340 eV, 85.0 meV an atom)",
        ),
        ("highest-uncertainty", "because no other energy is as uncertain for its size (σ = 0.340 eV"),
        ("expected-model-change", "because its label would change the model most"),
        (
            "high-entropy",
            "h = 2.64 nat, a σ of 3.4× the target accuracy (for one response this is the order of σ)",
        ),
    ],
)
def test_the_sentence_says_what_the_rule_saw(rule, words):
    terms = {"promise": -0.2, "uncertainty": 0.34, "checks": 0.0}
    why = Why(
        rule, -9.0, 0.34, terms, 12, 80, -9.5, utility=float(gaussian_entropy([-0.34, 0.34], 0.1 * 2**0.5))
    )
    said = explain(why, ["Si"] * 4, None)
    assert words in said
    assert said.endswith("given the picks before it; its predicted energy lies 0.50 eV above the best label.")
    said = explain(why, ["Si"] * 4, np.array([0.1, 0.1, 0.1, 0.3]))
    assert "atom 3 (Si) has 3.0× the σ of its typical atom" in said
    nobody = Why(rule, -9.0, 0.0, terms | {"uncertainty": 0.0}, 12, 80, -9.5)
    assert "for its energy alone, as no member disagrees about any proposal" in explain(nobody, ["Si"], None)


def test_the_sentence_of_a_joint_entropy_says_of_how_many_responses():
    terms = {"promise": 0.0, "uncertainty": 0.3, "checks": 0.0}
    said = explain(Why("high-entropy", -9.0, 0.3, terms, 12, 80, None, 9.5, 6), ["Si"], None)
    assert "h = 9.50 nat of 6 responses together (8.51 is on target)" in said
