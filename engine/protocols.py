"""The extension points, on one page.

Implementations do not inherit from these classes: a typed assertion at the foot of each file and the
contract tests in ``tests/contracts`` prove them. Built-in ones have one line in :mod:`engine.registry`;
strangers' come by entry points of the same group names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ase import Atoms

FloatArray: TypeAlias = NDArray[np.float64]
State: TypeAlias = Mapping[str, Any]
"""A search's memory between two steps: plain JSON, saved with every step."""


@dataclass(frozen=True)
class Prediction:
    """What a potential says about ``n`` structures.

    Attributes
    ----------
    energy : (n,) eV
    forces : n arrays of (n_atoms, 3) eV/Å
    energy_std : (n,) eV, or None from a potential without an uncertainty
    local_std : gives `atom_std`; a relaxation never asks for it, and it costs more than all the rest
    stress : (n, 6) eV/Å³ in Voigt's order xx yy zz yz xz xy, tension positive, NaN without a whole cell; or
        None from a potential that does not say
    """

    energy: FloatArray
    forces: tuple[FloatArray, ...]
    energy_std: FloatArray | None = None
    local_std: Callable[[], tuple[FloatArray, ...]] | None = None
    stress: FloatArray | None = None

    @cached_property
    def atom_std(self) -> tuple[FloatArray, ...] | None:
        """Standard deviation of each atom's part of the energy: n arrays of (n_atoms,) eV, or None."""
        return None if self.local_std is None else self.local_std()


class Potential(Protocol):
    """Energies and forces of many structures at once: that is where the speed is."""

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Energies (eV) and forces (eV/Å) of ``structures``, which stay untouched."""
        ...


@dataclass(frozen=True)
class MemberPredictions:
    """What each of ``K`` members of a committee says about ``n`` structures.

    Attributes
    ----------
    energy : (K, n) eV
    forces : n arrays of (K, n_atoms, 3) eV/Å
    stress : (K, n, 6) eV/Å³ in Voigt's order xx yy zz yz xz xy, tension positive; NaN without a whole cell
    whole : (n,) eV, of one more model that is fitted to all data where each member is to a part; else None
    local_std : gives `atom_std`
    """

    energy: FloatArray
    forces: tuple[FloatArray, ...]
    stress: FloatArray
    whole: FloatArray | None = None
    local_std: Callable[[], tuple[FloatArray, ...]] | None = None

    @cached_property
    def atom_std(self) -> tuple[FloatArray, ...] | None:
        """Standard deviation over members of each atom's part of the energy: n arrays (n_atoms,) eV, or None.

        As the members say it, without the factor that calibrates a committee's own prediction.
        """
        return None if self.local_std is None else self.local_std()


class Committee(Potential, Protocol):
    """Several models of the same data; as a potential it is their mean, its uncertainty their spread."""

    @property
    def n_members(self) -> int:
        """Number of members, at least 2."""
        ...

    def members(self, structures: Sequence[Atoms]) -> MemberPredictions:
        """What each member says; ``structures`` stay untouched."""
        ...

    def member(self, index: int) -> Potential:
        """One member alone, from 0."""
        ...


@dataclass(frozen=True)
class Proposal:
    """A structure that a search offers; it costs nothing yet.

    Attributes
    ----------
    structure : relaxed in the surrogate it was found with, unless the search offers it as it is
    parent : id of the candidate it came from, if any
    fmax : largest force left on it in the surface that it was relaxed on (eV/Å), if that is not the surrogate
    walker : which of the search's walkers came to it, from 0; None where there are none
    """

    structure: Atoms
    parent: str | None = None
    fmax: float | None = None
    walker: int | None = None


Structures: TypeAlias = Callable[[], "Sequence[Atoms]"]


@dataclass(frozen=True)
class Archive:
    """What a campaign holds already, for searches that look at it; nothing is read before it is called.

    Attributes
    ----------
    labelled : structures with a label, their energies (eV) and forces by their calculators
    others : what other chains of the same search proposed of late, labelled or not
    """

    labelled: Structures = list
    others: Structures = list


EMPTY = Archive()


class Generator(Protocol):
    """A search: proposes structures, never spends a reference calculation."""

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first step, in the campaign's start structure if it names one."""
        ...

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator, archive: Archive = EMPTY
    ) -> tuple[State, list[Proposal]]:
        """One step in ``potential``; the same arguments give the same result.

        A search that breeds from labels, or shuns what is known, asks the archive for them.
        """
        ...


