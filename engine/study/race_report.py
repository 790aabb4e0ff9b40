"""What a race found: learning curves with bands, and the labels that each rule saves at equal error."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from engine.math import LabelsSaved, bootstrap_band, labels_saved, labels_to_reach
from engine.protocols import FloatArray
from engine.study.race import RaceRun
from engine.study.race_followed import FOLLOWED, draw_followed, followed_lines, followed_result
from engine.study.race_properties import own_values
from engine.study.race_protocol import Metric, RaceProtocol
from engine.study.race_trend import labels_to_trend, trend_lines, trend_result

RESULT, CURVES, PAGE = "result.json", "curves.svg", "result.md"
CONFIDENCE = 0.95
UNITS: Mapping[Metric, str] = {"energy": "meV/atom", "forces": "meV/Å"}
_FEWEST = 2  # seeds that a band is drawn of


def result(
    race: RaceProtocol, runs: Sequence[RaceRun], own: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """The race in plain JSON: only seeds that every rule has finished count.

    Errors are in meV/atom and meV/Å. ``ledger`` has one entry a rule and error: the target, and the errors
    that the baseline came to after a quarter, half, three quarters and all of the budget. ``followed`` is
    there if the race follows properties: `own` are the reference's; ``trend`` if it asks for one.
    """
    complete = complete_seeds(race, runs)
    rules: dict[str, Any] = {}
    ledger: list[dict[str, Any]] = []
    found: dict[str, Any] = {
        "name": race.name,
        "metric": race.metric,
        "unit": UNITS[race.metric],
        "target": race.target,
        "baseline": race.baseline,
        "seeds": complete,
        "seeds_asked": race.seeds,
        "rules": rules,
        "ledger": ledger,
    }
    if len(complete) < _FEWEST:
        return found
    curves = {rule: _curves(race, runs, rule) for rule in race.rules}
    labels = _labels(race)
    for rule in race.rules:
        reached = [labels_to_reach(labels, curve, race.target) for curve in curves[rule][race.metric]]
        rules[rule] = {
            "labels": labels,
            **{metric: _banded(curves[rule][metric]) for metric in UNITS},
            "labels_to_target": [value if np.isfinite(value) else None for value in reached],
            "seconds": sum(run.seconds for run in runs if run.rule == rule and run.seed in complete),
        }
    for error in _ledger_errors(race, curves[race.baseline][race.metric]):
        needed = {
            rule: np.array([labels_to_reach(labels, curve, error) for curve in curves[rule][race.metric]])
            for rule in race.rules
        }
        for rule in race.rules:
            if rule != race.baseline:
                saved = labels_saved(needed[rule], needed[race.baseline], race.budget, CONFIDENCE)
                ledger.append({"rule": rule, "error": error, **vars(saved)})
    if own:
        found["followed"] = followed_result(race, [run for run in runs if run.seed in complete], own)
    if race.trend:
        counted = [run for run in runs if run.seed in complete]
        found["trend"] = trend_result(
            race,
            {
                rule: [labels_to_trend(run.labels, run.trend) for run in counted if run.rule == rule]
                for rule in race.rules
            },
        )
    return found


def complete_seeds(race: RaceProtocol, runs: Sequence[RaceRun]) -> list[int]:
    """Seeds that every rule has finished."""
    done = {(run.rule, run.seed) for run in runs}
    return [seed for seed in race.each if all((rule, seed) in done for rule in race.rules)]


def table(found: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Head and rows: each rule's last errors, its labels to the target, and what it saves there."""
    unit = found["unit"]
    head = [
        "rule",
        "energy (meV/atom)",
        "force (meV/Å)",
        f"labels to {found['target']:g} {unit}",
        "labels saved",
    ]
    rows = []
    for rule, one in found["rules"].items():
        ends = [
            f"{one[m]['mean'][-1]:.3g} [{one[m]['low'][-1]:.3g}, {one[m]['high'][-1]:.3g}]" for m in UNITS
        ]
        rows.append([rule, *ends, _needed(one["labels_to_target"]), _at_target(found, rule)])
    return head, rows


def words(race: RaceProtocol, found: Mapping[str, Any]) -> list[str]:
    """One line a rule and error: what is saved against the baseline, or that it is not decidable."""
    return [
        f"{one['rule']} at {one['error']:.3g} {found['unit']}: {_verdict(race, _saved(one))}"
        for one in found["ledger"]
    ]


def write_race(race: RaceProtocol, runs: Sequence[RaceRun], folder: Path) -> dict[str, Any]:
    """Write result.json, the curves and the page; return the result."""
    found = result(race, runs, own_values(folder))
    (folder / RESULT).write_text(json.dumps(found, indent=1), encoding="utf-8")
    if found["rules"]:
        _draw(race, found, folder / CURVES)
    if "followed" in found:
        draw_followed(race, found["followed"], folder / FOLLOWED)
    (folder / PAGE).write_text(page(race, found), encoding="utf-8")
    return found


