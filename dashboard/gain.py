"""What a label is expected to bring, and what that is for each hour of a core. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

BY_UNCERTAINTY = ("query-by-committee", "highest-uncertainty", "expected-model-change", "high-entropy")
"""Rules that look for what is not known, not for what is low."""

LEAST = 1e-4  # eV; what is less is said to be


@dataclass(frozen=True)
class Gain:
    """What one label is expected to bring (eV), and per core-hour (eV/h; None where no cost is known).

    `of` "improvement": E[max(0, E_best − E)] over what the surrogate believes of E, how far below the best
    label its own will lie on average. `of` "uncertainty": the σ of its energy, which its label takes away.
    """

    of: Literal["improvement", "uncertainty"]
    each: float
    per_core_hour: float | None


def gain(
    rule: str, energy: float, std: float | None, best: float | None, core_seconds: float | None
) -> Gain | None:
    """What a label of one candidate is expected to bring.

    Jones, Schonlau, Welch, J. Global Optim. 13, 455 (1998).

    Parameters
    ----------
    rule : registered name of the selection rule, which says what is looked for
    energy, std : of the surrogate (eV)
    best : lowest label (eV)
    core_seconds : that a label takes

    Returns
    -------
    None where nothing can be expected: without a σ, or without a label to improve on
    """
    if std is None:
        return None
    if rule in BY_UNCERTAINTY:
        return Gain("uncertainty", std, _per_hour(std, core_seconds))
    if best is None:
        return None
    from engine.acquisition.expected_improvement import expected_improvement  # with scipy, as elsewhere

    each = float(expected_improvement(np.array([best - energy]), np.array([std]))[0])
    return Gain("improvement", each, _per_hour(each, core_seconds))


def _per_hour(each: float, core_seconds: float | None) -> float | None:
    return each * 3600 / core_seconds if core_seconds else None


def in_words(found: Gain | None) -> str:
    """The same in a sentence."""
    if found is None:
        return "What a label brings can be said after the first fit."
    if found.of == "improvement" and found.each < LEAST:
        return f"Expected improvement: less than {LEAST:g} eV below the best so far."
    rate = (
        "" if found.per_core_hour is None else f", {_short(found.per_core_hour)} eV for each hour of a core"
    )
    if found.of == "uncertainty":
        return (
            f"Its label takes away the σ of its energy, {_short(found.each)} eV{rate}; what it tells of "
            "others comes on top."
        )
    return (
        f"Expected improvement: on average its label lies {_short(found.each)} eV below the best so far (one "
        f"that is not below counts as 0){rate}."
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"
