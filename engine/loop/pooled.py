"""What a selection rule is told of the pool: scores, and what a committee's members say, predicted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from engine.core.campaign import BARE_MODEL
from engine.loop.messages import Select
from engine.loop.pool_features import stored
from engine.loop.scoring import base_of, member_scores, model_of, model_path, score_rows
from engine.math import ResponseScales, responses
from engine.potentials.chunks import chunks
from engine.potentials.correction import CommitteeCorrection
from engine.potentials.delta import on_base
from engine.potentials.stress import has_whole_cell
from engine.protocols import FloatArray, Pool
from engine.store import Proposed, Score, Store

BASELINE = "random"
"""The selection rule that needs no model; it draws at random from the first label on."""

TOGETHER = 4096  # atoms whose forces from all members are in memory at the same time: 1 MB for 8 members


@dataclass(frozen=True, eq=False)
class Said:
    """What the members say of n proposals.

    Attributes
    ----------
    energy : (K, n) eV
    whole : (n,) eV, or None
    scores : of each proposal
    responses : (K, n, k), or None
    scales : (k,) their target accuracies, or None
    """

    energy: FloatArray
    whole: FloatArray | None
    scores: list[Score]
    responses: FloatArray | None
    scales: FloatArray | None


def pooled(
    request: Select, rows: Sequence[Proposed], store: Store
) -> tuple[Pool, list[Score], tuple[Score, ...]]:
    """The pool, the score of each of its proposals under the present model, and those that were made here.

    Parameters
    ----------
    request : of a selection
    rows : of the proposals in ``request.pool``, in that order, with all their flags
    store : the campaign's
    """
    scores = store.scores(request.pool, request.model_id)
    said = None
    if request.settings.selection.rule == BASELINE:  # asks no model: only picks will be scored
        made: tuple[Score, ...] = ()
        unknown = (row for row in rows if row.candidate not in scores)
        scores |= {row.candidate: Score(row.candidate, row.base_energy, None, None) for row in unknown}
    elif request.model_id == BARE_MODEL or request.settings.committee.kind == "none":
        missing = [row for row in rows if row.candidate not in scores]
        made = score_rows(store, request.model_id, missing)
    else:
        said = _said(request, np.array([row.base_energy for row in rows]), store)
        made = tuple(score for score in said.scores if score.candidate not in scores)
    scores |= {score.candidate: score for score in made}
    energy_std = [scores[candidate].energy_std for candidate in request.pool]
    features = np.array([row.features for row in rows])
    known = [row.features for row in store.proposals(request.known)]
    pool = Pool(
        energy=np.array([scores[candidate].energy for candidate in request.pool]),
        energy_std=None if None in energy_std else np.array(energy_std, dtype=float),
        features=features,
        known_features=np.array(known).reshape(len(known), features.shape[1]),
        n_flags=np.array([len(row.flags) for row in rows]),
        n_atoms=np.array(store.n_atoms(request.pool), dtype=np.int64),
    )
    if said is not None:
        pool = replace(pool, committee=said.energy, whole=said.whole)
        pool = replace(pool, responses=said.responses, scales=said.scales)
    return pool, [scores[candidate] for candidate in request.pool], made


def with_atoms(
    request: Select, picked: Sequence[Proposed], said: Sequence[Score], store: Store
) -> list[Score]:
    """Scores of picks, with each atom's part also in those that came from stored features or from no model.

    Parameters
    ----------
    request : of a selection
    picked, said : rows of the picks, and their scores
    store : the campaign's
    """
    bare = [row for row, score in zip(picked, said, strict=True) if score.atom_std is None]
    if request.model_id == BARE_MODEL or not bare:
        return list(said)
    known = {score.candidate: score for score in score_rows(store, request.model_id, bare)}
    return [
        score
        if (full := known.get(score.candidate)) is None
        # of one that was compared with others, the energy that it was compared by
        else full
        if score.energy_std is None
        else replace(score, atom_std=full.atom_std)
        for score in said
    ]


def _said(request: Select, base_energy: FloatArray, store: Store) -> Said:
    """What the members say: from stored features where energies are enough, else of the structures."""
    model = cast("CommitteeCorrection", model_of(model_path(request.folder, request.model_id)))
    known = None if _compares(request) else stored(request.folder, model, request.pool, store)
    there = np.zeros(len(request.pool), dtype=bool) if known is None else known.there
    names = [candidate for candidate, is_there in zip(request.pool, there, strict=True) if not is_there]
    asked = _asked(request, model, store.structures(names), base_energy[~there], names)
    if known is None:
        return asked
    energy, whole = known.energies(model)
    energy = _merged(there, base_energy[there] + energy, asked.energy)
    if whole is not None:
        whole = _merged(
            there, base_energy[there] + whole, np.empty(0) if asked.whole is None else asked.whole
        )
    mean, std = energy.mean(axis=0), model.std_scale * energy.std(axis=0, ddof=1)
    exact = {score.candidate: score for score in asked.scores}
    scores = [
        exact.get(candidate) or Score(candidate, float(e), float(s), None)
        for candidate, e, s in zip(request.pool, mean, std, strict=True)
    ]
    return Said(energy, whole, scores, None, None)


def _merged(there: NDArray[np.bool_], first: FloatArray, second: FloatArray) -> FloatArray:
    """One array along the last axis: `first` where `there`, else `second`."""
    merged = np.empty((*first.shape[:-1], len(there)))
    merged[..., there], merged[..., ~there] = first, second
    return merged


def _asked(
    request: Select,
    model: CommitteeCorrection,
    structures: Sequence[Atoms],
    base_energy: FloatArray,
    names: Sequence[str],
) -> Said:
    """Ask the members part by part, so that only energies and responses of all are kept."""
    wanted = _wanted(request, structures)
    energy, whole, answers, scales = [np.empty((model.n_members, 0))], [], [], None
    scores: list[Score] = []
    for part in chunks(structures, TOGETHER):
        done = slice(len(scores), len(scores) + len(part))
        said = model.members(part)
        energy.append(base_energy[done] + said.energy)
        if said.whole is not None:
            whole.append(base_energy[done] + said.whole)
        scores += member_scores(model, said, base_energy[done], names[done])
        if wanted is not None:
            total = on_base(base_of(request.settings).predict(part), said)
            answer, scales = responses(total.energy, total.forces, total.stress, wanted)
            answers.append(answer)
    return Said(
        np.concatenate(energy, axis=1),
        np.concatenate(whole) if whole else None,
        scores,
        np.concatenate(answers, axis=1) if answers else None,
        scales,
    )


def _compares(request: Select) -> bool:
    """Whether the rule compares the members in more than the energy."""
    selection = request.settings.selection
    return selection.rule == "high-entropy" and selection.responses != "energy"


def _wanted(request: Select, structures: Sequence[Atoms]) -> ResponseScales | None:
    """What the rule compares the members in beside the energy, if in anything; a stress if all have one."""
    if not _compares(request):
        return None
    return ResponseScales() if all(map(has_whole_cell, structures)) else ResponseScales(stress=None)
