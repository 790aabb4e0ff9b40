"""How good the model is: predictions against labels, calibration of σ, errors per label. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core import BARE_MODEL, Campaign, Candidate

Arrays = dict[str, NDArray[Any]]
Predictions = Mapping[str, tuple[float, float | None]]
"""Energy and σ (eV) by candidate."""

AT_SELECTION = "at selection"
K = np.array([0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0])
BAND = 0.95


@dataclass(frozen=True)
class Errors:
    """Errors of `n` predicted energies (eV a structure)."""

    n: int
    mae: float
    rmse: float


def errors(predicted: NDArray[Any], label: NDArray[Any]) -> Errors | None:
    """Mean absolute and root mean square error; None of nothing."""
    off = predicted - label
    if not off.size:
        return None
    return Errors(len(off), float(np.abs(off).mean()), float(np.sqrt((off**2).mean())))


def at_selection(campaign: Campaign) -> Predictions:
    """What was predicted of each labelled candidate when it was selected: before any label of it was known.

    The bare potential counts from a zero of its own: the median of its errors is taken off.
    """
    labelled = [campaign.candidates[name] for name in campaign.labels]
    off = [c.energy_eV - c.label_eV for c in labelled if c.model_id == BARE_MODEL and c.label_eV is not None]
    shift = float(np.median(off)) if off else 0.0
    return {c.id: (c.energy_eV - shift * (c.model_id == BARE_MODEL), c.energy_std_eV) for c in labelled}


def fitted_labels(campaign: Campaign, model_id: str) -> frozenset[str]:
    """Labels that a model was fitted to."""
    sizes = {model.model_id: model.n_train for model in campaign.models}
    return frozenset(campaign.labels[: sizes.get(model_id, 0)])


def parity(campaign: Campaign, predictions: Predictions, fitted: frozenset[str] = frozenset()) -> Arrays:
    """Labelled candidates that were predicted, in the order of their labels.

    Returns
    -------
    `candidate`, `label`, `predicted`, `std` (eV, nan where unknown), `low` and `high` (predicted ± σ) and
    `seen` (whether the model was fitted to it)
    """
    rows = [campaign.candidates[name] for name in campaign.labels if name in predictions]
    energy = np.array([predictions[c.id][0] for c in rows], dtype=float)
    std = np.array([_or_nan(predictions[c.id][1]) for c in rows], dtype=float)
    reach = np.nan_to_num(std)
    return {
        "candidate": np.array([c.id for c in rows], dtype=object),
        "label": np.array([c.label_eV for c in rows], dtype=float),
        "predicted": energy,
        "std": std,
        "low": energy - reach,
        "high": energy + reach,
        "seen": np.array([c.id in fitted for c in rows], dtype=bool),
    }


def calibration(data: Arrays) -> Arrays:
    """How often a label lies within kσ of a prediction that had not seen it.

    The band is Clopper and Pearson's (Biometrika 26, 404 (1934)): fractions of n labels that a true σ would
    leave in doubt at 95 %.

    Parameters
    ----------
    data : of `parity`; rows without a σ and rows that the model was fitted to are left out

    Returns
    -------
    `k`, `expected`, `observed`, `low`, `high` (fractions) and `n`; empty where there is no such row
    """
    from scipy.special import betaincinv, erf  # a fifth of a second, for which the first page does not wait

    use = np.isfinite(data["std"]) & (data["std"] > 0) & ~data["seen"]
    n = int(use.sum())
    if not n:
        return {name: np.empty(0) for name in ("k", "expected", "observed", "low", "high", "n")}
    z = np.abs(data["predicted"] - data["label"])[use] / data["std"][use]
    within = (z[:, None] <= K).sum(axis=0)
    tail = (1 - BAND) / 2
    # at the ends the beta distribution degenerates: 0 of n reaches down to 0, n of n up to 1
    low = np.where(within > 0, betaincinv(np.maximum(within, 1), n - within + 1, tail), 0.0)
    high = np.where(within < n, betaincinv(within + 1, np.maximum(n - within, 1), 1 - tail), 1.0)
    return {
        "k": K,
        "expected": erf(K / np.sqrt(2)),
        "observed": within / n,
        "low": low,
        "high": high,
        "n": np.full(len(K), n),
    }


def calibration_words(data: Arrays) -> str:
    """One sentence about 1σ."""
    if not data["k"].size:
        return ""
    at = int(np.flatnonzero(data["k"] == 1.0)[0])
    n, expected = int(data["n"][at]), float(data["expected"][at])
    observed, low, high = (float(data[name][at]) for name in ("observed", "low", "high"))
    if low <= expected <= high:
        verdict = "nothing speaks against σ" if n >= 10 else "too few to judge σ"
    else:
        verdict = "σ is too small" if observed < expected else "σ is too large"
    return (
        f"{observed:.0%} of {n} labels lie within 1σ of what was predicted of them (expected {expected:.0%}; "
        f"95 % interval {low:.0%} to {high:.0%}): {verdict}."
    )


def learning_curve(campaign: Campaign) -> Arrays:
    """One row a refit: labels known before it, and errors of the models before and after (eV).

    Returns
    -------
    `model`, `labels` (the model before was fitted to so many), `mae_new` of that model on the labels that
    came after, `n_train` and `mae_train` of the model after on its own labels
    """
    models = campaign.models
    sizes = [model.n_train for model in models]
    return {
        "model": np.array([m.model_id for m in models], dtype=object),
        "labels": np.array([0, *sizes[:-1]][: len(models)], dtype=int),
        "mae_new": np.array([m.mae_new_eV for m in models], dtype=float),
        "n_train": np.array(sizes, dtype=int),
        "mae_train": np.array([m.mae_train_eV for m in models], dtype=float),
    }


def label_rows(
    campaign: Campaign, predictions: Predictions
) -> list[tuple[Candidate, float | None, float | None]]:
    """Labelled candidates, newest first, each with the energy and σ predicted at selection (eV)."""
    names = reversed(campaign.labels)
    return [(campaign.candidates[name], *predictions.get(name, (None, None))) for name in names]


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
