"""One plain sentence: why a candidate was put before the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.protocols import FloatArray


@dataclass(frozen=True)
class Why:
    """The numbers behind a pick (eV); `best` is the lowest label so far."""

    rule: str
    energy: float
    energy_std: float | None
    terms: Mapping[str, float]
    n_labels: int
    n_pool: int
    best: float | None


def explain(why: Why, symbols: Sequence[str], atom_std: FloatArray | None) -> str:
    """Say in words which term decided, and which atom is the least known.

    Parameters
    ----------
    why : the pick's numbers
    symbols : chemical symbol of each atom
    atom_std : (n_atoms,) eV, or None without a Δ-model
    """
    if why.rule == "random":
        return f"Drawn at random from {why.n_pool} proposals (the baseline that clever rules must beat)."
    if why.energy_std is None or atom_std is None:
        above = -why.terms["promise"]
        where = "the lowest" if above <= 0 else f"{above:.2f} eV above the lowest"
        return (
            f"One of the first labels: as unlike the ones already picked as {why.n_pool} relaxed proposals "
            f"allow, and {where} of them in the universal potential. Without a Δ-model there is no σ yet."
        )
    return f"Chosen {_reason(why)}; {_least_known(symbols, atom_std, why.n_labels)}."


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
