"""A committee of neural networks on symmetry functions, with forces and stress.

Behler & Parrinello, Phys. Rev. Lett. 98, 146401 (2007); all members are trained at once, see
:mod:`engine.potentials.network_training`. Their targets are differences, reference − base: with no potential
underneath, the whole energy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ase import Atoms
from numpy.typing import NDArray

from assets import asset
from engine import durable
from engine.config import CommitteeSettings, SymmetryFunctions
from engine.descriptors.acsf import ACSF, Environments
from engine.errors import CampaignError, StructureError
from engine.math import GPA, lower_bound_weights
from engine.potentials.calibrated import Calibrated
from engine.potentials.chunks import chunks
from engine.potentials.network_inputs import CHUNK, Standardisation, counts, described
from engine.potentials.network_training import (
    Tensor,
    TrainingSet,
    Weights,
    initial_weights,
    local_energies,
    train,
)
from engine.potentials.stress import voigt_stress
from engine.potentials.training_rows import checked_forces, checked_stress
from engine.protocols import Committee, FloatArray, MemberPredictions, Potential, Prediction

_SCORED = 1 << 12  # atoms whose networks are evaluated together, from features


@dataclass(frozen=True, eq=False)
class NetworkCommittee(Calibrated):
    """Fitted networks; `fit` makes one, nothing changes it.

    Attributes
    ----------
    acsf : descriptor
    settings : it was fitted with
    standard : from features to the networks' inputs
    weights : of the members, and behind them of the whole-data model if there is one
    scale : unit of the networks' output (eV)
    offsets : (n_species,) eV an atom, by least squares
    """

    acsf: ACSF
    settings: CommitteeSettings
    standard: Standardisation
    weights: Weights
    scale: float
    offsets: FloatArray

    @classmethod
    def fit(
        cls,
        structures: Sequence[Atoms],
        energies: FloatArray,
        settings: CommitteeSettings,
        forces: Sequence[FloatArray] | None = None,
        stress: FloatArray | None = None,
        *,
        species: Sequence[str] = (),
        seed: int = 0,
        functions: SymmetryFunctions | None = None,
    ) -> NetworkCommittee:
        """Fit to differences, reference − base, of energies, forces and stress.

        Parameters
        ----------
        structures : n structures
        energies : (n,) eV
        settings : of the committee; with ``subsample`` below 1 one more network is fitted to all structures
        forces : n arrays (n_atoms, 3) eV/Å, or None to fit energies alone
        stress : (n, 6) eV/Å³ in Voigt's order, NaN for structures that have none; None: of none
        species : elements to be ready for, beside those of the structures
        seed : of initial weights, subsamples, directions and the order of structures
        functions : that describe atoms; None: the assumed-37 set

        Raises
        ------
        StructureError
            if there is nothing to fit, or a structure, an energy, a force or a stress cannot be used
        """
        if len(structures) == 0:
            raise StructureError("a committee needs at least one labelled structure")
        energies = np.asarray(energies, dtype=float)
        if len(energies) != len(structures) or not np.isfinite(energies).all():
            raise StructureError("a committee cannot be fitted to an energy that is not finite")
        symbols = {*species, *(symbol for structure in structures for symbol in structure.symbols)}
        functions = functions or SymmetryFunctions.read(asset("descriptors/assumed-37.toml"))
        acsf = ACSF(functions, tuple(symbols))
        scale, projected = 0.0, [np.empty((0, len(structure), 3)) for structure in structures]
        if forces is not None:
            given = checked_forces(structures, forces)
            scale = _root_mean_square(np.concatenate(given))
            projected = [np.tile(f.reshape(-1, 3), (settings.directions, 1, 1)) for f in given]
        noise = (settings.noise_force, settings.noise_stress / GPA)
        fitted = checked_stress(structures, stress) if noise[1] > 0 else None
        rng = np.random.default_rng(seed)
        raw = described(acsf, structures, energies, projected, noise=noise, rng=rng, stress=fitted)
        counted = counts(raw.kinds, raw.n_atoms, len(acsf.species))
        offsets = np.linalg.lstsq(counted, energies, rcond=None)[0].astype(float)
        remaining = energies - counted @ offsets
        scale = scale or _root_mean_square(remaining / np.sqrt(raw.n_atoms.numpy())) or 1.0
        standard = Standardisation.of(raw.inputs.numpy(), raw.kinds.numpy(), len(acsf.species))
        data = TrainingSet(
            inputs=standard.inputs(raw.inputs, raw.kinds),
            kinds=raw.kinds,
            n_atoms=raw.n_atoms,
            energies=torch.as_tensor(remaining / scale),
            changes=standard.changes(raw.changes, raw.kinds),
            slopes=raw.slopes / scale,
            precision=raw.precision,
        )
        used = _samples(len(structures), settings, seed)
        start = initial_weights(acsf.n_features, len(acsf.species), settings, len(used), seed)
        weights = train(data, start, used, settings, scale=scale, seed=seed)
        return cls(acsf, settings, standard, weights, scale, offsets)

    @property
    def n_members(self) -> int:
        """Number of members; the whole-data model is none."""
        return self.settings.members

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Mean energy (eV), forces (eV/Å) and stress (eV/Å³); standard deviations of the members (eV).

        Raises
        ------
        StructureError
            if an element is neither in the training set nor one it was made ready for
        """
        return self.lower_bound(structures, kappa=0.0)

    def lower_bound(self, structures: Sequence[Atoms], kappa: float) -> Prediction:
        """E − κσ (eV) with its forces (eV/Å) and stress (eV/Å³), and standard deviations as `predict`.

        Raises
        ------
        StructureError
            as `predict`
        """
        parts = [self._bound(chunk, kappa * self.std_scale) for chunk in chunks(structures, CHUNK)]
        local = [local for *_, local in parts]
        return Prediction(
            np.concatenate([np.empty(0), *(energy for energy, *_ in parts)]),
            tuple(f for _, forces, *_ in parts for f in forces),
            self.std_scale * np.concatenate([np.empty(0), *(std for *_, std, _ in parts)]),
            partial(_atom_std, local, self.std_scale, [len(structure) for structure in structures]),
            np.concatenate([np.empty((0, 6)), *(stress for _, _, stress, *_ in parts)]),
        )

    def members(self, structures: Sequence[Atoms]) -> MemberPredictions:
        """Energies (eV), forces (eV/Å) and stress (eV/Å³) of each member; energies of the whole-data model.

        Raises
        ------
        StructureError
            as `predict`
        """
        return self._said(structures, range(self.n_members))

    def member(self, index: int) -> NetworkMember:
        """One member alone."""
        return NetworkMember(self, range(self.n_members)[index])

    def energies_from_features(
        self, features: FloatArray, n_atoms: NDArray[np.int64], kinds: NDArray[np.int64] | None = None
    ) -> tuple[FloatArray, FloatArray | None]:
        """Energies of many structures whose features are at hand, in single precision.

        Parameters
        ----------
        features : (Σ n_atoms, d) of the atoms of all structures, one after the other; may be a memory map
        n_atoms : (n,) none of them 0
        kinds : (Σ n_atoms,) index of each atom's species in ``acsf.species``; None if there is one species

        Returns
        -------
        energies : (K, n) eV
        whole : (n,) eV of the whole-data model, or None
        """
        n_atoms = np.asarray(n_atoms)
        stops = np.cumsum(n_atoms)
        matrix = torch.as_tensor(self.standard.transform)[:, None] @ self.weights[0]
        weights = tuple(array.float() for array in (matrix, *self.weights[1:]))
        mean = torch.as_tensor(self.standard.mean).float()
        energies = np.empty((weights[0].shape[1], len(n_atoms)))
        first = 0
        while first < len(n_atoms):
            begin = stops[first] - n_atoms[first]
            last = max(first + 1, int(np.searchsorted(stops, begin + _SCORED, side="right")))
            rows, sizes = slice(begin, stops[last - 1]), torch.as_tensor(n_atoms[first:last])
            of = torch.as_tensor(
                np.zeros(rows.stop - begin, dtype=np.int64) if kinds is None else kinds[rows]
            )
            inputs = torch.as_tensor(features[rows]).float() - mean[of]
            local = local_energies(weights, of, inputs)
            energies[:, first:last] = self._summed(local, of, sizes)
            first = last
        return self._split(energies)

    def summed_features(self, structures: Sequence[Atoms]) -> FloatArray:
        """Descriptors summed over each structure's atoms, (n, d)."""
        return np.array([features.sum(axis=0) for features in self.acsf.features(structures)])

    def save(self, path: Path) -> None:
        """Write arrays and settings as ``.npz``."""
        arrays: dict[str, Any] = {
            "settings": np.array(self.settings.model_dump_json()),
            "functions": np.array(self.acsf.functions.model_dump_json(by_alias=True)),
            "species": np.array(self.acsf.species),
            "mean": self.standard.mean,
            "transform": self.standard.transform,
            "scale": np.array(self.scale),
            "offsets": self.offsets,
            "z": self.z,
            **{f"weights_{i}": array.numpy() for i, array in enumerate(self.weights)},
        }
        durable.replace(path, lambda file: np.savez(file, **arrays))

    @classmethod
    def load(cls, path: Path) -> NetworkCommittee:
        """Read what `save` wrote; nothing in it is run.

        Raises
        ------
        CampaignError
            if `path` is not such a file
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                settings = CommitteeSettings.model_validate_json(str(file["settings"]))
                functions = SymmetryFunctions.model_validate_json(str(file["functions"]))
                layers = range(2 * (len(settings.hidden) + 1))
                return cls(
                    ACSF(functions, tuple(str(symbol) for symbol in file["species"])),
                    settings,
                    Standardisation(file["mean"], file["transform"]),
                    tuple(torch.as_tensor(file[f"weights_{i}"]) for i in layers),
                    float(file["scale"]),
                    file["offsets"],
                    z=file["z"],
                )
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise CampaignError(f"{path} is not a committee that can be read: {error}") from error

    def _bound(
        self, structures: list[Atoms], pull: float
    ) -> tuple[FloatArray, list[FloatArray], FloatArray, FloatArray, FloatArray]:
        """Energy, forces, stress, and std of structures and of atoms, of E − pull · std."""
        environments = self.acsf.environments(structures)
        n_atoms = torch.as_tensor(environments.n_atoms)
        local, slope = self._evaluated(environments, range(self.n_members))
        energies = self._summed(local, environments.kinds, n_atoms)
        mean, std = energies.mean(axis=0), energies.std(axis=0, ddof=1)
        share = torch.as_tensor(lower_bound_weights(energies, pull))
        by_atom = share.repeat_interleave(n_atoms, dim=1)
        forces, stress = self._derivatives(
            environments, (by_atom[:, :, None] * slope).sum(0)[None], structures
        )
        atom_std = self.scale * local.std(dim=0, correction=1).numpy()
        return mean - pull * std, [f[0] for f in forces], stress[0], std, atom_std

    def _said(self, structures: Sequence[Atoms], members: Sequence[int]) -> MemberPredictions:
        """What the members with these numbers say, batch by batch."""
        count = len(members)
        energies, forces, of_atoms = [np.empty((count, 0))], [], []
        stress, whole = [np.empty((count, 0, 6))], [np.empty(0)]
        for chunk in chunks(structures, CHUNK):
            environments = self.acsf.environments(chunk)
            n_atoms = torch.as_tensor(environments.n_atoms)
            local, slope = self._evaluated(environments, members)
            energies.append(self._summed(local, environments.kinds, n_atoms))
            of_atoms.append(self.scale * local.numpy())
            found = self._derivatives(environments, slope, chunk)
            forces.extend(found[0])
            stress.append(found[1])
            if self._has_whole:
                local, _ = self._evaluated(environments, [self.n_members])
                whole.append(self._summed(local, environments.kinds, n_atoms)[0])
        of_whole = np.concatenate(whole) if self._has_whole else None
        return MemberPredictions(
            np.concatenate(energies, axis=1),
            tuple(forces),
            np.concatenate(stress, axis=1),
            of_whole,
            partial(_spread, of_atoms, [len(structure) for structure in structures]),
        )

    def _evaluated(self, environments: Environments, members: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Atoms' energies (K, n) in units of the output, and their slopes by the features (K, n, d) in eV."""
        weights = tuple(array[:, list(members)] for array in self.weights)
        kinds = environments.kinds
        inputs = self.standard.inputs(environments.features, kinds)
        inputs = inputs.repeat(len(members), 1, 1).requires_grad_()
        local = local_energies(weights, kinds, inputs)
        (slope,) = torch.autograd.grad(local.sum(), inputs)
        return local.detach(), self.scale * self.standard.slopes(slope, kinds)

    def _derivatives(
        self, environments: Environments, slope: Tensor, structures: Sequence[Atoms]
    ) -> tuple[list[FloatArray], FloatArray]:
        """Forces, for each structure (K, n_atoms, 3), and stress (K, n, 6), of slopes (K, n, d)."""
        gradient, virial = environments.contracted(slope)
        starts = np.cumsum(environments.n_atoms)[:-1]
        return np.split(-gradient.numpy(), starts, axis=1), voigt_stress(virial.numpy(), structures)

    def _summed(self, local: Tensor, kinds: Tensor, n_atoms: Tensor) -> FloatArray:
        """Energies of structures (K, n) eV."""
        starts = n_atoms.cumsum(0) - n_atoms
        summed = np.add.reduceat(local.double().numpy(), starts.numpy(), axis=1)
        energies: FloatArray = self.scale * summed + counts(kinds, n_atoms, len(self.offsets)) @ self.offsets
        return energies

    @property
    def _has_whole(self) -> bool:
        return bool(self.weights[0].shape[1] > self.n_members)

    def _split(self, energies: FloatArray) -> tuple[FloatArray, FloatArray | None]:
        return energies[: self.n_members], energies[-1] if self._has_whole else None


