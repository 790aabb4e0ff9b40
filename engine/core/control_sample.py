"""What does the control sample say of vetoes? By energies for minima, else by errors: a pure reading.

A control is compared with what was sent: whether it is lower, or was known less well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from engine.core.campaign import BARE_MODEL
from engine.core.candidate import Candidate
from engine.core.curation import Curation

Composition = tuple[int, ...]
"""Atomic numbers of a structure, sorted."""


@dataclass(frozen=True)
class ByEnergy:
    """Controls beside what was sent of their composition; only like is compared with like.

    Attributes
    ----------
    alone : with a label, of a composition of which nothing else was labelled
    higher, lower : than all that was sent
    """

    alone: tuple[str, ...]
    higher: tuple[str, ...]
    lower: tuple[str, ...]


@dataclass(frozen=True)
class ByError:
    """Median distance of a label from what a fitted surrogate said at selection.

    Attributes
    ----------
    control, agreed : eV, or eV an atom; None where no label came of what a fitted surrogate judged
    an_atom : whether they are, because sizes differ
    """

    control: float | None
    agreed: float | None
    an_atom: bool


def by_energy(said: Curation, compositions: Mapping[str, Composition]) -> ByEnergy:
    """Compare labels of the control sample with all that people sent."""
    sent: dict[Composition, float] = {}
    for candidate, label in _labels((*said.agreed.labelled, *said.overruled.labelled)):
        of = compositions[candidate.id]
        sent[of] = min(label, sent.get(of, label))
    controls = [(c.id, label, sent.get(compositions[c.id])) for c, label in _labels(said.control.labelled)]
    return ByEnergy(
        alone=tuple(name for name, _, lowest in controls if lowest is None),
        higher=tuple(name for name, label, lowest in controls if lowest is not None and label >= lowest),
        lower=tuple(name for name, label, lowest in controls if lowest is not None and label < lowest),
    )


def by_error(said: Curation, compositions: Mapping[str, Composition]) -> ByError:
    """Compare errors of the control sample with those of what passed all checks and was sent.

    What was selected before the first fit is left out: there the surrogate knew nothing of the reference.
    """
    both = said.control.labelled, said.agreed.labelled
    control, agreed = ([c for c in group if c.model_id != BARE_MODEL] for group in both)
    an_atom = len({len(compositions[c.id]) for c in (*control, *agreed)}) > 1

    def error(group: Sequence[Candidate]) -> float | None:
        sizes = {c.id: len(compositions[c.id]) if an_atom else 1 for c in group}
        errors = [abs(label - c.energy_eV) / sizes[c.id] for c, label in _labels(group)]
        return median(errors) if errors else None

    return ByError(error(control), error(agreed), an_atom)


def _labels(group: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    return [(c, c.label_eV) for c in group if c.label_eV is not None]
