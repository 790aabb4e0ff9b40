"""MACE, by mace-torch's own trainer, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ase.io.extxyz import write_xyz

from engine.errors import ConfigError, one_line
from engine.fine_tuning.labels import TrainingData
from engine.fine_tuning.tuning import Training
from engine.potentials.mace import foundation_file
from engine.registry import find

NAME = "member"


def train(member: Training) -> None:
    """Fine-tune one model and write it.

    Raises
    ------
    ConfigError
        with the trainer's last words if it fails; what it said stands beside the file
    """
    for name, data in (("train", member.learnt), ("valid", member.judged)):
        _write(member.work / f"{name}.xyz", data)
    options = {
        "name": NAME,
        "seed": member.seed,
        "foundation_model": _foundation(member.tuning.base),
        "multiheads_finetuning": False,
        "E0s": "foundation",
        "train_file": member.work / "train.xyz",
        "valid_file": member.work / "valid.xyz",
        "energy_key": "REF_energy",
        "forces_key": "REF_forces",
        "forces_weight": 10.0,
        "max_num_epochs": member.tuning.epochs,
        # what fills no batch is left out
        "batch_size": min(member.tuning.batch, len(member.learnt.structures)),
        "valid_batch_size": member.tuning.batch,
        "lr": member.tuning.learning_rate,
        "device": member.tuning.device,
        "default_dtype": "float64",
        "work_dir": member.work,
        "model_dir": member.work,
        "plot": False,
    }
    command = [sys.executable, "-m", "mace.cli.run_train", *(f"--{k}={v}" for k, v in options.items())]
    # a MACE file is a pickle; the person named this one
    environment = {**os.environ, "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}
    with member.log.open("wb") as said:
        done = subprocess.run(  # nosec B603 - our own words
            command, cwd=member.work, env=environment, stdout=said, stderr=subprocess.STDOUT, check=False
        )
    made = member.work / f"{NAME}.model"
    if done.returncode or not made.is_file():
        last = (member.log.read_text(errors="replace").strip() or "nothing").splitlines()[-1]
        raise ConfigError(f"MACE's trainer failed: {one_line(last)} (what it said: {member.log})")
    made.replace(member.file)


def _foundation(base: str) -> Path:
    if Path(base).is_absolute():
        return Path(base)
    return foundation_file(find("potentials", base).arguments["model"])


def _write(path: Path, data: TrainingData) -> None:
    frames = []
    for structure, energy, forces in zip(data.structures, data.energies, data.forces, strict=True):
        frame = structure.copy()
        frame.info["REF_energy"] = float(energy)
        frame.new_array("REF_forces", forces)
        frames.append(frame)
    with path.open("w", encoding="utf-8") as file:
        write_xyz(file, frames)