@dataclass(frozen=True)
class NetworkMember:
    """One network of a committee.

    Attributes
    ----------
    committee : it belongs to
    index : its number
    """

    committee: NetworkCommittee
    index: int

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Energy (eV), forces (eV/Å) and stress (eV/Å³); one member alone has no uncertainty."""
        said = self.committee._said(structures, [self.index])
        return Prediction(said.energy[0], tuple(f[0] for f in said.forces), stress=said.stress[0])


def _samples(n: int, settings: CommitteeSettings, seed: int) -> Tensor:
    """Which structures each member is fitted to, (K, n) of 0 and 1; with parts, a last row of all.

    Members that share a part follow one another: Kang et al., arXiv 2409.11808, take 3 parts × 2 starts.
    """
    if settings.subsample == 1.0:
        return torch.ones(settings.members, n)
    rng = np.random.default_rng(seed)
    count = max(1, round(settings.subsample * n))
    parts = range(settings.members // settings.initialisations)
    order = np.repeat([rng.permutation(n) for _ in parts], settings.initialisations, axis=0)
    return torch.as_tensor(np.vstack([order < count, np.ones(n, dtype=bool)]), dtype=torch.float64)


def _root_mean_square(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _spread(energies: list[FloatArray], n_atoms: list[int]) -> tuple[FloatArray, ...]:
    """Standard deviations over members of atoms' energies, chunks of (K, n)."""
    return _atom_std([local.std(axis=0, ddof=1) for local in energies], 1.0, n_atoms)


def _atom_std(local: list[FloatArray], factor: float, n_atoms: list[int]) -> tuple[FloatArray, ...]:
    flat = np.concatenate([np.empty(0), *local])
    return tuple(np.split(factor * flat, np.cumsum(n_atoms)[:-1])) if n_atoms else ()


_: type[Potential] = NetworkMember
__: type[Committee] = NetworkCommittee
