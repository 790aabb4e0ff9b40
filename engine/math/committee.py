"""What the disagreement of a committee says about a structure.

Gupta, Koyama, Agrawal, Rondinelli (poster, 2021); query by committee as Burbidge, Rowland, King, IDEAL 2007,
expected model change as Cai, Zhang, Zhou, ICDM 2013. An imagined label conditions the members as in an
ensemble square-root filter: Whitaker and Hamill, Mon. Weather Rev. 130, 1913 (2002).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def query_by_committee(predictions: ArrayLike) -> NDArray[np.float64]:
    """Variance of the members' predictions, 1/K Σ_k (f_k − f̄)².

    Parameters
    ----------
    predictions : (K, n)

    Returns
    -------
    (n,) in the unit of `predictions`, squared

    Raises
    ------
    ValueError
        if there is no member
    """
    predictions = _members(predictions)
    variance: NDArray[np.float64] = predictions.var(axis=0)
    return variance


def expected_model_change(
    features: ArrayLike, prediction: ArrayLike, committee: ArrayLike
) -> NDArray[np.float64]:
    """Length of the gradient step that a linear model is expected to take, ‖φ(x)‖ · 1/K Σ_k |f − f_k|.

    The caller standardises the features and divides those of a structure by its number of atoms.

    Parameters
    ----------
    features : (n, d)
    prediction : (n,) f, of the model fitted to all data
    committee : (K, n) f_k, of members fitted to a part of them

    Returns
    -------
    (n,) in the unit of `prediction` times that of `features`

    Raises
    ------
    ValueError
        if there is no member, or the shapes do not fit
    """
    committee = _members(committee)
    features, prediction = np.asarray(features, dtype=float), np.asarray(prediction, dtype=float)
    if features.ndim != 2 or len(features) != committee.shape[1] or prediction.shape != committee.shape[1:]:
        raise ValueError(
            f"features {features.shape}, prediction {prediction.shape} and committee {committee.shape} "
            "do not fit: (n, d), (n,) and (K, n) are needed"
        )
    expected_error = np.abs(prediction - committee).mean(axis=0)
    change: NDArray[np.float64] = np.linalg.norm(features, axis=1) * expected_error
    return change


def condition(
    predictions: ArrayLike, index: int, noise: float, label: float | None = None
) -> NDArray[np.float64]:
    """Members as they would be with a label on one structure, if they are samples of a normal distribution.

    With D the deviations from the mean f̄, c = Dᵀ D_i / (K − 1) the covariance with structure i and
    v = c_i + noise², the mean moves by c (label − f̄_i) / v and the deviations by −D_i cᵀ / (v + noise √v):
    their covariance is then exactly C − c cᵀ / v. The work is K · n; C is never formed.

    Parameters
    ----------
    predictions : (K ≥ 2, n)
    index : i, the structure that the label is for
    noise : standard deviation that the label leaves, in the unit of `predictions`
    label : what it says; None: what the members' mean says, which then stays

    Returns
    -------
    (K, n); where the members agree on structure i, what they were

    Raises
    ------
    ValueError
        if there are fewer than 2 members, or the noise is negative
    """
    predictions = _members(predictions)
    if len(predictions) < 2:
        raise ValueError("a covariance needs at least 2 members, got 1")
    if not noise >= 0:
        raise ValueError(f"noise must not be negative, got {noise}")
    deviations = predictions - predictions[0]  # exactly 0 where all agree
    deviations -= deviations.mean(axis=0)
    here = deviations[:, index]
    covariance = here @ deviations / (len(predictions) - 1)
    variance = float(covariance[index]) + noise**2
    if covariance[index] <= 0:
        return predictions
    moved = predictions - np.outer(here / (variance + noise * np.sqrt(variance)), covariance)
    if label is not None:
        moved += covariance * (label - predictions[:, index].mean()) / variance
    return moved


def lower_bound_weights(energies: ArrayLike, kappa: float) -> NDArray[np.float64]:
    """Weights w_k of the members in the derivative of E − κσ: d(Ē − κσ) = Σ_k w_k dE_k.

    With σ² = Σ_k (E_k − Ē)²/(K − 1) they are 1/K − κ (E_k − Ē)/((K − 1) σ); where the members agree, 1/K.

    Parameters
    ----------
    energies : (K, n) eV, K ≥ 2
    kappa : κ

    Returns
    -------
    (K, n), columns add up to 1
    """
    energies = _members(energies)
    std = energies.std(axis=0, ddof=1)
    tilt = np.divide(energies - energies.mean(axis=0), std, out=np.zeros_like(energies), where=std > 0)
    weights: NDArray[np.float64] = 1 / len(energies) - kappa * tilt / (len(energies) - 1)
    return weights


def _members(predictions: ArrayLike) -> NDArray[np.float64]:
    predictions = np.asarray(predictions, dtype=float)
    if predictions.ndim != 2 or not len(predictions):
        raise ValueError(f"a committee's predictions are (K ≥ 1, n), got the shape {predictions.shape}")
    return predictions
