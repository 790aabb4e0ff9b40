"""Rows of the campaign's database, as they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike, NDArray

from engine.core.commands import AnyCommand
from engine.protocols import Flag, FloatArray

REFERENCE = "reference"
"""In place of a model's id, where the reference itself was measured."""


@dataclass(frozen=True)
class Pending:
    """A wish in the inbox that no event answers yet."""

    id: int
    command_id: str
    command: AnyCommand | None
    """None if what was posted is not a command."""


@dataclass(frozen=True)
class Proposed:
    """A proposal's row: energies in eV, `features` the structure's summed descriptor."""

    candidate: str
    ase_id: int
    generator: str
    step: int
    model_id: str
    parent: str | None
    base_energy: float
    features: FloatArray
    flags: tuple[Flag, ...]


@dataclass(frozen=True, eq=False)
class Imported:
    """A label from outside.

    Attributes
    ----------
    source : place of its source in campaign.toml, from 0
    structure : with energy (eV) and, where the source had them, forces (eV/Å) in its calculator
    base_energy : of the universal potential (eV)
    base_forces : (n_atoms, 3) of the universal potential (eV/Å)
    """

    source: int
    structure: Atoms
    base_energy: float
    base_forces: FloatArray


@dataclass(frozen=True)
class Summary:
    """A proposal in one line, with the newest score it has (eV)."""

    candidate: str
    generator: str
    step: int
    parent: str | None
    base_energy: float
    model_id: str | None
    energy: float | None
    energy_std: float | None
    n_flags: int


@dataclass(frozen=True)
class ProposalTable:
    """Proposals as columns, in the order they were found.

    Attributes
    ----------
    candidate, generator : n ids, n chains of searches
    step : (n,)
    base_energy : (n,) eV, of the universal potential
    features : (n, d) summed descriptors
    scores : the newest score of each that has one, by candidate
    """

    candidate: tuple[str, ...]
    generator: tuple[str, ...]
    step: NDArray[np.int64]
    base_energy: FloatArray
    features: FloatArray
    scores: dict[str, NewestScore]


@dataclass(frozen=True)
class NewestScore:
    """What the newest model that looked at a proposal says (eV)."""

    model_id: str
    energy: float
    energy_std: float | None


@dataclass(frozen=True)
class Score:
    """What one model says about one proposal (eV; `atom_std` one value an atom)."""

    candidate: str
    energy: float
    energy_std: float | None
    atom_std: FloatArray | None


@dataclass(frozen=True)
class SearchedSoFar:
    """A search's chain in one line: steps taken, what they cost, and the state the last one left.

    Attributes
    ----------
    seconds, base_seconds : core-seconds of all steps, and those of them in the base potential
    """

    generator: str
    steps: int
    seconds: float
    base_seconds: float
    state: dict[str, Any]


class Walked(NamedTuple):
    """A proposal on a walker's way, with the newest score it has (eV); `walker` None where there are none."""

    walker: int | None
    step: int
    candidate: str
    base_energy: float
    model_id: str | None
    energy: float | None
    energy_std: float | None


@dataclass(frozen=True)
class StoredStep:
    """A search's last finished step and the state it left."""

    generator: str
    step: int
    state: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Measured:
    """What each member of a model's committee, or the reference itself, gives for a crystal's properties.

    Attributes
    ----------
    model_id : of the committee; `REFERENCE` for the reference's own values, of one member
    values : members' values by property, in the units of `engine.properties.unit`; nan where none was found
    volumes : (n,) Å³/atom, of the E–V curve
    energies : (members, n) eV/atom
    trouble : why nothing could be measured, in words; else empty
    """

    model_id: str
    values: Mapping[str, tuple[float, ...]]
    volumes: FloatArray
    energies: FloatArray
    trouble: str = ""

    def body(self) -> str:
        """All but the model's id, as JSON, which has no nan: null."""
        said = {
            "values": {name: _plain(values) for name, values in self.values.items()},
            "volumes": _plain(self.volumes),
            "energies": _plain(self.energies),
            "trouble": self.trouble,
        }
        return json.dumps(said)

    @classmethod
    def of(cls, model_id: str, body: str) -> Measured:
        """Inverse of `body`."""
        said = json.loads(body)
        values = {name: tuple(np.array(found, float).tolist()) for name, found in said["values"].items()}
        volumes, energies = (np.array(said[key], float) for key in ("volumes", "energies"))
        return cls(model_id, values, volumes, energies, said["trouble"])


def _plain(numbers: ArrayLike) -> Any:
    plain = np.array(numbers, dtype=object)
    plain[~np.isfinite(plain.astype(float))] = None
    return plain.tolist()
