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


@dataclass(frozen=True)
class Ranking:
    """n cards that are ranked by what a rule maximises, and again with each term set to 0 for all.

    Attributes
    ----------
    utility : (n,) of all terms
    without : (n,) where a term is left out
    energy : (n,) eV; the lower one wins a tie, as in the rules themselves
    """

    utility: FloatArray
    without: Mapping[str, FloatArray]
    energy: FloatArray

    def of(self, index: int) -> Standing:
        """Where one card stands."""
        return Standing(
            rank=_rank(self.utility, self.energy, index),
            among=len(self.energy),
            without={name: _rank(utility, self.energy, index) for name, utility in self.without.items()},
        )


def ranking(rule: str, terms: Sequence[Mapping[str, float]], energy: FloatArray) -> Ranking | None:
    """Rank cards; None of one card, of a rule whose order its terms do not give, and of different terms.

    Parameters
    ----------
    rule : its registered name; of one that is not ours, the sum of the terms counts
    terms : n cards' terms (eV)
    energy : (n,) eV
    """
    if rule in UNORDERED or len(terms) < 2 or not terms[0] or any(t.keys() != terms[0].keys() for t in terms):
        return None
    columns = {name: np.array([term[name] for term in terms]) for name in terms[0]}
    without = {
        name: _utility(rule, columns | {name: np.zeros(len(terms))}, out=name)
        for name, column in columns.items()
        if column.any()
    }
    return Ranking(_utility(rule, columns), without, energy)


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
