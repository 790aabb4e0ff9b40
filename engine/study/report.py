"""What a study found: a table of outcomes, success curves, and what its test can decide."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from matplotlib.figure import Figure

from engine.math import SuccessCurve, holm, log_rank, restricted_mean, success_curve
from engine.study.outcomes import Outcome
from engine.study.protocol import Axis, Protocol

AXES: Mapping[Axis, str] = {
    "labels": "reference calculations",
    "core_seconds": "core-seconds",
    "steps": "steps of the search",
}
CONFIDENCE = 0.95
OUTCOMES, CURVES, PAGE = "outcomes.csv", "curves.svg", "result.md"


@dataclass(frozen=True)
class Verdict:
    """One arm against the baseline: p-value (Holm-adjusted; None before the end), and what follows."""

    arm: str
    p: float | None
    words: str


def curves(found: Sequence[Outcome], axis: Axis) -> dict[str, SuccessCurve]:
    """A success curve an arm, in the order they come; who gave up stays in it to the end, without success."""
    return {arm: success_curve(*_times(found, arm, axis), CONFIDENCE) for arm in _arms(found)}


def verdicts(protocol: Protocol, found: Sequence[Outcome]) -> list[Verdict]:
    """Every arm against the baseline; before the study is complete nothing is decided."""
    complete = len(found) == protocol.restarts * len(protocol.arm)
    others = [arm.name for arm in protocol.arm if arm.name != protocol.baseline]
    if not complete:
        words = f"unfinished: {len(found)} of {protocol.restarts * len(protocol.arm)} restarts"
        return [Verdict(arm, None, words) for arm in others]
    base = _times(found, protocol.baseline, protocol.axis)
    p = holm(np.array([log_rank(*_times(found, arm, protocol.axis), *base) for arm in others]))
    drawn = curves(found, protocol.axis)
    return [
        Verdict(
            arm, float(value), _words(protocol, _sooner(drawn[arm], drawn[protocol.baseline]), float(value))
        )
        for arm, value in zip(others, p, strict=True)
    ]


def _sooner(curve: SuccessCurve, baseline: SuccessCurve) -> bool:
    """Whether success came sooner on average, as far as both are known."""
    known = min(curve.known_until, baseline.known_until)
    horizon = known if np.isfinite(known) else float(max(curve.cost[-1], baseline.cost[-1]))
    return restricted_mean(curve, horizon) < restricted_mean(baseline, horizon)


def write_report(protocol: Protocol, found: Sequence[Outcome], best: float | None, folder: Path) -> Path:
    """Write outcomes, curves and the page; return the page's path."""
    _write_outcomes(found, folder / OUTCOMES)
    if found:
        _draw(protocol, found, folder / CURVES)
    (folder / PAGE).write_text(page(protocol, found, best), encoding="utf-8")
    return folder / PAGE


def summary(protocol: Protocol, found: Sequence[Outcome], best: float | None) -> dict[str, Any]:
    """The study in plain JSON."""
    arms, drawn = {}, {axis: curves(found, axis) for axis in AXES}
    for arm in _arms(found):
        mine = [outcome for outcome in found if outcome.arm == arm]
        arms[arm] = {
            "restarts": len(mine),
            "succeeded": sum(outcome.success is not None for outcome in mine),
            "gave_up": sum(outcome.gave_up for outcome in mine),
            "same_basin": sum(bool(outcome.same_basin) for outcome in mine),
            **{f"median_{axis}": drawn[axis][arm].median for axis in AXES},
        }
    decided = {v.arm: {"p": v.p, "words": v.words} for v in verdicts(protocol, found)}
    return {"name": protocol.name, "best_known_eV": best, "arms": arms, "verdicts": decided}


