"""What a selection rule is told of the pool: scores, and what a committee's members say, predicted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from ase import Atoms

from engine.core.campaign import BARE_MODEL
from engine.loop.messages import Select
from engine.loop.scoring import base_of, member_scores, model_of, model_path, score_rows
from engine.math import ResponseScales, responses
from engine.potentials.chunks import chunks
from engine.potentials.correction import CommitteeCorrection
from engine.potentials.delta import on_base
from engine.potentials.stress import has_whole_cell
from engine.protocols import FloatArray, Pool
from engine.store import Proposed, Score, Store

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
    structures = store.structures(request.pool)
    scores = store.scores(request.pool, request.model_id)
    said = None
    if request.model_id == BARE_MODEL or request.settings.committee.kind == "none":
        missing = [row for row in rows if row.candidate not in scores]
        made = score_rows(store, request.model_id, missing)
    else:
        said = _said(request, structures, np.array([row.base_energy for row in rows]))
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
        n_atoms=np.array([len(structure) for structure in structures]),
    )
    if said is not None:
        pool = replace(pool, committee=said.energy, whole=said.whole)
        pool = replace(pool, responses=said.responses, scales=said.scales)
    return pool, [scores[candidate] for candidate in request.pool], made


def _said(request: Select, structures: Sequence[Atoms], base_energy: FloatArray) -> Said:
    """Ask the members part by part, so that only energies and responses of all are kept."""
    model = cast("CommitteeCorrection", model_of(model_path(request.folder, request.model_id)))
    wanted = _wanted(request, structures)
    energy, whole, answers, scales = [], [], [], None
    scores: list[Score] = []
    for part in chunks(structures, TOGETHER):
        done = slice(len(scores), len(scores) + len(part))
        said = model.members(part)
        energy.append(base_energy[done] + said.energy)
        if said.whole is not None:
            whole.append(base_energy[done] + said.whole)
        scores += member_scores(model, said, base_energy[done], request.pool[done])
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


def _wanted(request: Select, structures: Sequence[Atoms]) -> ResponseScales | None:
    """What the rule compares the members in beside the energy, if in anything; a stress if all have one."""
    selection = request.settings.selection
    if selection.rule != "high-entropy" or selection.responses == "energy":
        return None
    return ResponseScales() if all(map(has_whole_cell, structures)) else ResponseScales(stress=None)
