"""The campaign's facts as data frames: snapshot, log and rows in, pandas out; units in the columns' names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from engine.core import BARE_MODEL, Campaign, Candidate, Recorded
from engine.store import Proposed, Summary

CANDIDATE_COLUMNS = (
    "status",
    "rank",
    "why",
    "generator",
    "kind",
    "step",
    "parent",
    "model_id",
    "n_train",
    "base_energy_eV",
    "predicted_energy_eV",
    "predicted_energy_std_eV",
    "flags",
    "selected_time",
    "decided_by",
    "auth",
    "decided_time",
    "reason",
    "note",
    "attempt",
    "submitted_time",
    "energy_eV",
    "fmax_eV_per_A",
    "seconds",
    "cores",
    "reference_code",
    "reference_version",
    "reference_settings",
    "failure",
)
TIMES = ("selected_time", "decided_time", "submitted_time")
NUMBERS = ("predicted_energy_std_eV", "energy_eV", "fmax_eV_per_A")


def candidates(campaign: Campaign, rows: Mapping[str, Proposed], kinds: Mapping[str, str]) -> pd.DataFrame:
    """One row a candidate that was put before a person, in the order of selection.

    Predictions are those of `model_id` at selection, which had been fitted to `n_train` labels; `energy_eV`
    is the reference's; `kind` is the structure's, where its search said so.
    """
    fitted = {BARE_MODEL: 0, **{model.model_id: model.n_train for model in campaign.models}}
    found = sorted(campaign.candidates.values(), key=lambda c: (c.selected_time, c.rank))
    records = [_record(c, rows[c.id], fitted) | {"kind": kinds.get(c.id)} for c in found]
    table = pd.DataFrame(
        records, index=_index(c.id for c in found), columns=list(CANDIDATE_COLUMNS), dtype=object
    )
    for name in NUMBERS:
        table[name] = table[name].astype(float)
    for name in TIMES:
        table[name] = _times(table[name])
    return table.infer_objects()


def labels(campaign: Campaign, candidate_table: pd.DataFrame) -> pd.DataFrame:
    """One row a label, in the order they came; `error_eV` is the prediction's at selection."""
    table = candidate_table.loc[list(campaign.labels)].drop(columns=["status", "failure"])
    table.insert(0, "label", range(1, len(table) + 1))
    place = table.columns.get_loc("energy_eV")
    table.insert(place + 1, "error_eV", table["predicted_energy_eV"].astype(float) - table["energy_eV"])
    return table


def events(recorded: Sequence[Recorded]) -> pd.DataFrame:
    """One row an event; `fact` is all that it says, as a dictionary."""
    facts = [item.event.model_dump(mode="json", exclude={"kind"}) for item in recorded]
    return pd.DataFrame(
        {
            "time": _times(pd.Series([item.time for item in recorded], dtype=float)),
            "kind": [item.event.kind for item in recorded],
            "candidate": [fact.get("candidate") for fact in facts],
            "by": [fact.get("by") for fact in facts],
            "fact": facts,
        }
    ).set_index(pd.Index([item.seq for item in recorded], name="seq", dtype=int))


def proposals(campaign: Campaign, summaries: Sequence[Summary], kinds: Mapping[str, str]) -> pd.DataFrame:
    """One row a structure that a search proposed; predictions are the newest it has, of `model_id`."""
    known = campaign.candidates
    return pd.DataFrame(
        {
            "status": [str(known[s.candidate].status) if s.candidate in known else "pool" for s in summaries],
            "generator": [s.generator for s in summaries],
            "kind": _texts(kinds.get(s.candidate) for s in summaries),
            "step": [s.step for s in summaries],
            "parent": [s.parent for s in summaries],
            "model_id": [s.model_id for s in summaries],
            "base_energy_eV": [s.base_energy for s in summaries],
            "predicted_energy_eV": _floats(s.energy for s in summaries),
            "predicted_energy_std_eV": _floats(s.energy_std for s in summaries),
            "n_flags": [s.n_flags for s in summaries],
        },
        index=_index(s.candidate for s in summaries),
    )


def _record(candidate: Candidate, row: Proposed, fitted: Mapping[str, int]) -> dict[str, Any]:
    decision = candidate.decision
    return {
        "status": str(candidate.status),
        "rank": candidate.rank,
        "why": candidate.why,
        "generator": row.generator,
        "step": row.step,
        "parent": row.parent,
        "model_id": candidate.model_id,
        "n_train": fitted.get(candidate.model_id),
        "base_energy_eV": row.base_energy,
        "predicted_energy_eV": candidate.energy_eV,
        "predicted_energy_std_eV": candidate.energy_std_eV,
        "flags": "; ".join(flag.reason for flag in candidate.flags),
        "selected_time": candidate.selected_time,
        "decided_by": decision.by if decision else None,
        "auth": decision.auth if decision else None,
        "decided_time": decision.time if decision else None,
        "reason": decision.reason if decision else None,
        "note": decision.note if decision else None,
        "attempt": candidate.attempt,
        "submitted_time": candidate.submitted_time,
        "energy_eV": candidate.label_eV,
        "fmax_eV_per_A": candidate.fmax,
        "seconds": candidate.seconds,
        "cores": candidate.cores,
        "reference_code": candidate.code or None,
        "reference_version": candidate.version or None,
        "reference_settings": _settings(candidate),
        "failure": candidate.failure.kind if candidate.failure else "",
    }


def _settings(candidate: Candidate) -> str | None:
    if candidate.label_eV is None:
        return None
    return json.dumps(dict(candidate.reference_settings), sort_keys=True)


def _index(names: Any) -> pd.Index:
    return pd.Index(list(names), name="candidate", dtype=object)


def _texts(values: Any) -> pd.Series:
    return pd.Series(list(values), dtype=object).to_numpy()


def _floats(values: Any) -> pd.Series:
    return [float("nan") if value is None else value for value in values]


def _times(seconds: pd.Series) -> pd.Series:
    return pd.to_datetime(seconds.astype(float), unit="s", utc=True)