def page(protocol: Protocol, found: Sequence[Outcome], best: float | None) -> str:
    """The page: protocol, table, verdicts."""
    drawn = {axis: curves(found, axis) for axis in AXES}
    known = "no label yet" if best is None else f"{best:.4f} eV"
    lines = [
        f"# {protocol.name}",
        "",
        f"Success: a label within {protocol.dE:g} eV of the best known minimum, {known}. {protocol.restarts} "
        f"restarts an arm, censored after {protocol.budget} reference calculations. Test: {protocol.test} on "
        f"{AXES[protocol.axis]} against {protocol.baseline}, level {protocol.alpha:g} (Holm). Medians with "
        f"{100 * CONFIDENCE:.0f} % confidence intervals.",
        "",
        _row(
            "arm", "restarts", "succeeded", "gave up", "same basin", *(f"median {w}" for w in AXES.values())
        ),
        "|---" * (5 + len(AXES)) + "|",
    ]
    for arm in _arms(found):
        mine = [outcome for outcome in found if outcome.arm == arm]
        success = [outcome for outcome in mine if outcome.success is not None]
        same = sum(bool(outcome.same_basin) for outcome in success)
        gave_up = sum(outcome.gave_up for outcome in mine)
        medians = (_median(drawn[axis][arm]) for axis in AXES)
        lines.append(_row(arm, len(mine), len(success), gave_up, same, *medians))
    lines += ["", *(f"- {v.arm}: {v.words}{_p(v.p)}" for v in verdicts(protocol, found))]
    lines += ["", f"![Success curves]({CURVES})" if found else "", ""]
    return "\n".join(lines)


def _words(protocol: Protocol, sooner: bool, p: float) -> str:
    if p >= protocol.alpha:
        return f"not decidable against {protocol.baseline} at n = {protocol.restarts}"
    return f"{'sooner' if sooner else 'later'} than {protocol.baseline}"


def _p(value: float | None) -> str:
    return "" if value is None else f" (p = {value:.3g})"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _median(curve: SuccessCurve) -> str:
    """The median with its interval; – where it was not reached."""
    shown = ["–" if value is None else f"{value:.3g}" for value in (curve.median, *curve.median_band)]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]"


def _arms(found: Sequence[Outcome]) -> list[str]:
    return list(dict.fromkeys(outcome.arm for outcome in found))


def _times(found: Sequence[Outcome], arm: str, axis: Axis) -> tuple[Any, Any]:
    mine = [outcome for outcome in found if outcome.arm == arm]
    horizon = max(outcome.cost(axis) for outcome in found)
    cost = np.array([horizon if outcome.gave_up else outcome.cost(axis) for outcome in mine])
    return cost, np.array([outcome.success is not None for outcome in mine], dtype=bool)


def _write_outcomes(found: Sequence[Outcome], path: Path) -> None:
    columns = ["arm", "seed", "succeeded", *get_args(Axis), "energy_eV", "best_eV", "same_basin", "gave_up"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for outcome in found:
            costs = [f"{outcome.cost(axis):.6g}" for axis in get_args(Axis)]
            energy = "" if outcome.success is None else f"{outcome.success.energy:.6f}"
            same = "" if outcome.same_basin is None else str(outcome.same_basin).lower()
            reached, gave_up = (str(x).lower() for x in (outcome.success is not None, outcome.gave_up))
            cells = [outcome.arm, outcome.seed, reached, *costs, energy, f"{outcome.end.energy:.6f}", same]
            writer.writerow([*cells, gave_up])


def _draw(protocol: Protocol, found: Sequence[Outcome], path: Path) -> None:
    figure = Figure(figsize=(4 * len(AXES), 3.6), layout="constrained")
    panels = figure.subplots(1, len(AXES), sharey=True)
    for panel, (axis, words) in zip(panels, AXES.items(), strict=True):
        for arm, curve in curves(found, axis).items():
            (line,) = panel.step(curve.cost, curve.fraction, where="post", label=arm)
            band = {"step": "post", "alpha": 0.2, "color": line.get_color()}
            panel.fill_between(curve.cost, curve.low, curve.high, **band)
        panel.set(xlabel=words, ylim=(0, 1))
    panels[0].set_ylabel(f"restarts within {protocol.dE:g} eV")
    panels[0].legend()
    figure.savefig(path, metadata={"Date": None})
