"""What was measured of a crystal's properties, as the figures take it. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.plots.property_convergence import PropertyConvergence
from dashboard.plots.property_entropy import PropertyEntropy
from engine.core import Campaign
from engine.protocols import FloatArray
from engine.store import REFERENCE, Measured

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def followed(campaign: Campaign, measured: Sequence[Measured]) -> list[PropertyConvergence]:
    """Each property against the labels that the models were fitted to, in the order they were measured in.

    Where some member has no value, mean and spread are those of the others; of one member there is no spread.
    """
    from engine.properties import (
        TARGETS,
        unit,
    )  # with ase's optimisers, for which the first page does not wait

    own = next((found.values for found in measured if found.model_id == REFERENCE), {})
    models = _models(campaign, measured)
    names = list(dict.fromkeys(name for found, _ in models for name in found.values))
    labels = np.array([n_train for _, n_train in models], dtype=np.int64)
    return [
        PropertyConvergence(
            name=spelt(name),
            unit=unit(name),
            labels=labels,
            value=np.array([_mean(found, name) for found, _ in models]),
            std=np.array([_std(found, name) for found, _ in models]),
            reference=_reference(own.get(name, ())),
            target=TARGETS[unit(name)],
        )
        for name in names
    ]


def entropies(campaign: Campaign, measured: Sequence[Measured]) -> PropertyEntropy:
    """Entropy of each property over the members at its target accuracy; of those that all members have."""
    from engine.math import gaussian_entropy
    from engine.properties import TARGETS, unit

    models = _models(campaign, measured)
    n_members = max((len(v) for found, _ in models for v in found.values.values()), default=0)
    if n_members < 2:
        return PropertyEntropy(np.empty(0, dtype=np.int64), {}, n_members)
    found: dict[str, FloatArray] = {}
    for name in dict.fromkeys(name for one, _ in models for name in one.values):
        values = [np.array(one.values.get(name, ()), dtype=float) for one, _ in models]
        if all(len(v) == n_members and np.isfinite(v).all() for v in values):
            found[spelt(name)] = np.array([gaussian_entropy(v, TARGETS[unit(name)]) for v in values])
    return PropertyEntropy(np.array([n for _, n in models], dtype=np.int64), found, n_members)


def _models(campaign: Campaign, measured: Sequence[Measured]) -> list[tuple[Measured, int]]:
    """Measurements of models that gave any value, with the labels each was fitted to, in their order."""
    sizes = {model.model_id: model.n_train for model in campaign.models}
    known = [(one, sizes[one.model_id]) for one in measured if one.model_id in sizes and one.values]
    return sorted(known, key=lambda pair: pair[1])


def _mean(found: Measured, name: str) -> float:
    values = _finite(found.values.get(name, ()))
    return float(values.mean()) if len(values) else np.nan


def _std(found: Measured, name: str) -> float:
    values = _finite(found.values.get(name, ()))
    return float(values.std(ddof=1)) if len(values) > 1 else np.nan


def _reference(values: Sequence[float]) -> float | None:
    known = _finite(values)
    return float(known.mean()) if len(known) else None


def _finite(values: Sequence[float]) -> FloatArray:
    found = np.array(values, dtype=float)
    return found[np.isfinite(found)]


def spelt(name: str) -> str:
    """A property's name as a person writes it: C₁₁ clamped, surface 100."""
    said = name.removesuffix("_clamped")
    plain = said[0] + said[1:].translate(_SUBSCRIPTS) if said[1:].isdigit() else said.replace("_", " ")
    return plain if said == name else f"{plain} clamped"
