"""The labelled set as a table: each label beside what was predicted of it when it was selected."""

from __future__ import annotations

import time
from typing import Any

import param

from dashboard.panels.data_table import DataTable
from dashboard.plots import model_quality as quality
from dashboard.words import age, signed
from engine.core import Campaign, Candidate

MOST = 1000  # rows of the table; all of them are in every export


def label_table() -> DataTable:
    """An empty one."""
    return DataTable(columns=_heads(), label="Labelled structures", height=330)


def fill(table: DataTable, campaign: Campaign, predicted: quality.Predictions) -> None:
    """Show the labels of a snapshot, the newest first."""
    rows = quality.label_rows(campaign, predicted)
    with param.parameterized.batch_call_watchers(table):
        table.rows = [_row(*row) for row in rows[:MOST]]
        table.total = len(rows)


def _heads() -> list[dict[str, Any]]:
    return [
        {"label": "candidate", "words": True},
        {"label": "label (eV)", "title": "the reference's energy"},
        {"label": "fmax (eV/Å)", "title": "largest force"},
        {"label": "predicted (eV)", "title": "at selection; of the bare uMLIP after a constant shift"},
        {"label": "error (eV)", "title": "predicted − label"},
        {"label": "σ (eV)", "title": "at selection"},
        {"label": "took"},
        {"label": "approved by", "words": True},
        {"label": "when", "words": True},
    ]


def _row(candidate: Candidate, predicted: float | None, std: float | None) -> dict[str, Any]:
    label, fmax, decision = candidate.label_eV, candidate.fmax, candidate.decision
    error = None if predicted is None or label is None else predicted - label
    when = decision.time if decision else candidate.selected_time
    by = decision.by if decision else "–"

    def text(value: float | None, digits: int) -> str:
        return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")

    return {
        "id": candidate.id,
        "cells": [
            candidate.id,
            text(label, 3),
            text(fmax, 2),
            text(predicted, 3),
            "–" if error is None else signed(error, 3),
            text(std, 3),
            age(candidate.seconds),
            by,
            time.strftime("%d %b %H:%M:%S", time.localtime(when)),
        ],
        "sort": [candidate.id, label, fmax, predicted, error, std, candidate.seconds, by, when],
    }
