"""What molecular dynamics met in each model, from the states that its steps left."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from engine.core import Exploration

StateRow = tuple[str, str, int, str | None, int, int, int]
"""Chain, model, number of test frames, statistics (JSON); counts of the chain: judged, accepted, rewinds."""

Moments = tuple[float, float]


def explorations(rows: Iterable[StateRow]) -> tuple[Exploration, ...]:
    """Take chains of the same model together; a model in which no frame was judged is left out.

    Parameters
    ----------
    rows : the last of each chain and model, chain by chain, in the order of the steps
    """
    of_model: dict[str, list[Exploration]] = defaultdict(list)
    chain, before = "", (0, 0, 0)
    for name, model_id, test_frames, said, *counts in rows:
        before = before if name == chain else (0, 0, 0)
        judged, accepted, rewinds = (now - then for now, then in zip(counts, before, strict=True))
        chain, before = name, (counts[0], counts[1], counts[2])
        statistics = json.loads(said) if said else {}
        if judged and "acceptance" in statistics:
            of_model[model_id].append(
                Exploration(
                    model_id=model_id,
                    test_frames=test_frames,
                    energy=statistics["energy"],
                    uncertainty=statistics["uncertainty"],
                    expected=statistics["acceptance"],
                    judged=judged,
                    accepted=accepted,
                    rewinds=rewinds,
                )
            )
    return tuple(_together(of_model[model_id]) for model_id in sorted(of_model))


def _together(met: Sequence[Exploration]) -> Exploration:
    weights = [one.test_frames for one in met]
    spreads = [one.uncertainty for one in met if one.uncertainty is not None]
    return Exploration(
        model_id=met[0].model_id,
        test_frames=sum(weights),
        energy=_pooled([one.energy for one in met], weights),
        uncertainty=_pooled(spreads, weights) if len(spreads) == len(met) else None,
        expected=_pooled([one.expected for one in met], weights),
        judged=sum(one.judged for one in met),
        accepted=sum(one.accepted for one in met),
        rewinds=sum(one.rewinds for one in met),
    )


def _pooled(moments: Sequence[Moments], weights: Sequence[int]) -> Moments:
    """Mean and standard deviation of samples taken together, from those of each."""
    total = sum(weights)
    mean = sum(w * m for w, (m, _) in zip(weights, moments, strict=True)) / total
    variance = sum(w * (s**2 + (m - mean) ** 2) for w, (m, s) in zip(weights, moments, strict=True)) / total
    return mean, math.sqrt(variance)