@dataclass(frozen=True)
class Flag:
    """Why a structure looks wrong; a person may overrule it, and that is written down."""

    check: str
    reason: str


@dataclass(frozen=True)
class Known:
    """A structure that was proposed before, labelled or not.

    Attributes
    ----------
    candidate : its id
    energy : of the universal potential (eV), which no refit changes
    features : (d,) descriptors summed over its atoms
    """

    candidate: str
    energy: float
    features: FloatArray


@dataclass(frozen=True)
class Examined:
    """What a check knows of a proposal.

    Attributes
    ----------
    structure : as it is proposed
    energy : of the universal potential (eV)
    fmax : largest force on an atom that may move, in the surface it was relaxed on (eV/Å)
    features : (d,) descriptors summed over its atoms
    known : those proposed before whose energy lies within ``checks.duplicate_energy``
    """

    structure: Atoms
    energy: float
    fmax: float
    features: FloatArray
    known: Sequence[Known] = ()


class Check(Protocol):
    """Looks at one proposal and says what is wrong with it, if anything; made with `ChecksSettings`."""

    def __call__(self, examined: Examined) -> Flag | None:
        """Return a flag with its reason, or None."""
        ...


@dataclass(frozen=True)
class Provenance:
    """What a label was calculated with: program or package, its version, and its settings (plain JSON)."""

    code: str
    version: str
    settings: Mapping[str, Any]


class Reference(Protocol):
    """Makes the ASE calculator that a paid label comes from."""

    def calculator(self) -> Any:
        """Return a fresh ASE calculator; called inside the job, never in the server."""
        ...

    def provenance(self) -> Provenance:
        """Say what the labels are calculated with."""
        ...


@dataclass(frozen=True)
class Pool:
    """What an acquisition rule knows of ``n`` proposals.

    Attributes
    ----------
    energy : (n,) eV, of the surrogate
    energy_std : (n,) eV, or None from a surrogate without an uncertainty
    features : (n, d) descriptors summed over each structure's atoms
    known_features : (n_known, d) those of structures that are labelled or on their way
    n_flags : (n,) failed checks of each
    n_atoms : (n,), or None where all have the same number
    committee : (K, n) eV, of a committee's members, or None from a surrogate that has none
    whole : (n,) eV, of a model fitted to all data where the members are to a part; None: their mean stands
    responses : (K, n, k) what the members say of k properties, each in its unit; or None
    scales : (k,) target accuracy of each, in its unit; None with `responses` alone
    """

    energy: FloatArray
    energy_std: FloatArray | None
    features: FloatArray
    known_features: FloatArray
    n_flags: NDArray[np.int64]
    n_atoms: NDArray[np.int64] | None = None
    committee: FloatArray | None = None
    whole: FloatArray | None = None
    responses: FloatArray | None = None
    scales: FloatArray | None = None


@dataclass(frozen=True)
class Pick:
    """One choice of an acquisition rule, and why.

    Attributes
    ----------
    index : place in the pool
    utility : what the rule maximised, given the picks before
    terms : what speaks for and against it (eV)
    """

    index: int
    utility: float
    terms: dict[str, float]


class Acquisition(Protocol):
    """A rule that picks the proposals a person is asked about."""

    def select(self, pool: Pool, count: int, rng: np.random.Generator) -> list[Pick]:
        """Return at most `count` picks, best first; no index twice."""
        ...
