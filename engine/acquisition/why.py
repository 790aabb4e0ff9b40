"""One plain sentence: why a candidate was put before the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.protocols import FloatArray

ON_TARGET = 0.5 * np.log(2 * np.pi * np.e)
"""Entropy of one response that is known to its target accuracy (nat)."""


@dataclass(frozen=True)
class Why:
    """The numbers behind a pick.

    Attributes
    ----------
    rule : its registered name
    energy, energy_std : of the surrogate (eV)
    terms : what spoke for and against it (eV)
    n_labels, n_pool : labels so far, and proposals that it was chosen from
    best : the lowest label so far (eV)
    utility : what the rule maximised, in its own unit
    n_responses : that an entropy is of
    """

    rule: str
    energy: float
    energy_std: float | None
    terms: Mapping[str, float]
    n_labels: int
    n_pool: int
    best: float | None
    utility: float = 0.0
    n_responses: int = 1


def explain(why: Why, symbols: Sequence[str], atom_std: FloatArray | None) -> str:
    """Say in words which term decided, and which atom is the least known.

    Parameters
    ----------
    why : the pick's numbers
    symbols : chemical symbol of each atom
    atom_std : (n_atoms,) eV, or None from a surrogate that knows none, and without a Δ-model
    """
    if why.rule == "random":
        return f"Drawn at random from {why.n_pool} proposals (the baseline that clever rules must beat)."
    of_spread = _of_spread(why, len(symbols)) if "uncertainty" in why.terms else None
    if of_spread is None and why.energy_std is None:
        above = -why.terms["promise"]
        where = "the lowest" if above <= 0 else f"{above:.2f} eV above the lowest"
        return (
            f"One of the first labels: as unlike the ones already picked as {why.n_pool} relaxed proposals "
            f"allow, and {where} of them in the universal potential. Without a Δ-model there is no σ yet."
        )
    known = "" if atom_std is None else f"; {_least_known(symbols, atom_std, why.n_labels)}"
    return f"Chosen {of_spread or _reason(why)}{known}."


def _of_spread(why: Why, n_atoms: int) -> str | None:
    """The reason of a rule that asks for uncertainty alone; None of any other rule."""
    std = why.terms["uncertainty"]
    each = f"σ = {std:.3f} eV, {1000 * std / n_atoms:.1f} meV an atom"
    reasons = {
        "query-by-committee": f"because the members disagree most about its energy ({each})",
        "highest-uncertainty": f"because no other energy is as uncertain for its size ({each})",
        "expected-model-change": (
            f"because its label would change the model most: the members disagree about its energy ({each}), "
            "weighted with how far its descriptors lie from the middle of the pool"
        ),
        "high-entropy": f"because what the members say of it has the largest entropy: {_entropy(why)}",
    }
    reason = reasons.get(why.rule)
    if reason is None:
        return None
    if std == 0:
        return f"for its energy alone, as no member disagrees about any proposal: {_against_best(why)}"
    return f"{reason}, given the picks before it; {_against_best(why)}"


def _entropy(why: Why) -> str:
    on_target = why.n_responses * ON_TARGET
    if why.n_responses > 1:
        together = f"{why.n_responses} responses together ({on_target:.2f} is on target)"
        return f"h = {why.utility:.2f} nat of {together}"
    times = np.exp(why.utility - on_target)
    return (
        f"h = {why.utility:.2f} nat, a σ of {times:.1f}× the target accuracy (for one response this is the "
        "order of σ)"
    )


def _reason(why: Why) -> str:
    energy = _against_best(why)
    positive = {name: why.terms[name] for name in ("uncertainty", "diversity") if name in why.terms}
    leading = max(positive, key=lambda name: positive[name], default="")
    if leading == "uncertainty" and positive[leading] > -why.terms["promise"]:
        return f"because its energy is uncertain by σ = {why.energy_std:.2f} eV while {energy}"
    if leading == "diversity" and positive[leading] > -why.terms["promise"]:
        return f"because it is unlike the labelled structures and the rest of its batch, and {energy}"
    return f"because {energy}"


def _against_best(why: Why) -> str:
    if why.best is None:
        return f"its predicted energy is {why.energy:.2f} eV"
    difference = why.energy - why.best
    side = "below" if difference < 0 else "above"
    return f"its predicted energy lies {abs(difference):.2f} eV {side} the best label"


def _least_known(symbols: Sequence[str], atom_std: FloatArray, n_labels: int) -> str:
    worst = int(np.argmax(atom_std))
    typical = float(np.median(atom_std))
    ratio = atom_std[worst] / typical if typical > 0 else 1.0
    atom = f"atom {worst} ({symbols[worst]})"
    if ratio < 1.3:
        return (
            f"all its atoms are about equally well known from {n_labels} labels (σ ≈ {typical:.3f} eV each)"
        )
    return (
        f"{atom} has {ratio:.1f}× the σ of its typical atom: its environment is the least like the "
        f"{n_labels} labelled structures"
    )
