"""Symmetry functions of a campaign's structures, and what they say together; in a worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from engine.config import CampaignSettings, SymmetryFunctions, symmetry_functions
from engine.descriptors import angle_histogram, distance_histogram
from engine.descriptors.acsf import ACSF
from engine.loop.description import Coverage, Description, Geometry, Groups
from engine.loop.messages import search_of
from engine.math import (
    FeatureScale,
    differential_entropy,
    displacement_bandwidth,
    entropy_growth,
    overlap,
    wasserstein_distances,
)
from engine.math.data_entropy import DISPLACEMENT
from engine.protocols import FloatArray
from engine.space import Space
from engine.store import Store

FOUND = 240  # structures, evenly spaced in the order they were found, that stand for all of them
REFERENCE = 120  # the first ones: zero and unit of each function, the same for the whole campaign
ROWS = 1000  # environments of a group that are sent, evenly spaced
EXACT = 3000  # environments that are all compared with all
SHAKEN = 200  # atoms that measure how far an environment moves
LATEST = 12  # fits whose own labels are held against what was found
BINS, ANGLES = 120, 90
NEAR = 1.3  # × the distance of the first neighbour: both legs of an angle that is counted

KINDS, LABELLED, REST = "kinds of structures", "labelled or not", "not labelled"


def describe(
    folder: Path, said: Mapping[str, Any], labels: Sequence[str], waiting: Sequence[str], fits: Sequence[int]
) -> Description:
    """See `engine.loop.description.describe`."""
    settings = CampaignSettings.model_validate(said)
    species = Space.of(settings.system, folder).symbols
    functions = symmetry_functions(settings.committee, folder)
    store = Store(folder)
    try:
        found, first = store.sample(FOUND), store.sample(REFERENCE, REFERENCE)
        names = list(dict.fromkeys([*first, *found, *labels, *waiting]))
        structures = dict(zip(names, store.structures(names), strict=True))
        kinds = {
            row.candidate: structures[row.candidate].info.get("kind", search_of(row.generator))
            for row in store.proposals(found)
        }
    finally:
        store.close()
    known = _known(folder, functions, species)
    features = known.of(structures)
    scale = FeatureScale.of(np.concatenate([features[name] for name in first]))
    scaled = {name: scale.apply(features[name]) for name in names}
    names_of = _Names([name for name in found if name not in set(labels)], labels, waiting, fits)
    return Description(
        names=functions.names(species if len(species) > 1 else ("",)),
        dead=scale.dead,
        views=_views(scaled, kinds, names_of),
        geometry=_geometry(functions, [structures[name] for name in _thinned(labels, FOUND)]),
        coverage=_coverage(scaled, names_of, _bandwidth(known.acsf, scale, structures, first)),
    )


@dataclass(frozen=True)
class _Names:
    """Candidates by what they are: see `describe`; `rest` was found and has no label."""

    rest: Sequence[str]
    labels: Sequence[str]
    waiting: Sequence[str]
    fits: Sequence[int]


class _Known:
    """Environments of one campaign's structures; those of the last look need not be described again."""

    def __init__(self, acsf: ACSF) -> None:
        self.acsf = acsf
        self._features: dict[str, FloatArray] = {}

    def of(self, structures: Mapping[str, Atoms]) -> dict[str, FloatArray]:
        """Features (n_atoms, d) by candidate."""
        new = [name for name in structures if name not in self._features]
        described = self.acsf.features([structures[name] for name in new])
        all_known = {**self._features, **dict(zip(new, described, strict=True))}
        self._features = {name: all_known[name] for name in structures}
        return self._features


@lru_cache(maxsize=2)
def _known(folder: Path, functions: SymmetryFunctions, species: tuple[str, ...]) -> _Known:  # noqa: ARG001
    return _Known(ACSF(functions, species))


def _views(scaled: Mapping[str, FloatArray], kinds: Mapping[str, str], names: _Names) -> dict[str, Groups]:
    """What is held against what: kinds of structures, labels and the rest, and the labels of each fit."""

    def rows(some: Iterable[str]) -> FloatArray:
        together: FloatArray = _thinned(np.concatenate([scaled[name] for name in some]), ROWS)
        return together

    by_kind: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        by_kind.setdefault(kind, []).append(name)
    views = {KINDS: _groups({kind: rows(of_kind) for kind, of_kind in by_kind.items()})}
    if not names.rest:
        return views
    others = rows(names.rest)
    views[LABELLED] = _groups({REST: others, "labelled": rows(names.labels)})
    for begin, end in list(pairwise([0, *names.fits]))[-LATEST:]:
        words = f"labels {begin + 1} to {end}"
        if begin < end:
            views[words] = _groups({REST: others, words: rows(names.labels[begin:end])})
    return views


def _groups(features: Mapping[str, FloatArray]) -> Groups:
    first, *others = features.values()
    apart = [np.zeros(first.shape[1]), *(wasserstein_distances(other, first) for other in others)]
    return Groups(features, np.max(apart, axis=0))


def _geometry(functions: SymmetryFunctions, structures: Sequence[Atoms]) -> Geometry:
    distance_edges = np.linspace(0, functions.r_cut, BINS + 1)
    distances = distance_histogram(structures, distance_edges)
    first = np.searchsorted(np.cumsum(distances), 1.0)
    leg = float(distance_edges[min(int(first) + 1, BINS)])
    angle_edges = np.linspace(0, 180, ANGLES + 1)
    return Geometry(
        g2=np.array(functions.g2).reshape(-1, 2),
        g4=np.array(functions.angular).reshape(-1, 3),
        r_cut=functions.r_cut,
        leg=leg,
        distance_edges=distance_edges,
        distances=distances,
        angle_edges=angle_edges,
        angles=angle_histogram(structures, angle_edges, NEAR * leg),
    )


def _bandwidth(
    acsf: ACSF, scale: FeatureScale, structures: Mapping[str, Atoms], first: Sequence[str]
) -> float | None:
    """How far the first environments move when their atoms shake; None if they do not."""
    rng = np.random.default_rng(0)
    still: list[Atoms] = []
    shaken: list[Atoms] = []
    for name in first:
        if still and sum(len(one) for one in still) + len(structures[name]) > SHAKEN:
            break
        moved = structures[name].copy()
        moved.positions += rng.normal(0, DISPLACEMENT, moved.positions.shape)
        still.append(structures[name])
        shaken.append(moved)
    before, after = (scale.apply(np.concatenate(acsf.features(one))) for one in (still, shaken))
    try:
        return displacement_bandwidth(before, after)
    except ValueError:  # atoms too far apart for the functions
        return None


def _coverage(scaled: Mapping[str, FloatArray], names: _Names, bandwidth: float | None) -> Coverage | None:
    if bandwidth is None:
        return None

    def of(some: Sequence[str]) -> FloatArray:
        return np.concatenate([scaled[name] for name in some])

    labels, covered = names.labels, of(names.labels)
    *_, before, last = (0, 0, *names.fits)
    tested = None
    if 0 < before < last:
        tested = overlap(of(labels[before:last]), of(labels[:before]), bandwidth, EXACT)
    return Coverage(
        entropy=entropy_growth(covered, [len(scaled[name]) for name in labels], bandwidth, EXACT),
        novelty={name: differential_entropy(scaled[name], covered, bandwidth) for name in names.waiting},
        found=overlap(of(names.rest), covered, bandwidth, EXACT) if names.rest else None,
        tested=tested,
    )


def _thinned(rows: Any, most: int) -> Any:
    """At most so many, evenly spaced."""
    return rows[:: -(-len(rows) // most)] if len(rows) > most else rows
