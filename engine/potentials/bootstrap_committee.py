"""A committee of Δ-models, each fitted to a bootstrap sample of the labelled structures.

Query by committee as Abe & Mamitsuka, ICML 1998: n structures drawn from n with replacement for each member.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from engine import durable
from engine.config import CommitteeSettings, DeltaSettings
from engine.errors import CampaignError, StructureError
from engine.potentials.independent_members import IndependentMembers
from engine.potentials.sparse_gpr import SparseGPR
from engine.protocols import Committee, FloatArray, MemberPredictions


@dataclass(frozen=True, eq=False)
class BootstrapCommittee(IndependentMembers):
    """Fitted Δ-models; `fit` makes one, nothing changes it.

    Attributes
    ----------
    models : the members
    whole : fitted to all labels; no member
    """

    models: tuple[SparseGPR, ...]
    whole: SparseGPR

    @classmethod
    def fit(
        cls,
        structures: Sequence[Atoms],
        energies: FloatArray,
        settings: CommitteeSettings,
        delta: DeltaSettings,
        forces: Sequence[FloatArray] | None = None,
        *,
        species: Sequence[str] = (),
        seed: int = 0,
    ) -> BootstrapCommittee:
        """Fit to differences, reference − base, of energies and forces.

        Parameters
        ----------
        structures : n structures
        energies : (n,) eV
        settings : how many members
        delta : of each member
        forces : n arrays (n_atoms, 3) eV/Å, or None
        species : elements to be ready for, beside those of the structures
        seed : of the samples

        Raises
        ------
        StructureError
            if there is nothing to fit, or a structure, an energy or a force cannot be used
        """
        symbols = sorted({*species, *(symbol for structure in structures for symbol in structure.symbols)})
        whole = SparseGPR.fit(structures, energies, delta, forces, species=symbols)
        models = []
        for chosen in samples(len(structures), settings.members, seed):
            of_sample = None if forces is None else [forces[i] for i in chosen]
            drawn = [structures[i] for i in chosen]
            models.append(SparseGPR.fit(drawn, energies[chosen], delta, of_sample, species=symbols))
        return cls(tuple(models), whole)

    def members(self, structures: Sequence[Atoms]) -> MemberPredictions:
        """Energies (eV), forces (eV/Å) and stress (eV/Å³) of each member; energies of the whole-data model.

        Raises
        ------
        StructureError
            if an element is neither in the training set nor one it was made ready for
        """
        return replace(self.said(structures), whole=self.whole.predict(structures).energy)

    def summed_features(self, structures: Sequence[Atoms]) -> FloatArray:
        """Descriptors summed over each structure's atoms, (n, d)."""
        return self.whole.summed_features(structures)

    def save(self, path: Path) -> None:
        """Write the arrays and settings of all models as ``.npz``."""
        models = {str(index): model for index, model in enumerate(self.models)} | {"whole": self.whole}
        arrays: dict[str, Any] = {
            f"{key}/{name}": a for key, model in models.items() for name, a in model.arrays().items()
        }
        durable.replace(path, lambda file: np.savez(file, z=self.z, **arrays))

    @classmethod
    def load(cls, path: Path) -> BootstrapCommittee:
        """Read what `save` wrote; nothing in it is run.

        Raises
        ------
        CampaignError
            if `path` is not such a file
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                found: dict[str, dict[str, NDArray[np.float64]]] = {}
                for key in file.files:
                    owner, _, name = key.rpartition("/")
                    found.setdefault(owner, {})[name] = file[key]
            whole, z = SparseGPR.of_arrays(found.pop("whole")), found.pop("")["z"]
            models = [SparseGPR.of_arrays(found[str(index)]) for index in range(len(found))]
            return cls(tuple(models), whole, z=z)
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise CampaignError(f"{path} is not a committee that can be read: {error}") from error


def samples(n: int, members: int, seed: int) -> NDArray[np.int64]:
    """Structures that each member is fitted to, (K, n), drawn with replacement."""
    if n == 0:
        raise StructureError("a committee needs at least one labelled structure")
    return np.stack([np.random.default_rng([seed, member]).integers(n, size=n) for member in range(members)])


_: type[Committee] = BootstrapCommittee
