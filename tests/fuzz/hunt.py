"""Hypothesis on one law, with an empty folder for every example."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.random_input import LAWS


def hunt(law: str, examples: int = 0) -> int:
    """Try a law on `examples` inputs (0: as many as the short form does); return how many were tried."""
    holds, drawn, few = LAWS[law]
    tried = 0

    @settings(
        max_examples=examples or few,
        deadline=None,
        database=None,
        derandomize=not examples,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(drawn)
    def law_holds(value: object) -> None:
        nonlocal tried
        tried += 1
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            before = Path.cwd()
            os.chdir(folder)
            try:
                holds(value, folder)
            finally:
                os.chdir(before)

    law_holds()
    return tried
