"""What is learnt from labels: one Δ-model, or a committee, as the campaign's settings ask for."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ase import Atoms

from engine.config import FROM_FILES, CampaignSettings, DeltaSettings, symmetry_functions
from engine.potentials.sparse_gpr import SparseGPR
from engine.protocols import Committee, FloatArray, Potential, Prediction

FOLDS = 5
FEW_FOLDS = 2  # of a committee, whose members are as many fits already


class Correction(Potential, Protocol):
    """A fitted model of the differences between reference and base."""

    @property
    def z(self) -> FloatArray:
        """Errors of labels that were held out, over their standard deviations, oldest first: (n_z,)."""
        ...

    @property
    def std_scale(self) -> float:
        """Measured factor in its standard deviations."""
        ...

    def calibrated(self, z: FloatArray) -> Correction:
        """The same with a scale measured from `z`."""
        ...

    def lower_bound(self, structures: Sequence[Atoms], kappa: float) -> Prediction:
        """E − κσ (eV) and its forces (eV/Å)."""
        ...

    def summed_features(self, structures: Sequence[Atoms]) -> FloatArray:
        """Its descriptors summed over each structure's atoms, (n, d)."""
        ...

    def save(self, path: Path) -> None:
        """Write it as arrays."""
        ...


class CommitteeCorrection(Correction, Committee, Protocol):
    """One that has members."""


class Fitting(Protocol):
    """Fits a model to differences, reference − base."""

    def __call__(
        self,
        structures: Sequence[Atoms],
        energies: FloatArray,
        forces: Sequence[FloatArray] | None,
        stress: FloatArray | None = None,
    ) -> Correction:
        """Fit to n structures, (n,) eV, n arrays (n_atoms, 3) eV/Å or None, and (n, 6) eV/Å³ or None."""
        ...


@dataclass(frozen=True)
class Recipe:
    """How a campaign fits.

    Attributes
    ----------
    fit : from differences of energies and forces to the model
    forces, stress : whether it learns from them
    variance : of the noise of labels (eV²), from their numbers of atoms
    folds : most fits that labels are held out of to judge it
    committee : whether what it fits has members
    """

    fit: Fitting
    forces: bool
    variance: Callable[[FloatArray], FloatArray]
    folds: int
    committee: bool
    stress: bool = False


def recipe(settings: CampaignSettings, folder: Path, species: Sequence[str] = ()) -> Recipe:
    """Read how the settings want it fitted.

    Parameters
    ----------
    settings : of the campaign
    folder : where a file of symmetry functions that they name is looked for
    species : elements to be ready for, beside those of the labels

    Raises
    ------
    ConfigError
        if that file cannot be used
    """
    if settings.committee.kind == "none":
        return gpr_recipe(settings.delta, species)
    if settings.committee.kind == "bootstrap":
        return _bootstrap_recipe(settings, species)
    if settings.committee.kind in FROM_FILES:
        return _files_recipe(settings, species)
    return _network_recipe(settings, folder, species)


def _network_recipe(settings: CampaignSettings, folder: Path, species: Sequence[str]) -> Recipe:
    # with torch, for which a campaign without networks does not wait
    from engine.potentials.network_committee import NetworkCommittee

    committee = settings.committee
    functions = symmetry_functions(committee, folder)

    def fit(
        structures: Sequence[Atoms],
        energies: FloatArray,
        forces: Sequence[FloatArray] | None,
        stress: FloatArray | None = None,
    ) -> Correction:
        return NetworkCommittee.fit(
            structures,
            energies,
            committee,
            forces,
            stress,
            species=species,
            seed=settings.seed,
            functions=functions,
        )

    return Recipe(
        fit,
        forces=committee.directions > 0,
        variance=lambda n: (committee.noise_energy * n) ** 2,
        folds=FEW_FOLDS,
        committee=True,
        stress=committee.noise_stress > 0,
    )


def gpr_recipe(delta: DeltaSettings, species: Sequence[str] = (), folds: int = FOLDS) -> Recipe:
    """One sparse GPR."""

    def fit(
        structures: Sequence[Atoms],
        energies: FloatArray,
        forces: Sequence[FloatArray] | None,
        stress: FloatArray | None = None,  # noqa: ARG001 - it learns from energies and forces
    ) -> Correction:
        return SparseGPR.fit(structures, energies, delta, forces, species=species)

    return Recipe(fit, delta.forces, lambda n: delta.noise_energy**2 * n, folds, committee=False)


def _bootstrap_recipe(settings: CampaignSettings, species: Sequence[str]) -> Recipe:
    from engine.potentials.bootstrap_committee import BootstrapCommittee

    single = gpr_recipe(settings.delta, species, FEW_FOLDS)

    def fit(
        structures: Sequence[Atoms],
        energies: FloatArray,
        forces: Sequence[FloatArray] | None,
        stress: FloatArray | None = None,  # noqa: ARG001 - it learns from energies and forces
    ) -> Correction:
        return BootstrapCommittee.fit(
            structures,
            energies,
            settings.committee,
            settings.delta,
            forces,
            species=species,
            seed=settings.seed,
        )

    return replace(single, fit=fit, committee=True)


def _files_recipe(settings: CampaignSettings, species: Sequence[str]) -> Recipe:
    from engine.potentials.file_committee import FileCommittee

    single = gpr_recipe(settings.delta, species, FEW_FOLDS)

    def fit(
        structures: Sequence[Atoms],
        energies: FloatArray,
        forces: Sequence[FloatArray] | None,  # noqa: ARG001 - an offset has none
        stress: FloatArray | None = None,  # noqa: ARG001
    ) -> Correction:
        return FileCommittee.fit(structures, energies, settings.committee, settings.delta, species=species)

    return replace(single, fit=fit, forces=False, committee=True)


def opens_files(path: Path) -> bool:
    """Whether `load` would open models in other files, which can run code."""
    return "digests.npy" in _arrays(path)


def load(path: Path) -> Correction:
    """Read what a fit wrote.

    Raises
    ------
    CampaignError
        if it cannot be read
    """
    arrays = _arrays(path)
    if "functions.npy" in arrays:
        from engine.potentials.network_committee import NetworkCommittee

        return NetworkCommittee.load(path)
    if "whole/z.npy" in arrays:
        from engine.potentials.bootstrap_committee import BootstrapCommittee

        return BootstrapCommittee.load(path)
    if "digests.npy" in arrays:
        from engine.potentials.file_committee import FileCommittee

        return FileCommittee.load(path)
    return SparseGPR.load(path)


def _arrays(path: Path) -> list[str]:
    """Names of the arrays in the file; none where it is no such file, which whoever reads it will say."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return []
