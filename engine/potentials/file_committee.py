"""A committee of universal potentials in files: MACE or CHGNet, fine-tuned or not.

They were trained before; of the labels they learn their zeros of energy alone, an offset an atom of each
species by least squares, for each member its own. Their spread is what the trainings left open.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from numpy.typing import NDArray

from engine import durable, registry
from engine.config import CommitteeSettings, DeltaSettings
from engine.descriptors import SOAP
from engine.errors import CampaignError, StructureError
from engine.potentials.independent_members import IndependentMembers
from engine.potentials.model_file import model_file
from engine.potentials.remembered import Remembered
from engine.programs import sha256
from engine.protocols import Committee, FloatArray, Potential, Prediction


@dataclass(frozen=True, eq=False)
class FileMember:
    """One model, with its zero of energy moved to that of the labels.

    Attributes
    ----------
    model : as it is in its file
    numbers : (n_species,) atomic numbers
    offsets : (n_species,) eV an atom
    """

    model: Remembered
    numbers: NDArray[np.int64]
    offsets: FloatArray

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Energy (eV), forces (eV/Å) and stress (eV/Å³); one member alone has no uncertainty.

        Raises
        ------
        StructureError
            if the model does not know an element
        """
        said = self.model.said(structures)
        energy = np.array([one.energy for one in said], dtype=float)
        stress = np.array([one.stress for one in said]).reshape(-1, 6)
        shift = _counts(structures, self.numbers) @ self.offsets
        return Prediction(energy + shift, tuple(one.forces for one in said), stress=stress)

    def local_energies(self, structures: Sequence[Atoms]) -> tuple[FloatArray, ...]:
        """Each atom's part of the energy, its offset included: n arrays (n_atoms,) eV."""
        said = self.model.said(structures)
        return tuple(
            one.local + (structure.numbers[:, None] == self.numbers) @ self.offsets
            for one, structure in zip(said, structures, strict=True)
        )


@dataclass(frozen=True, eq=False)
class FileCommittee(IndependentMembers):
    """Models in files; `fit` makes one, nothing changes it.

    Attributes
    ----------
    models : the members
    settings : kind, files and device
    digests : SHA-256 of each file
    soap : descriptor of structures, for those who compare them
    """

    models: tuple[FileMember, ...]
    settings: CommitteeSettings
    digests: tuple[str, ...]
    soap: SOAP

    @classmethod
    def fit(
        cls,
        structures: Sequence[Atoms],
        energies: FloatArray,
        settings: CommitteeSettings,
        delta: DeltaSettings,
        *,
        species: Sequence[str] = (),
    ) -> FileCommittee:
        """Find the offsets.

        Parameters
        ----------
        structures : n structures
        energies : (n,) eV
        settings : kind, files and device
        delta : settings of the descriptor
        species : elements to be ready for, beside those of the structures

        Raises
        ------
        StructureError
            if there is nothing to fit, an energy is not finite, or a member does not know an element
        ConfigError
            if a file cannot be opened
        """
        if len(structures) == 0:
            raise StructureError("a committee needs at least one labelled structure")
        energies = np.asarray(energies, dtype=float)
        if len(energies) != len(structures) or not np.isfinite(energies).all():
            raise StructureError("a committee cannot be fitted to an energy that is not finite")
        symbols = sorted({*species, *(symbol for structure in structures for symbol in structure.symbols)})
        soap = SOAP(delta, tuple(symbols))
        numbers = _numbers(soap)
        counts = _counts(structures, numbers)
        models = []
        for model in _opened(settings):
            said = np.array([one.energy for one in model.said(structures)])
            offsets = np.linalg.lstsq(counts, energies - said, rcond=None)[0].astype(float)
            models.append(FileMember(model, numbers, offsets))
        return cls(tuple(models), settings, _digests(settings), soap)

    def summed_features(self, structures: Sequence[Atoms]) -> FloatArray:
        """Descriptors summed over each structure's atoms, (n, d)."""
        return np.array([self.soap.features(structure).sum(axis=0) for structure in structures])

    def save(self, path: Path) -> None:
        """Write what was learnt, and which files it belongs to, as ``.npz``; they stay where they are."""
        arrays: dict[str, Any] = {
            "committee": np.array(self.settings.model_dump_json()),
            "delta": np.array(self.soap.settings.model_dump_json()),
            "species": np.array(self.soap.species),
            "digests": np.array(self.digests),
            "offsets": np.stack([model.offsets for model in self.models]),
            "z": self.z,
        }
        durable.replace(path, lambda file: np.savez(file, **arrays))

    @classmethod
    def load(cls, path: Path) -> FileCommittee:
        """Read what `save` wrote, and open the files that it names.

        Raises
        ------
        CampaignError
            if `path` is not such a file, or one of the models' files is not what it was
        ConfigError
            if one of them cannot be opened
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                settings = CommitteeSettings.model_validate_json(str(file["committee"]))
                delta = DeltaSettings.model_validate_json(str(file["delta"]))
                species = tuple(str(symbol) for symbol in file["species"])
                digests = tuple(str(digest) for digest in file["digests"])
                offsets, z = file["offsets"], file["z"]
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise CampaignError(f"{path} is not a committee that can be read: {error}") from error
        for name, before, now in zip(settings.files, digests, _digests(settings), strict=True):
            if before != now:
                raise CampaignError(f"{name} has changed since {path.stem} was fitted with it")
        soap = SOAP(delta, species)
        numbers = _numbers(soap)
        opened = zip(_opened(settings), offsets, strict=True)
        return cls(
            tuple(FileMember(model, numbers, own) for model, own in opened), settings, digests, soap, z=z
        )


def _opened(settings: CommitteeSettings) -> list[Remembered]:
    """The members' models, each opened once in a process."""
    more = {"device": settings.device} if settings.kind == "mace" else {}
    return [
        _open(settings.kind, json.dumps({"model": name, **more}), digest)
        for name, digest in zip(settings.files, _digests(settings), strict=True)
    ]


@lru_cache(maxsize=32)
def _open(kind: str, settings: str, digest: str) -> Remembered:  # noqa: ARG001 - key
    return Remembered(registry.make("potentials", kind, settings=json.loads(settings)))


def _digests(settings: CommitteeSettings) -> tuple[str, ...]:
    return tuple(sha256(model_file(settings.kind, name)) for name in settings.files)


def _numbers(soap: SOAP) -> NDArray[np.int64]:
    return np.array([atomic_numbers[symbol] for symbol in soap.species], dtype=np.int64)


def _counts(structures: Sequence[Atoms], numbers: NDArray[np.int64]) -> FloatArray:
    """Atoms of each species, (n, n_species)."""
    counted = [(structure.numbers[:, None] == numbers).sum(axis=0) for structure in structures]
    return np.array(counted, dtype=float).reshape(-1, len(numbers))


_: type[Potential] = FileMember
__: type[Committee] = FileCommittee
