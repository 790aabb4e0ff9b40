"""Print the table of speeds: ``python -m tests.benchmarks [--short] [--details]``."""

from __future__ import annotations

import argparse
import contextlib
import io
import warnings
from collections.abc import Iterator

import torch
from chgnet.model import CHGNet as Network
from chgnet.model.dynamics import CHGNetCalculator
from rich.console import Console
from threadpoolctl import threadpool_limits

from engine.potentials.chgnet import CHGNet
from tests.benchmarks import (
    base_potential,
    committee_rows,
    delta_model,
    delta_rows,
    dynamics_rows,
    growth,
    relaxation,
    search_rows,
    selection_rows,
)
from tests.benchmarks.rows import FIGURES, NAME, Row, table
from tests.benchmarks.timing import FULL, SHORT, Scale

LABELS = """
labels and core-seconds until a label lies within 0.1 eV of the best known minimum, REX, CHGNet + Δ,
Ag6S3, GFN1-xTB: goal: medians ≤ 20 labels, ≤ 120 core-s; peer: 20 labels and 426 s in one run, not within 70
labels and 1,514 s in another. In the study of assets/examples/study-ag6s3 4 of 20 restarts reached it
within 30 labels and some 18 core-s: NOT met (GOFEE: 19 of 20, medians 7 labels and 14 core-s). Again:
deltadesk study assets/examples/study-ag6s3/short.toml DIR"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--short", action="store_true", help="every row on little work: seconds, for CI")
    parser.add_argument("--details", action="store_true", help="fits by size and kind, CHGNet by batch, too")
    asked = parser.parse_args()
    scale = SHORT if asked.short else FULL
    warnings.filterwarnings("ignore", module="chgnet")
    with contextlib.redirect_stdout(io.StringIO()):  # its constructor prints
        network = Network.load(model_name="0.3.0", use_device="cpu", verbose=False)
        calculator = CHGNetCalculator(network, use_device="cpu")
    chgnet = CHGNet("0.3.0")
    console = Console(width=NAME + FIGURES)
    torch.set_num_threads(1)
    with threadpool_limits(1):
        title = "every row on little work: no measure of anything" if asked.short else "medians of one run"
        title = f"One thread unless said: {title}"
        console.print(table(rows(scale, chgnet, calculator), title, judged=not asked.short))
        console.print(LABELS, highlight=False)
        if asked.details:
            console.print(base_potential.table(scale, chgnet, calculator))
            console.print(delta_model.table(scale, chgnet))


def rows(scale: Scale, chgnet: CHGNet, calculator: CHGNetCalculator) -> Iterator[Row]:
    """All rows, in the order of the table of goals."""
    yield from delta_rows.rows(scale, chgnet)
    yield from relaxation.rows(scale, chgnet, calculator)
    yield from search_rows.rows(scale, chgnet)
    yield from growth.rows(scale, chgnet)
    yield from committee_rows.rows(scale)
    yield from dynamics_rows.rows(scale, chgnet)
    yield from selection_rows.rows(scale)


if __name__ == "__main__":
    main()
