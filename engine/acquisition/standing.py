"""Where a card stands among others by the terms that spoke for it, and where without each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.acquisition.expected_improvement import expected_improvement
from engine.protocols import FloatArray

UNORDERED = ("random", "expected-model-change", "high-entropy")
"""Rules whose order does not follow from the terms that are shown."""
BY_SPREAD = ("query-by-committee", "highest-uncertainty")


@dataclass(frozen=True)
class Standing:
    """Ranks from 1, the best.

    Attributes
    ----------
    rank : by all terms
    among : cards that were compared
    without : rank if this term is left out for all
    """

    rank: int
    among: int
    without: Mapping[str, int]


def standing(
    rule: str, terms: Sequence[Mapping[str, float]], energy: FloatArray, index: int
) -> Standing | None:
    """Rank one card among n by what the rule maximises, and again with each term set to 0 for all.

    The lower energy wins a tie, as in the rules themselves. None of one card, of a rule whose order its terms
    do not give, and where cards have other terms than this one.

    Parameters
    ----------
    rule : its registered name; of one that is not ours, the sum of the terms counts
    terms : n cards' terms (eV)
    energy : (n,) eV
    index : the card
    """
    names = list(terms[index])
    if rule in UNORDERED or len(terms) < 2 or not names or any(set(t) != set(names) for t in terms):
        return None
    columns = {name: np.array([term[name] for term in terms]) for name in names}
    kept = [name for name in names if columns[name].any()]
    return Standing(
        rank=_rank(_utility(rule, columns), energy, index),
        among=len(terms),
        without={
            name: _rank(_utility(rule, columns | {name: np.zeros(len(terms))}, out=name), energy, index)
            for name in kept
        },
    )


def _utility(rule: str, terms: Mapping[str, FloatArray], out: str = "") -> FloatArray:
    """What a rule maximises, (n,), up to a factor; `out` is the term that is left out."""
    none = np.zeros_like(next(iter(terms.values())))
    checks = terms.get("checks", none)
    if rule in BY_SPREAD:
        return terms.get("uncertainty", none) + np.where(checks < 0, -1e6, 0.0)  # flagged ones come last
    if rule == "farthest-point":
        return terms.get("diversity", none) + np.where(checks < 0, -1e6, 0.0)
    if rule == "expected-improvement":
        gain = expected_improvement(terms.get("promise", none), terms.get("uncertainty", none))
        return gain * (1.0 if out == "diversity" else terms.get("diversity", none + 1.0)) + checks
    total: FloatArray = np.sum(list(terms.values()), axis=0)
    return total


def _rank(utility: FloatArray, energy: FloatArray, index: int) -> int:
    tied = utility == utility[index]
    return 1 + int((utility > utility[index]).sum() + (tied & (energy < energy[index])).sum())
