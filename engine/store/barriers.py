"""Rows of barriers between minima."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Barrier:
    """What one model says of the way between two minima.

    Attributes
    ----------
    first, second : candidates, the older one first
    model_id : of the model
    rises : its highest point over each, relaxed in the model (eV); None where none was found
    converged : whether that is a saddle, and not only an upper bound to one
    seconds : core-seconds
    trouble : why nothing was found, in words; else empty
    """

    first: str
    second: str
    model_id: str
    rises: tuple[float, float] | None
    converged: bool
    seconds: float
    trouble: str = ""
