"""Print every table: ``python -m tests.benchmarks [--short]``."""

from __future__ import annotations

import argparse
import contextlib
import io
import warnings

import torch
from chgnet.model import CHGNet as Network
from chgnet.model.dynamics import CHGNetCalculator
from rich.console import Console
from threadpoolctl import threadpool_limits

from engine.potentials.chgnet import CHGNet
from tests.benchmarks import base_potential, delta_model, relaxation
from tests.benchmarks.timing import FULL, SHORT


def main() -> None:
    """Measure and print, table by table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--short", action="store_true", help="seconds instead of a minute, for CI")
    scale = SHORT if parser.parse_args().short else FULL
    warnings.filterwarnings("ignore", module="chgnet")
    with contextlib.redirect_stdout(io.StringIO()):  # its constructor prints
        network = Network.load(model_name="0.3.0", use_device="cpu", verbose=False)
        calculator = CHGNetCalculator(network, use_device="cpu")
    chgnet = CHGNet("0.3.0")
    console = Console(width=110)
    torch.set_num_threads(1)
    with threadpool_limits(1):
        console.print(base_potential.table(scale, chgnet, calculator))
        console.print(delta_model.table(scale, chgnet))
        console.print(relaxation.table(scale, chgnet, calculator))


if __name__ == "__main__":
    main()