def page(race: RaceProtocol, found: Mapping[str, Any]) -> str:
    """The page: what was asked, table, ledger."""
    head, rows = table(found)
    done = f"{len(found['seeds'])} of {race.seeds} seeds are finished by every rule"
    lines = [
        f"# {race.name}",
        "",
        f"{race.start} labels drawn at random, the same for all rules of a seed, then batches of "
        f"{race.batch} until {race.budget}; errors are mean absolute ones on {race.held_out} structures that "
        f"nobody chooses from. {done}. Bands: {100 * CONFIDENCE:.0f} % over seeds.",
        "",
        *(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)),
        "",
        f"Labels saved against {race.baseline} at equal error; who did not reach it counts with the budget:",
        "",
        *(f"- {line}" for line in words(race, found)),
        "",
        f"![Learning curves]({CURVES})" if found["rules"] else "",
        "",
        *(followed_lines(race, found["followed"]) if "followed" in found else ()),
        *(trend_lines(race, found["trend"]) if "trend" in found else ()),
    ]
    return "\n".join(lines)


def _labels(race: RaceProtocol) -> list[int]:
    return [*range(race.start, race.budget, race.batch), race.budget]


def _curves(race: RaceProtocol, runs: Sequence[RaceRun], rule: str) -> dict[Metric, FloatArray]:
    """Errors in meV/atom and meV/Å, (n_seeds, n_fits)."""
    complete = complete_seeds(race, runs)
    mine = [run for run in runs if run.rule == rule and run.seed in complete]
    return {
        "energy": 1e3 * np.array([run.energy for run in mine]),
        "forces": 1e3 * np.array([run.forces for run in mine]),
    }


def _banded(curves: FloatArray) -> dict[str, list[float]]:
    low, high = bootstrap_band(curves, CONFIDENCE)
    return {"mean": curves.mean(axis=0).tolist(), "low": low.tolist(), "high": high.tolist()}


def _ledger_errors(race: RaceProtocol, baseline: FloatArray) -> list[float]:
    mean = baseline.mean(axis=0)
    last = len(mean) - 1
    places = sorted({round(part * last) for part in (0.25, 0.5, 0.75, 1.0)} - {0})
    return [race.target, *(float(mean[k]) for k in places)]


def _saved(one: Mapping[str, Any]) -> LabelsSaved:
    return LabelsSaved(**{key: value for key, value in one.items() if key not in ("rule", "error")})


def _verdict(race: RaceProtocol, saved: LabelsSaved) -> str:
    reached = f"reached with {saved.reached} of {saved.repetitions} seeds, by {race.baseline} with "
    reached += f"{saved.reached_baseline}"
    if saved.reached == saved.reached_baseline == 0:
        return "reached by neither"
    band = f"[{saved.low:.0f}, {saved.high:.0f}]"
    if saved.low > 0:
        return f"saves {saved.saved:.0f} {band} labels, {100 * saved.part:.0f} % ({reached})"
    if saved.high < 0:
        return f"costs {-saved.saved:.0f} [{-saved.high:.0f}, {-saved.low:.0f}] labels more ({reached})"
    return f"not decidable: {saved.saved:+.0f} {band} labels saved ({reached})"


def _needed(labels: Sequence[float | None]) -> str:
    """Mean labels to the target; a sign where it was not reached with every seed."""
    reached = [value for value in labels if value is not None]
    if len(reached) == len(labels):
        return f"{np.mean(reached):.0f}"
    return f"reached with {len(reached)} of {len(labels)} seeds"


def _at_target(found: Mapping[str, Any], rule: str) -> str:
    for one in found["ledger"]:
        if one["rule"] == rule and one["error"] == found["target"]:
            return f"{one['saved']:.0f} [{one['low']:.0f}, {one['high']:.0f}]"
    return "–"


def _draw(race: RaceProtocol, found: Mapping[str, Any], path: Path) -> None:
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    panels = figure.subplots(1, 2)
    titles: dict[Metric, str] = {"energy": "energy", "forces": "force"}
    for panel, (metric, what) in zip(panels, titles.items(), strict=True):
        for rule, one in found["rules"].items():
            style = {"linestyle": "--"} if rule == race.baseline else {}
            (line,) = panel.plot(one["labels"], one[metric]["mean"], label=rule, **style)
            band = {"alpha": 0.15, "color": line.get_color()}
            panel.fill_between(one["labels"], one[metric]["low"], one[metric]["high"], **band)
        if metric == race.metric:
            panel.axhline(race.target, color="grey", linewidth=0.8, label="target")
        panel.set(xlabel="labels", ylabel=f"mean absolute {what} error ({UNITS[metric]})", yscale="log")
    panels[0].legend()
    figure.savefig(path, metadata={"Date": None})
