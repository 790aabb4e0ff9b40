"""Barriers between near minima in a worker: which pairs to look at, and one band at a time."""

from __future__ import annotations

import time

import numpy as np

from engine.loop.messages import Connect, Connected, search_of
from engine.loop.scoring import base_of, model_of, model_path
from engine.math import Basins, best_energy, lowest, next_pairs
from engine.potentials import band
from engine.potentials.delta import Delta
from engine.store import Barrier, ProposalTable, Store

PIECE = 5000  # proposals that are read together

Pairs = tuple[tuple[str, str], ...]
"""Candidates two by two, the older one first."""


def connect(request: Connect) -> Connected:
    """Look at the first pair; where that fails the row says why."""
    store = Store(request.folder)
    try:
        pairs = wanted(request, store) if request.pairs is None else request.pairs
        if not pairs:
            return Connected(None, ())
        return Connected(_barrier(request, store, *pairs[0]), pairs[1:])
    finally:
        store.close()


def wanted(request: Connect, store: Store) -> Pairs:
    """Pairs among the lowest minima whose barriers are not known, as many as may still be looked at."""
    asked, known = request.settings.landscape, store.barriers()
    room = asked.pairs - sum(one.model_id == request.model_id for one in known)
    names, energy, features, basin = _minima(request, store)
    if room <= 0 or not names:
        return ()
    minima, _ = lowest(energy, basin, asked.minima)
    place = {int(basin[minimum.index]): k for k, minimum in enumerate(minima)}
    row = {name: k for k, name in enumerate(names)}
    tried: dict[tuple[int, int], bool] = {}
    for one in known:
        basins = [int(basin[row[name]]) for name in (one.first, one.second) if name in row]
        ends = sorted(place[basin] for basin in basins if basin in place)
        if len(ends) == 2:
            tried[ends[0], ends[1]] = tried.get((ends[0], ends[1]), False) or one.converged
    found = next_pairs(features[[minimum.index for minimum in minima]], tried)[:room]
    pairs = (sorted((names[minima[i].index], names[minima[j].index])) for i, j in found)
    return tuple((first, second) for first, second in pairs)


def _minima(request: Connect, store: Store) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Proposals that a search relaxed: names, best known energies (eV), descriptors and minima."""
    relaxed = {search.name for search in request.settings.search if search.relaxed}
    tables: list[ProposalTable] = []
    while not tables or len(tables[-1].candidate) == PIECE:
        tables.append(store.proposal_table(tables[-1].candidate[-1] if tables else "", PIECE))
    keep = [
        (table, k)
        for table in tables
        for k, generator in enumerate(table.generator)
        if search_of(generator) in relaxed
    ]
    if not keep:
        return [], np.empty(0), np.empty((0, 0)), np.empty(0, dtype=np.int64)
    names = [table.candidate[k] for table, k in keep]
    base = np.array([table.base_energy[k] for table, k in keep])
    features = np.array([table.features[k] for table, k in keep])
    scores = {name: score.energy for table in tables for name, score in table.scores.items()}
    score = np.array([scores.get(name, np.nan) for name in names])
    energy, _ = best_energy(base, score, np.full(len(names), np.nan))
    return names, energy, features, Basins().assign(base, features, lambda rows: features[rows])


def _barrier(request: Connect, store: Store, first: str, second: str) -> Barrier:
    asked, started = request.settings.landscape, time.process_time()
    rises, converged, trouble = None, False, ""
    try:
        model = model_of(model_path(request.folder, request.model_id))
        one, other = store.structures([first, second])
        surrogate = Delta(base_of(request.settings), model)
        found = band.connect(one, other, surrogate, images=asked.images, fmax=asked.fmax, steps=asked.steps)
        rises, converged = found.rises, found.converged
    except Exception as error:  # the seam: a potential may raise anything, and no campaign ends for this
        trouble = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - started
    return Barrier(first, second, request.model_id, rises, converged, seconds, trouble)
