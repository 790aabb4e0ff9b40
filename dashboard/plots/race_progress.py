"""How far a race has come: finished runs of each rule, and their mean errors so far."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.plots.rule_comparison import RuleComparison
from dashboard.studies import PROTOCOL, read

RUNS = "*/seed-*.json"
"""Files of finished runs in a race's folder."""
UNITS = {"energy": "meV/atom", "forces": "meV/Å"}


@dataclass(frozen=True, eq=False)
class RaceProgress:
    """A race that is not finished.

    Attributes
    ----------
    finished : runs of each rule
    asked : runs of each
    so_far : mean errors of the finished runs, without bands
    """

    finished: dict[str, int]
    asked: int
    so_far: RuleComparison


def progress(folder: Path) -> RaceProgress | None:
    """Read what its finished runs left; None where the protocol is not one of a race."""
    try:
        said = read(folder / PROTOCOL)
        rules, metric, asked = list(said["rules"]), str(said["metric"]), int(said["seeds"])
        runs = {rule: [read(file) for file in sorted(folder.glob(f"{rule}/seed-*.json"))] for rule in rules}
        labels: list[int] = next((one["labels"] for found in runs.values() for one in found), [])
        so_far = RuleComparison(
            name=str(said["name"]),
            labels=np.array(labels, dtype=np.int64),
            curves={rule: _mean(found, metric) for rule, found in runs.items() if found},
            saved={},
            unit=UNITS[metric],
            target=float(said["target"]),
            repetitions=asked,
            baseline=str(said["baseline"]),
        )
        return RaceProgress({rule: len(found) for rule, found in runs.items()}, asked, so_far)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def words(race: RaceProgress) -> str:
    """What is finished."""
    done, all_runs = sum(race.finished.values()), race.asked * len(race.finished)
    of_rules = ", ".join(f"{escape(rule)} {n} of {race.asked}" for rule, n in race.finished.items())
    what = (
        "Mean of the finished runs; bands and labels saved follow once it ends."
        if done
        else ("Curves appear with the first of them.")
    )
    return f"<b>Not finished: {done} of {all_runs} runs</b> ({of_rules}). {what}"


def _mean(runs: list[dict[str, Any]], metric: str) -> Any:
    """(3, n) mean error, and a band that there is none of yet."""
    mean = 1000 * np.mean([run[metric] for run in runs], axis=0)
    return np.array([mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)])
