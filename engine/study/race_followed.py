"""How entropy and properties went with the labels: curves with bands over seeds, and what they decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from engine.math import bootstrap_band
from engine.properties import unit
from engine.protocols import FloatArray
from engine.study.race import RaceRun
from engine.study.race_protocol import RaceProtocol

FOLLOWED = "properties.svg"
CONFIDENCE = 0.95
BAND = (10, 50, 90)
"""Percentiles over seeds that are drawn."""
_DRAWN = ("a", "E0", "B0", "C11", "C12", "C44")


def followed_result(race: RaceProtocol, runs: Sequence[RaceRun], own: Mapping[str, float]) -> dict[str, Any]:
    """Entropies and |value − reference| in plain JSON, after each fit; None where a seed has no value.

    Parameters
    ----------
    race : what was asked
    runs : of seeds that every rule has finished
    own : the reference's own values
    """
    errors: dict[str, Any] = {}
    for name, value in own.items():
        of_rule = {
            rule: np.abs(np.array([run.properties[name] for run in runs if run.rule == rule]) - value)
            for rule in race.rules
        }
        errors[name] = {
            "unit": unit(name),
            "own": _plain(np.array(value)),
            "rules": {rule: _banded(values) for rule, values in of_rule.items()},
            "verdicts": _verdicts(race, of_rule),
        }
    entropy = {rule: np.array([run.entropy for run in runs if run.rule == rule]) for rule in race.rules}
    return {
        "labels": list(runs[0].labels),
        "entropy": {
            "rules": {rule: _banded(values) for rule, values in entropy.items()},
            "verdicts": _verdicts(race, entropy),
        },
        "errors": errors,
    }


def followed_lines(race: RaceProtocol, followed: Mapping[str, Any]) -> list[str]:
    """The page's part: a table of the last fit, and what it decides."""
    quantities = {"entropy (nat)": followed["entropy"]}
    quantities |= {f"{name} ({one['unit']})": one for name, one in followed["errors"].items()}
    head = ["after the last label", "reference", *race.rules]
    rows = [
        [name, _number(one.get("own")), *(_last(one["rules"][rule]) for rule in race.rules)]
        for name, one in quantities.items()
    ]
    decided = [
        f"{name}, {rule}: {words}"
        for name, one in quantities.items()
        for rule, words in one["verdicts"].items()
    ]
    return [
        f"Mean entropy of what is held out (target {race.selection.entropy_target:g} eV; ½ ln 2πe ≈ 1.419 is "
        "on target), and errors of properties, |committee's mean − reference's own|: median over seeds with "
        f"10–90 % band. Verdicts: {100 * CONFIDENCE:.0f} % interval of the mean difference from "
        f"{race.baseline} with the same seed, each by itself.",
        "",
        *(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)),
        "",
        *(f"- {line}" for line in decided),
        "",
        f"![Entropy and errors of properties]({FOLLOWED})",
        "",
    ]


def draw_followed(race: RaceProtocol, followed: Mapping[str, Any], path: Path) -> None:
    """Entropy, and the errors of the main properties, over labels."""
    shown = [name for name in _DRAWN if name in followed["errors"]]
    figure = Figure(figsize=(13, 6), layout="constrained")
    panels = figure.subplots(2, -(-(len(shown) + 1) // 2)).ravel()
    quantities = [("entropy (nat)", followed["entropy"], "linear")]
    for name in shown:
        one = followed["errors"][name]
        quantities.append((f"|{name} − reference| ({one['unit']})", one, "log"))
    for panel, (words, one, scale) in zip(panels, quantities, strict=False):
        for rule, curve in one["rules"].items():
            low, median, high = (np.array(curve[key], dtype=float) for key in ("low", "median", "high"))
            style = {"linestyle": "--"} if rule == race.baseline else {}
            (line,) = panel.plot(followed["labels"], median, label=rule, **style)
            panel.fill_between(followed["labels"], low, high, alpha=0.15, color=line.get_color())
        panel.set(xlabel="labels", ylabel=words, yscale=scale)
    for panel in panels[len(quantities) :]:
        panel.set_axis_off()
    panels[0].legend()
    figure.savefig(path, metadata={"Date": None})


def _banded(values: FloatArray) -> dict[str, Any]:
    """Percentiles over seeds (n_seeds, n_fits)."""
    low, median, high = np.percentile(values, BAND, axis=0)
    return {"low": _plain(low), "median": _plain(median), "high": _plain(high)}


def _verdicts(race: RaceProtocol, values: Mapping[str, FloatArray]) -> dict[str, str]:
    """Each rule against the baseline, after the last label."""
    return {
        rule: _verdict(values[rule][:, -1] - values[race.baseline][:, -1])
        for rule in race.rules
        if rule != race.baseline
    }


def _verdict(difference: FloatArray) -> str:
    known = np.isfinite(difference)
    if not known.all():
        return f"not decidable: both have a value with {np.count_nonzero(known)} of {len(known)} seeds"
    low, high = (float(bound) for bound in bootstrap_band(difference, CONFIDENCE))
    band = f"{difference.mean():+.3g} [{low:+.3g}, {high:+.3g}]"
    if high < 0:
        return f"smaller: {band}"
    return f"larger: {band}" if low > 0 else f"not decidable: {band}"


def _last(curve: Mapping[str, Any]) -> str:
    low, median, high = (curve[key][-1] for key in ("low", "median", "high"))
    return f"{_number(median)} [{_number(low)}, {_number(high)}]"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _plain(values: FloatArray) -> Any:
    return np.where(np.isfinite(values), values.astype(object), None).tolist()  # type: ignore[call-overload]
