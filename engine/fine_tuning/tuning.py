"""The members of a committee, one after another; what they were made of is written beside them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from engine import registry
from engine.errors import ConfigError
from engine.fine_tuning.labels import TrainingData, moved, read_labels
from engine.programs import sha256
from engine.protocols import Potential

MANIFEST = "manifest.json"
SUFFIX = {"mace": ".model", "chgnet": ".pth.tar"}
BASE = {"mace": "mace-mp-0-small", "chgnet": "chgnet-0.3.0"}
"""Where a fine-tuning starts from, unless told otherwise."""
PACKAGES = {"mace": ("mace-torch", "torch"), "chgnet": ("chgnet", "torch")}


@dataclass(frozen=True)
class Tuning:
    """How a committee is fine-tuned.

    Attributes
    ----------
    kind : whose trainer
    base : registered name, or whole path of a file, of the potential that all members start from
    members : models, whose seeds and whose parts of the labels differ
    epochs : passes through the labels
    subsample : part of the labels that each learns from; it is judged by the others
    batch : labels of one step
    learning_rate : first step length of Adam
    device : cpu, cuda …
    seed : of the first member; one more for each other
    """

    kind: Literal["mace", "chgnet"]
    base: str
    members: int
    epochs: int
    subsample: float = 0.8
    batch: int = 5
    learning_rate: float = 1e-3
    device: str = "cpu"
    seed: int = 1


@dataclass(frozen=True)
class Tuned:
    """One member.

    Attributes
    ----------
    file : its weights
    sha256 : of that file
    seed : of its shuffling, and of the part that it learnt from
    learnt, judged : numbers of the labels, in the campaign's order, that it learnt from and was judged by
    seconds : that it took
    """

    file: str
    sha256: str
    seed: int
    learnt: tuple[int, ...]
    judged: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, eq=False)
class Training:
    """What a trainer is given for one member.

    Attributes
    ----------
    learnt, judged : what it is trained on, and what picks its best epoch
    tuning : how
    seed : of its shuffling
    work : an empty folder
    file : of weights, to be written
    """

    learnt: TrainingData
    judged: TrainingData
    tuning: Tuning
    seed: int
    work: Path
    file: Path

    @property
    def log(self) -> Path:
        """Where what the trainer says is kept."""
        return self.file.with_name(f"{self.file.name}.log")


Trainer = Callable[[Training], None]
"""Writes the weights of one member."""


def fine_tune(
    folder: Path, asked: Tuning, out: Path, watch: Callable[[Tuned], None] = lambda _: None
) -> list[Tuned]:
    """Fine-tune a committee to a campaign's labels; its files and a manifest are written to `out`.

    Parameters
    ----------
    folder : of the campaign, which may be running
    asked : how
    out : folder that holds no committee yet
    watch : told of each member

    Raises
    ------
    CampaignError
        if there are too few labels
    ConfigError
        if the potential cannot be opened, `out` is taken, or the trainer fails
    """
    if (out / MANIFEST).exists():
        raise ConfigError(f"{out} holds a committee already: name another folder")
    labels = read_labels(folder)
    data, offsets = moved(labels, _base(asked))
    train = _trainer(asked.kind)
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for member in range(asked.members):
        seed = asked.seed + member
        learnt, judged = parts(len(labels), asked.subsample, seed)
        started = time.monotonic()
        file = (out / f"{asked.kind}-{member}{SUFFIX[asked.kind]}").resolve()
        with TemporaryDirectory(dir=out, prefix=".training-") as work:
            train(Training(data[learnt], data[judged], asked, seed, Path(work), file))
        seconds = round(time.monotonic() - started, 1)
        own = (tuple(learnt.tolist()), tuple(judged.tolist()))
        made.append(Tuned(str(file), sha256(file), seed, *own, seconds))
        watch(made[-1])
    (out / MANIFEST).write_text(json.dumps(_manifest(folder, asked, offsets, made), indent=2) + "\n")
    return made


def parts(n: int, subsample: float, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Numbers of the labels that a member learns from, and of the others; at least one of each."""
    order = np.random.default_rng(seed).permutation(n)
    count = min(max(1, round(subsample * n)), n - 1)
    return np.sort(order[:count]), np.sort(order[count:])


def _base(asked: Tuning) -> Potential:
    """What all start from, where it will be trained."""
    from engine.potentials.device import device_of  # with torch

    device_of(asked.kind, asked.device)
    if Path(asked.base).is_absolute():
        return _made(asked.kind, {"model": asked.base}, asked)
    if not asked.base.startswith(f"{asked.kind}-"):
        names = [name for name in registry.names("potentials") if name.startswith(f"{asked.kind}-")]
        raise ConfigError(
            f"{asked.kind}'s trainer cannot start from {asked.base!r}: give the whole path of a file, or one "
            f"of {', '.join(names)}"
        )
    return _made(asked.base, {}, asked)


def _made(name: str, settings: dict[str, Any], asked: Tuning) -> Potential:
    device = {"device": asked.device} if asked.kind == "mace" else {}
    made: Potential = registry.make("potentials", name, settings={**settings, **device})
    return made


def _trainer(kind: str) -> Trainer:
    # each brings its package, and torch
    if kind == "mace":
        from engine.fine_tuning.mace import train
    else:
        from engine.fine_tuning.chgnet import train
    return train


def _manifest(folder: Path, asked: Tuning, offsets: dict[str, float], made: list[Tuned]) -> dict[str, Any]:
    base = Path(asked.base)
    return {
        "schema_version": 1,
        "campaign": str(folder.resolve()),
        "settings": asdict(asked),
        "base_sha256": sha256(base) if base.is_absolute() else None,
        "versions": {package: version(package) for package in PACKAGES[asked.kind]},
        "offsets_eV": offsets,
        "members": [asdict(one) for one in made],
    }
