"""Descriptors of what the search ``pool`` offers, stored once: a committee of networks scores it from them.

A pool is described when it is offered, in the worker; each later selection reads the file part by part, and
needs neither the structures nor their neighbours again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from engine.config import CampaignSettings, symmetry_functions
from engine.loop.messages import Explore
from engine.loop.scoring import space_of
from engine.protocols import FloatArray
from engine.store import Store
from engine.store.features import ABOUT, FeatureFile

SEARCH = "pool"
CHAIN = "pool/0"
TOGETHER = 256  # structures that are read at a time


@dataclass(frozen=True, eq=False)
class StoredFeatures:
    """What is stored of proposals.

    Attributes
    ----------
    file : of features; behind those of an atom stands the number of its species
    places : (n,) number of each proposal in the file, −1 if it is not there
    """

    file: FeatureFile
    places: NDArray[np.int64]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which proposals are in the file, (n,)."""
        return np.asarray(self.places >= 0)

    def energies(self, model: Any) -> tuple[FloatArray, FloatArray | None]:
        """What the members say of those that are, (K, n) eV, and the whole-data model, (n,), or None."""
        wanted, whole = self.places[self.there], None
        order = np.argsort(wanted)
        ranked = wanted[order]
        energies, of_whole = np.empty((model.n_members, len(wanted))), np.empty(len(wanted))
        for chunk in self.file.chunks(TOGETHER):
            begin, end = np.searchsorted(ranked, [chunk.first, chunk.first + len(chunk.counts)])
            if begin == end:
                continue
            rows, chosen = np.array(chunk.rows), ranked[begin:end] - chunk.first
            energy, whole = model.energies_from_features(
                rows[:, :-1], chunk.counts, rows[:, -1].astype(np.int64)
            )
            energies[:, order[begin:end]] = energy[:, chosen]
            if whole is not None:
                of_whole[order[begin:end]] = whole[chosen]
        return energies, None if whole is None else of_whole


def write(request: Explore, first: int, structures: Sequence[Atoms]) -> None:
    """Describe what a step of the pool offers, from number `first` on; a step taken again is one step.

    Of a pool whose beginning was never described nothing is stored.
    """
    if request.search != SEARCH or request.settings.committee.kind != "networks" or not structures:
        return
    acsf = _acsf(request.settings, request)
    file = _file(request.folder, acsf)
    if len(file) < first:
        return
    file.keep(first)
    kinds = np.split(acsf.kinds(structures), np.cumsum([len(structure) for structure in structures])[:-1])
    described = zip(acsf.features(structures), kinds, strict=True)
    file.append([np.column_stack([features, kind]) for features, kind in described])


def stored(folder: Path, model: Any, candidates: Sequence[str], store: Store) -> StoredFeatures | None:
    """What is stored of proposals in the descriptor of a committee of networks; None if nothing is.

    Parameters
    ----------
    folder : of the campaign
    model : that is to be asked
    candidates : n proposals
    store : the campaign's
    """
    acsf = getattr(model, "acsf", None)
    if acsf is None or not (_folder(folder, acsf) / ABOUT).exists():
        return None
    file = _file(folder, acsf)
    offered = store.of_chain(CHAIN)[: len(file)]
    places = {candidate: place for place, candidate in enumerate(offered)}
    found = np.array([places.get(candidate, -1) for candidate in candidates], dtype=np.int64)
    return StoredFeatures(file, found) if (found >= 0).any() else None


def _acsf(settings: CampaignSettings, request: Explore) -> Any:
    # with torch, for which a campaign without networks does not wait
    from engine.descriptors.acsf import ACSF

    return ACSF(symmetry_functions(settings.committee, request.folder), space_of(request).symbols)


def _file(folder: Path, acsf: Any) -> FeatureFile:
    return FeatureFile(_folder(folder, acsf), _descriptor(acsf), acsf.n_features + 1)


def _folder(folder: Path, acsf: Any) -> Path:
    """One for each descriptor: settings may change."""
    text = json.dumps(_descriptor(acsf), sort_keys=True)
    return folder / "features" / hashlib.sha256(text.encode()).hexdigest()[:12]


def _descriptor(acsf: Any) -> dict[str, Any]:
    functions = acsf.functions.model_dump(mode="json", by_alias=True)
    return {"name": "acsf", "functions": functions, "species": list(acsf.species)}
