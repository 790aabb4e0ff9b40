"""What explorers do, each task in a worker process; the server never imports this file.

A task reads the campaign's database and writes nothing there; a fitted model goes to ``models/`` under its
id. The same request gives the same result on the same database.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial, singledispatch
from typing import Any

import numpy as np
from ase import Atoms

from engine import registry
from engine.acquisition.why import Why, explain
from engine.campaigns import start_structure
from engine.checks import Duplicate, quarantine
from engine.config import CampaignSettings
from engine.core.campaign import BARE_MODEL
from engine.descriptors import SOAP
from engine.generators.frames import in_words
from engine.generators.gofee import dual_point
from engine.loop import pool_features
from engine.loop.connecting import connect
from engine.loop.editing import edit
from engine.loop.examining import found_of, near
from engine.loop.fitting import fit
from engine.loop.measuring import measure
from engine.loop.messages import (
    Chosen,
    Connect,
    Edit,
    Explore,
    Explored,
    Fit,
    Found,
    Lead,
    Led,
    Measure,
    Select,
    Selected,
    Watch,
    dual_step,
    search_of,
)
from engine.loop.pooled import BASELINE, pooled, with_atoms
from engine.loop.ruling import picked_by_rules
from engine.loop.scoring import base_of, label_of, model_of, model_path, rng, scored, space_of
from engine.loop.watching import watch
from engine.potentials.delta import Delta
from engine.potentials.timed import Timed
from engine.protocols import Acquisition, Archive, Generator, Known
from engine.store import Proposed, Store

OTHERS = 100  # proposals of other chains that a search may ask for
BUNDLE = (
    " Approving it pays for two calculations: after its label, one step along the forces is labelled too."
)


@singledispatch
def perform(request: object) -> Any:
    """Do what is asked."""
    raise TypeError(f"unknown request {type(request).__name__}")


perform.register(Edit, edit)
perform.register(Fit, fit)
perform.register(Measure, measure)
perform.register(Watch, watch)
perform.register(Connect, connect)


@perform.register
def explore(request: Explore) -> Explored:
    """Take one step of a search, and look at what it found."""
    started = time.process_time()
    settings = request.settings
    (chosen,) = (search for search in settings.search if search.name == request.search)
    search: Generator = registry.make("generators", chosen.name, chosen, space_of(request))
    base = Timed(base_of(settings))
    path = model_path(request.folder, request.model_id)
    correction = None if request.model_id == BARE_MODEL else model_of(path)
    before = request.state
    if before is None:
        before = search.start(start_structure(request.folder, settings.system))
    surrogate = Delta(base, correction)
    numbers = rng(settings.seed, request.step, request.chain)
    after, proposals = search.step(before, surrogate, numbers, archive_of(request))
    structures = [proposal.structure for proposal in proposals]
    pool_features.write(request, before.get("offered", 0), structures)
    found = found_of(request, proposals, base, surrogate)
    return Explored(after, found, time.process_time() - started, base.seconds)


def archive_of(request: Explore) -> Archive:
    """What there is, for a search to ask."""
    return Archive(partial(_labelled, request), partial(_others, request))


def _labelled(request: Explore) -> list[Atoms]:
    """Labelled structures, without what the bare potential claimed of them: its zero is its own."""
    store = Store(request.folder)
    structures, rows = store.structures(request.labels), store.proposals(request.labels)
    store.close()
    for structure, row in zip(structures, rows, strict=True):
        if row.model_id == BARE_MODEL:
            structure.info.pop("terms", None)
    return structures


def _others(request: Explore) -> list[Atoms]:
    """The last that other chains of the search proposed, as far as they are written now."""
    store = Store(request.folder)
    structures = store.structures(store.of_other_chains(request.chain, OTHERS))
    store.close()
    return structures


@perform.register
def select(request: Select) -> Selected:
    """Pick the next batch; scores that the pool lacks under the present model are made here."""
    settings, store = request.settings, Store(request.folder)
    rows = _with_twins(store, store.proposals(request.pool), settings)
    rows = _with_failed(rows, store.proposals(request.quarantined), settings)
    pool, scores, made = pooled(request, rows, store)
    rule_name = settings.selection.rule
    if request.model_id == BARE_MODEL and rule_name != BASELINE:
        rule_name = "farthest-point"  # there is no σ yet
    rule: Acquisition = registry.make("acquisition", rule_name, settings.selection)
    picks, rows = picked_by_rules(request, rule, pool, rows, store)
    picked = [rows[pick.index] for pick in picks]
    told = [scores[pick.index] for pick in picks]
    shown = with_atoms(request, picked, told, store)
    best = min((label_of(structure) for structure in store.structures(request.labels)), default=None)
    chosen = []
    for pick, row, said in zip(picks, picked, shown, strict=True):
        (structure,) = store.structures([row.candidate])
        terms = dict(pick.terms)
        n_labels = len(request.labels) + request.n_imported
        why = Why(
            rule_name,
            said.energy,
            said.energy_std,
            terms,
            n_labels,
            len(rows),
            best,
            pick.utility,
            1 if pool.responses is None else pool.responses.shape[2],
        )
        sentence = explain(why, structure.get_chemical_symbols(), said.atom_std)
        if "terms" in structure.info:
            sentence += in_words(structure.info["terms"])
        led = dual_step(settings, search_of(row.generator)) > 0
        chosen.append(
            Chosen(
                candidate=row.candidate,
                generator=search_of(row.generator),
                energy=said.energy,
                energy_std=said.energy_std,
                terms=terms,
                flags=row.flags,
                why=sentence + BUNDLE * led,
                points=1 + led,
            )
        )
    store.close()
    fuller = {new.candidate: new for new, old in zip(shown, told, strict=True) if new is not old}
    others = (score for score in made if score.candidate not in fuller)
    return Selected(tuple(chosen), (*others, *fuller.values()))


@perform.register
def lead(request: Lead) -> Led:
    """Take one step along the forces of a label: GOFEE's dual point, which the label's approval pays for."""
    store = Store(request.folder)
    (leader,) = store.structures([request.leader])
    store.close()
    structure = dual_point(leader, request.dual_step)
    if structure is None:
        return Led(None, f"no step along the forces on {request.leader} leads anywhere")
    base_energy = base_of(request.settings).predict([structure]).energy
    if not np.isfinite(base_energy).all():
        return Led(None, f"one step along the forces on {request.leader} there is no energy")
    (said,) = scored(request.folder, request.model_id, [structure], base_energy)
    features = SOAP(request.settings.delta, space_of(request).symbols).features(structure).sum(axis=0)
    found = Found(structure, request.leader, float(base_energy[0]), features, (), said)
    return Led(
        found, f"One step of {request.dual_step:g} Å along the forces on {request.leader}: its dual point."
    )


def _with_twins(store: Store, rows: Sequence[Proposed], settings: CampaignSettings) -> list[Proposed]:
    """Flag twins that one step, or two at the same time, found: neither could be told of the other."""
    compared = []
    for row in rows:
        limits = settings.checks_of(search_of(row.generator))
        window = limits.duplicate_energy
        older = near(store, settings, row.base_energy, window, before=row.candidate)
        flag = Duplicate(limits).compare(row.base_energy, row.features, older)
        if flag is not None and all(flag.check != known.check for known in row.flags):
            row = replace(row, flags=(*row.flags, flag))  # noqa: PLW2901
        compared.append(row)
    return compared


def _with_failed(
    rows: Sequence[Proposed], quarantined: Sequence[Proposed], settings: CampaignSettings
) -> list[Proposed]:
    """Flag what is like a candidate whose calculation failed."""
    failed = [Known(row.candidate, row.base_energy, row.features) for row in quarantined]
    flags = [
        quarantine(row.base_energy, row.features, failed, settings.checks_of(search_of(row.generator)))
        for row in rows
    ]
    return [
        row if flag is None else replace(row, flags=(*row.flags, flag))
        for row, flag in zip(rows, flags, strict=True)
    ]
