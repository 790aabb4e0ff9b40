"""Why a frame of molecular dynamics was proposed: both probabilities as curves, with its dot and its draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dashboard.panels.markup import e
from dashboard.plots.dynamics import UNCERTAINTIES
from engine.config import MDSettings
from engine.core import Campaign
from engine.loop.trajectories import SEARCH, md_settings
from engine.protocols import FloatArray
from engine.store import Store

WIDTH, HEIGHT = 150, 66  # of a curve, in units of its drawing
_POINTS = 61
_REACH = (-1.0, 4.0)  # of an axis, in standard deviations from the mean of the test frames


@dataclass(frozen=True, eq=False)
class Frame:
    """What is known of how a frame was taken.

    Attributes
    ----------
    terms : energy (eV/atom), ``u-*``, ``P_U``, ``P_E`` and ``draw``
    energy, uncertainty : mean and standard deviation over the test frames of that step; None where unknown
    settings : of the search
    """

    terms: Mapping[str, float]
    energy: tuple[float, float] | None
    uncertainty: tuple[float, float] | None
    settings: MDSettings


def frame_of(campaign: Campaign, store: Store, candidate: str) -> Frame | None:
    """What the search md kept of a candidate; None of any other."""
    known = campaign.candidates.get(candidate)
    if known is None or known.generator != SEARCH:
        return None
    terms, statistics = _kept(store, candidate)
    if not terms.keys() >= {"P_U", "P_E", "draw"}:
        return None
    return Frame(
        terms, statistics.get("energy"), statistics.get("uncertainty"), md_settings(campaign.settings)
    )


@lru_cache(maxsize=256)
def _kept(store: Store, candidate: str) -> tuple[Mapping[str, float], Mapping[str, Any]]:
    (structure,), (row,) = store.structures([candidate]), store.proposals([candidate])
    steps = store.steps(row.generator, row.step, 1)
    return structure.info.get("terms", {}), (steps[0].state.get("statistics") if steps else None) or {}


def acceptance_html(frame: Frame) -> str:
    """Both curves, and the product beside what was drawn."""
    from engine.math import (  # with scipy, for which the first page does not wait
        energy_probability,
        uncertainty_probability,
    )

    terms, settings = frame.terms, frame.settings
    kind = settings.uncertainty if f"u-{settings.uncertainty}" in terms else "energy"
    _, unit = UNCERTAINTIES[kind]
    curves = []
    if frame.uncertainty is not None and f"u-{kind}" in terms:
        of_u = _of(frame.uncertainty, uncertainty_probability, settings.shift, settings.grad)
        curves.append(_curve("P_U", unit, (terms[f"u-{kind}"], terms["P_U"]), frame.uncertainty, of_u))
    if frame.energy is not None and "energy" in terms:
        of_energy = _of(frame.energy, energy_probability, settings.viability)
        curves.append(_curve("P_E", "eV/atom", (terms["energy"], terms["P_E"]), frame.energy, of_energy))
    return f'<div><h2>Why this frame</h2><div class="curves">{"".join(curves)}</div>{_drawn(terms)}</div>'


def _of(moments: tuple[float, float], probability: Callable[..., FloatArray], *options: Any) -> Any:
    """The probability as a function of one variable; 1 where the test frames had no spread."""
    mean, std = moments
    return lambda x: probability(x, mean, std, *options) if std > 0 else np.ones_like(x)


def _curve(
    name: str,
    unit: str,
    frame: tuple[float, float],
    moments: tuple[float, float],
    probability: Callable[[FloatArray], FloatArray],
) -> str:
    """One curve with the dot of a frame (value, probability), and a line at the test frames' mean."""
    (at, chance), (mean, std) = frame, moments
    low, high = (mean + end * (std or 1.0) for end in _REACH)
    low, high = min(low, at), max(high, at)
    x = np.linspace(low, high, _POINTS)
    across = WIDTH * (x - low) / (high - low)
    up = HEIGHT * (1 - probability(x))
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True))
    dot, of_mean = (WIDTH * (value - low) / (high - low) for value in (at, mean))
    away = f"{(at - mean) / std:+.1f} std".replace("-", "−") if std > 0 else "no spread"
    words = f"{name} = {chance:.3f} at {at:.4g} {unit}, {away} from the test frames' mean"
    return (
        f'<figure><svg viewBox="-6 -6 {WIDTH + 12} {HEIGHT + 10}" role="img" aria-label="{e(words)}">'
        f'<path class="axis" d="M0 {HEIGHT} H{WIDTH} M{of_mean:.1f} 0 V{HEIGHT}"/>'
        f'<polyline points="{line}"/><circle cx="{dot:.1f}" cy="{HEIGHT * (1 - chance):.1f}" r="4.5"/></svg>'
        f"<figcaption><b>{name} {chance:.3f}</b> at {at:.4g} {e(unit)}, {e(away)}</figcaption></figure>"
    )


def _drawn(terms: Mapping[str, float]) -> str:
    chance, draw = terms["P_U"] * terms["P_E"], terms["draw"]
    return (
        f'<div class="chance" role="img" aria-label="{chance:.3f} was its chance, {draw:.3f} was drawn">'
        f'<i style="width:{100 * chance:.1f}%"></i><b style="left:{100 * draw:.1f}%"></b></div>'
        f'<span class="fine">Its chance was P_U · P_E = {chance:.3f}; {draw:.3f} was drawn.</span>'
    )
