"""Which frames of a trajectory are worth a label: uncertain, viable, and unlike what is known.

Kang, Purcell, Carbogno, Scheffler, arXiv 2409.11808: a frame is taken with probability P_U · P_E, whose means
and standard deviations come from a fixed set of test frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from ase import Atoms
from ase.geometry import find_mic

from engine.config import MDSettings
from engine.math import aligned, energy_probability, force_uncertainty, uncertainty_probability
from engine.potentials.chunks import chunks
from engine.potentials.correction import CommitteeCorrection
from engine.potentials.delta import Delta, DeltaCommittee
from engine.potentials.relax import free_atoms
from engine.protocols import Committee, FloatArray, Potential

FORCE_KINDS = ("max", "mean", "relative-max", "relative-mean")
ENERGY = "energy"
_MOST_ATOMS = 2000  # in one batch


@dataclass(frozen=True)
class Said:
    """What a potential says of ``n`` frames.

    Attributes
    ----------
    energy : (n,) eV an atom
    forces : n arrays (n_atoms, 3) eV/Å
    uncertainties : by kind, (n,) each: the spread of forces in eV/Å, or as a ratio, of a committee alone;
        "energy" in eV an atom; none from a potential without an uncertainty
    """

    energy: FloatArray
    forces: tuple[FloatArray, ...]
    uncertainties: Mapping[str, FloatArray]

    def uncertainty(self, kind: str) -> FloatArray | None:
        """Of this kind (n,), that of the energy where there is no other, or None."""
        return self.uncertainties.get(kind, self.uncertainties.get(ENERGY))


def said_of(frames: Sequence[Atoms], potential: Potential, ground: Atoms | None = None) -> Said:
    """Ask a committee's members, or the potential itself where it has none.

    Parameters
    ----------
    frames : n structures
    potential : a committee, a Δ-model with one, or any other
    ground : each member's energies count from its own energy of this structure
    """
    asked = [*frames] if ground is None else [ground, *frames]
    n_atoms = np.array([len(structure) for structure in asked])
    committee = committee_of(potential)
    batches = chunks(asked, _MOST_ATOMS)
    if committee is None:
        parts = [potential.predict(batch) for batch in batches]
        energy, forces = np.concatenate([p.energy for p in parts]), [f for p in parts for f in p.forces]
        stds = [p.energy_std for p in parts if p.energy_std is not None]
        kinds = {ENERGY: np.concatenate(stds) / n_atoms} if len(stds) == len(parts) else {}
    else:
        members = [committee.members(batch) for batch in batches]
        each = np.concatenate([m.energy for m in members], axis=1) / n_atoms
        if ground is not None:
            each = each - each[:, :1] + each[:, 0].mean()
        every = [f for m in members for f in m.forces]
        energy, forces = n_atoms * each.mean(axis=0), [f.mean(axis=0) for f in every]
        kinds = {kind: np.array([_spread(f, kind) for f in every]) for kind in FORCE_KINDS}
        kinds[ENERGY] = each.std(axis=0)
    first = len(asked) - len(frames)
    return Said(
        energy=(energy / n_atoms)[first:],
        forces=tuple(forces[first:]),
        uncertainties={kind: values[first:] for kind, values in kinds.items()},
    )


def committee_of(potential: Potential) -> Committee | None:
    """The committee that a potential is, or is corrected by."""
    if isinstance(potential, Delta) and hasattr(potential.correction, "members"):
        return DeltaCommittee(potential.base, cast("CommitteeCorrection", potential.correction))
    return cast("Committee", potential) if hasattr(potential, "members") else None


def _spread(forces: FloatArray, kind: str) -> float:
    shape, relative = ("max" if kind.endswith("max") else "mean"), kind.startswith("relative")
    return float(force_uncertainty(forces, shape, relative=relative))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Acceptance:
    """The two probabilities, with the numbers of the test frames.

    Attributes
    ----------
    settings : which uncertainty, and the forms of both probabilities
    energy : mean and standard deviation over the test frames (eV an atom)
    uncertainty : the same, in the unit of its kind; None where the potential has none
    """

    settings: MDSettings
    energy: tuple[float, float]
    uncertainty: tuple[float, float] | None

    @classmethod
    def of(cls, test: Said, settings: MDSettings) -> Acceptance:
        """Take the numbers of what is said of the test frames."""
        u = test.uncertainty(settings.uncertainty)
        return cls(settings, _moments(test.energy), None if u is None else _moments(u))

    def probabilities(self, said: Said) -> tuple[FloatArray, FloatArray]:
        """P_U and P_E of each frame; 1 where the test frames have no spread, or there is no uncertainty."""
        settings, u = self.settings, said.uncertainty(self.settings.uncertainty)
        of_energy, of_uncertainty = np.ones(len(said.energy)), np.ones(len(said.energy))
        if self.energy[1] > 0:
            of_energy = energy_probability(said.energy, *self.energy, settings.viability)
        if u is not None and self.uncertainty is not None and self.uncertainty[1] > 0:
            of_uncertainty = uncertainty_probability(u, *self.uncertainty, settings.shift, settings.grad)
        return of_uncertainty, of_energy

    def statistics(self, test: Said) -> dict[str, Any]:
        """Mean and standard deviation over the test frames: energy, uncertainty, how probably one passes."""
        of_uncertainty, of_energy = self.probabilities(test)
        accepted = _moments(of_uncertainty * of_energy)
        return {"energy": self.energy, "uncertainty": self.uncertainty, "acceptance": accepted}


def _moments(values: FloatArray) -> tuple[float, float]:
    return float(values.mean()), float(values.std())


def distance(first: Atoms, second: Atoms) -> float:
    """Root mean square of `displacements` (Å); infinite of other cells or atoms."""
    if not comparable(first, second):
        return np.inf
    return float(np.sqrt((displacements(first, second) ** 2).sum(axis=1).mean()))


def farthest(first: Atoms, second: Atoms) -> float:
    """Largest of `displacements` (Å); infinite of other cells or atoms."""
    if not comparable(first, second):
        return np.inf
    return float(np.linalg.norm(displacements(first, second), axis=1).max())


def comparable(first: Atoms, second: Atoms) -> bool:
    """Whether their atoms can be compared one by one: the same ones, in the same cell."""
    alike = len(first) == len(second) and (first.numbers == second.numbers).all()
    return bool(alike and (first.pbc == second.pbc).all() and np.allclose(first.cell, second.cell, atol=1e-3))


def displacements(structure: Atoms, sites: Atoms) -> FloatArray:
    """From their sites to the atoms (n_atoms, 3) Å, by the shortest way, without a drift of the whole.

    Nor its rotation, where nothing is periodic or fixed.
    """
    if not structure.pbc.any() and free_atoms(structure).all():
        turned: FloatArray = aligned(structure.positions, sites.positions) - sites.positions
        return turned
    away, _ = find_mic(structure.positions - sites.positions, structure.cell, structure.pbc)
    found = np.asarray(away, dtype=float)
    return found - found.mean(axis=0) if free_atoms(structure).all() else found


def in_words(terms: Mapping[str, float]) -> str:
    """Why a frame was taken, from its terms."""
    spreads = {
        "u-max": "largest spread of forces {:.3f} eV/Å",
        "u-energy": "σ of the energy {:.4f} eV an atom",
    }
    said = [words.format(terms[name]) for name, words in spreads.items() if name in terms][:1]
    said.append(f"P = {terms['P_U']:.3f} for its uncertainty × {terms['P_E']:.3f} for its energy")
    said.append(f"{terms['draw']:.3f} was drawn")
    if "anharmonicity" in terms:
        said.append(f"σᴬ = {terms['anharmonicity']:.2f}")
    return f" A frame of molecular dynamics: {', '.join(said)}."
