"""CHGNet, by its own trainer."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ase import Atoms
from chgnet.data.dataset import StructureData, collate_graphs
from chgnet.trainer import Trainer
from pymatgen.io.ase import AseAtomsAdaptor
from torch.utils.data import DataLoader

from engine.errors import ConfigError
from engine.fine_tuning.labels import TrainingData
from engine.fine_tuning.tuning import Training
from engine.potentials.chgnet import packaged, read_network
from engine.registry import find

_APART = 4.0  # Å on each side: its cutoff is 6 Å


def train(member: Training) -> None:
    """Fine-tune one model and write it as its trainer does.

    Raises
    ------
    ConfigError
        if the training diverges; what it said stands beside the file
    """
    with member.log.open("w", encoding="utf-8") as said, contextlib.redirect_stdout(said):
        network = _start(member.tuning.base)
        trainer = Trainer(
            model=network,
            targets="ef",
            epochs=member.tuning.epochs,
            learning_rate=member.tuning.learning_rate,
            use_device=member.tuning.device,
            torch_seed=member.seed,
        )
        loaders = [
            _loader(data, network, member.tuning.batch, member.seed)
            for data in (member.learnt, member.judged)
        ]
        trainer.train(*loaders, save_dir=str(member.work))
    best = sorted(member.work.glob("bestE_*"))
    if not best:
        raise ConfigError(
            f"CHGNet's trainer diverged: try a smaller learning rate (what it said: {member.log})"
        )
    best[0].replace(member.file)


def _start(base: str) -> Any:
    if Path(base).is_absolute():
        return read_network(Path(base))
    return packaged(find("potentials", base).arguments["model"])


def _loader(data: TrainingData, network: Any, batch: int, seed: int) -> DataLoader[Any]:
    structures = [AseAtomsAdaptor.get_structure(boxed(structure)) for structure in data.structures]
    each = zip(data.energies, data.structures, strict=True)
    dataset = StructureData(
        structures,
        [energy / len(structure) for energy, structure in each],
        [forces.tolist() for forces in data.forces],
        graph_converter=network.graph_converter,
        shuffle=False,
    )
    numbers = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch, collate_fn=collate_graphs, shuffle=True, generator=numbers)


def boxed(structure: Atoms) -> Atoms:
    """The same in a periodic cell, so wide that no image is seen where there was none."""
    periodic = structure.copy()
    periodic.calc = None
    open_axes = np.flatnonzero(~structure.pbc)
    if len(open_axes):
        periodic.center(vacuum=_APART, axis=tuple(open_axes))
    periodic.pbc = True
    return periodic
