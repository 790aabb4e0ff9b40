"""What the disagreement of a committee says about a structure.

Gupta, Koyama, Agrawal, Rondinelli (poster, 2021); query by committee as Burbidge, Rowland, King, IDEAL 2007,
expected model change as Cai, Zhang, Zhou, ICDM 2013.
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


def _members(predictions: ArrayLike) -> NDArray[np.float64]:
    predictions = np.asarray(predictions, dtype=float)
    if predictions.ndim != 2 or not len(predictions):
        raise ValueError(f"a committee's predictions are (K ≥ 1, n), got the shape {predictions.shape}")
    return predictions
