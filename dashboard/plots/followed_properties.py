"""Entropy and errors of properties in a race that followed them: each rule's median with its band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.studies import read

FloatArray = NDArray[np.float64]

ENTROPY = "entropy"
_BAND = ("median", "low", "high")


@dataclass(frozen=True, eq=False)
class Followed:
    """One quantity of a race.

    Attributes
    ----------
    name : as the race calls it; `ENTROPY` for that of what is held out
    unit : of its errors
    labels : (n,) rising
    curves : by rule (3, n) median over seeds, and the 10 and 90 % ends of its band: of an entropy (nats), or
        of |committee's mean − reference's own|; nan where a seed had no value
    own : the reference's own value; None of an entropy
    verdicts : each rule against the baseline, in words
    """

    name: str
    unit: str
    labels: NDArray[np.int64]
    curves: Mapping[str, FloatArray]
    own: float | None
    verdicts: Mapping[str, str]


def followed(path: Path) -> tuple[Followed, ...]:
    """What `deltadesk race` wrote of them into ``result.json``; nothing where it followed none."""
    try:
        said = read(path)["followed"]
        labels = np.array(said["labels"], dtype=np.int64)
        of_all = {ENTROPY: {**said["entropy"], "unit": "nats"}, **said["errors"]}
        return tuple(_one(name, labels, one) for name, one in of_all.items())
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _one(name: str, labels: NDArray[np.int64], said: Mapping[str, Any]) -> Followed:
    curves = {
        rule: np.array([curve[end] for end in _BAND], dtype=float) for rule, curve in said["rules"].items()
    }
    own = said.get("own")
    verdicts = {str(rule): str(words) for rule, words in said["verdicts"].items()}
    return Followed(name, str(said["unit"]), labels, curves, None if own is None else float(own), verdicts)


def words(one: Followed) -> str:
    """Where the reference lies, and what the race decides."""
    own = "" if one.own is None else f"The reference's own: {one.own:.4g} {escape(one.unit)}. "
    decided = " ".join(f"{escape(rule)}: {escape(said)}." for rule, said in one.verdicts.items())
    return own + decided
