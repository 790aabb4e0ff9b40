"""The sparse GPR on Ag12S6: fits, predictions, one structure more, and errors on structures it has not seen.

The targets are the difference of two models of different functionals, CHGNet r2SCAN − PBE: a real Δ that
costs milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from rich.table import Table

from engine.config import DeltaSettings
from engine.potentials.chgnet import CHGNet
from engine.potentials.sparse_gpr import SparseGPR
from tests.benchmarks.timing import Scale, median_seconds, relaxing_clusters

VARIANTS = {
    "energies": DeltaSettings(),
    "energies + forces": DeltaSettings(forces=True, length_scale=160.0),
    "… farthest-point": DeltaSettings(forces=True, length_scale=160.0, inducing="farthest-point"),
}


@dataclass(frozen=True, eq=False)
class Data:
    """Structures with the differences a Δ-model learns: (n,) eV and n arrays (n_atoms, 3) eV/Å."""

    structures: list[Atoms]
    energies: np.ndarray
    forces: list[np.ndarray]

    def __getitem__(self, part: slice) -> Data:
        return Data(self.structures[part], self.energies[part], self.forces[part])

    def fit(self, settings: DeltaSettings) -> SparseGPR:
        """Fit a Δ-model."""
        return SparseGPR.fit(self.structures, self.energies, settings, self.forces)


def table(scale: Scale, chgnet: CHGNet) -> Table:
    """Seconds and errors by size of the training set and by what is fitted."""
    data = differences(relaxing_clusters("Ag12S6", max(scale.training) + scale.held_out, chgnet, 5), chgnet)
    held_out = data[-scale.held_out :]
    spread = 1e3 * held_out.energies.std() / 18
    result = Table(
        title=f"Δ-model on Ag12S6 (medians; MAE on held-out structures; spread {spread:.1f} meV/atom)"
    )
    for column in (
        "training set",
        "fitted to",
        "points",
        "fit (s)",
        "add 1 (ms)",
        "E + F + σ (ms, batch of 10)",
        "E (meV/atom)",
        "F (eV/Å)",
    ):
        result.add_column(column, justify="right")
    for size in scale.training:
        for name, settings in VARIANTS.items():
            train, one = data[:size], held_out[:1]
            fit = median_seconds(lambda t=train, s=settings: t.fit(s), 3)
            model = train.fit(settings)
            add = median_seconds(lambda m=model, o=one: m.add(o.structures, o.energies, o.forces), 5)
            batch = median_seconds(lambda m=model: m.predict(held_out.structures[:10]), scale.repeats) / 10
            energy, force = errors(model, held_out)
            result.add_row(
                str(size),
                name,
                str(len(model.inducing)),
                f"{fit:.2f}",
                f"{1e3 * add:.0f}",
                f"{1e3 * batch:.2f}",
                f"{1e3 * energy:.1f}",
                f"{force:.3f}",
            )
    return result


def differences(structures: list[Atoms], chgnet: CHGNet) -> Data:
    """R2SCAN − PBE by CHGNet."""
    other, base = CHGNet("r2scan").predict(structures), chgnet.predict(structures)
    forces = [a - b for a, b in zip(other.forces, base.forces, strict=True)]
    return Data(structures, other.energy - base.energy, forces)


def errors(model: SparseGPR, data: Data) -> tuple[float, float]:
    """Mean absolute errors: eV/atom, eV/Å."""
    prediction = model.predict(data.structures)
    n_atoms = np.array([len(structure) for structure in data.structures])
    energy = np.abs((prediction.energy - data.energies) / n_atoms).mean()
    return float(energy), float(
        np.abs(np.concatenate(prediction.forces) - np.concatenate(data.forces)).mean()
    )
