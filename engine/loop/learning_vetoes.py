"""Vetoes held against approvals, by what is measured of both; in a worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.core import Candidate, VetoRule
from engine.core.verdicts import Verdicts, said_traits
from engine.loop.ruling import measured
from engine.loop.vetoes import Lessons, Likely, Suggestion
from engine.math import Separation, VetoLikelihood, separations, veto_likelihood
from engine.math.separation import FEWEST
from engine.protocols import FloatArray
from engine.store import Store

LEVEL = 0.05  # how often decisions that follow nothing teach something all the same
MOST = 3  # suggestions at a time
COMPONENTS = 3  # principal ones of the averaged environment


@dataclass(frozen=True)
class _Known:
    """Verdicts with what is known of each candidate, and its environments' descriptor averaged over atoms."""

    said: Verdicts
    traits: Mapping[str, Mapping[str, float]]
    environments: Mapping[str, FloatArray]


def learn(folder: Path, said: Verdicts, veto_rules: Sequence[VetoRule]) -> Lessons:
    """See `engine.loop.vetoes.learn`."""
    known = _known(folder, said)
    likelihood = _likelihood(known)
    likely, skill = ({}, "") if likelihood is None else (_likely(known, likelihood), _skill(likelihood))
    return Lessons(_suggestions(known, veto_rules), likely, skill)


def _known(folder: Path, said: Verdicts) -> _Known:
    everyone = (*said.decided, *said.waiting)
    names = [candidate.id for candidate in everyone]
    store = Store(folder)
    try:
        shapes = measured(store, names)
        rows, n_atoms = store.proposals(names), store.n_atoms(names)
    finally:
        store.close()
    traits = {
        candidate.id: {**shape, **said_traits(candidate)}
        for candidate, shape in zip(everyone, shapes, strict=True)
    }
    environments = {row.candidate: row.features / n for row, n in zip(rows, n_atoms, strict=True)}
    return _Known(said, traits, environments)


# ---- rules


def _suggestions(known: _Known, veto_rules: Sequence[VetoRule]) -> tuple[Suggestion, ...]:
    """At most `MOST`; none for what a rule or the checks flag already, or what a better one catches."""
    said = known.said
    reasons = Counter(c.decision.reason for c in said.vetoed if c.decision)
    groups = [said.vetoed]
    for reason, count in sorted(reasons.items()):
        if FEWEST <= count < len(said.vetoed):
            groups.append(tuple(c for c in said.vetoed if c.decision and c.decision.reason == reason))
    found = [one for group in groups for one in _of_group(known, group, LEVEL / len(groups))]
    taken = {(rule.trait, rule.side) for rule in veto_rules}
    caught: set[str] = {
        c.id for c in said.vetoed if any(rule.catches(known.traits[c.id]) for rule in veto_rules)
    }
    told: list[Suggestion] = []
    for one in sorted(found, key=lambda suggestion: -suggestion.precision):
        new = [c for c in one.caught if c.id not in caught and not c.flags]
        if len(told) < MOST and len(new) >= FEWEST and (one.rule.trait, one.rule.side) not in taken:
            told.append(one)
            taken.add((one.rule.trait, one.rule.side))
            caught.update(c.id for c in one.caught)
    return tuple(told)


def _of_group(known: _Known, group: Sequence[Candidate], level: float) -> list[Suggestion]:
    """Rules that tell these vetoes from approvals."""
    decided = [*group, *known.said.kept]
    names, values = _matrix(known, decided)
    member = np.arange(len(decided)) < len(group)
    return [_suggestion(known, names, one) for one in separations(values, member, level)]


def _suggestion(known: _Known, names: Sequence[str], one: Separation) -> Suggestion:
    rule, said = VetoRule(names[one.feature], one.side, one.limit), known.said
    caught, stopped, waiting = (
        tuple(candidate for candidate in some if rule.catches(known.traits[candidate.id]))
        for some in (said.vetoed, said.kept, said.waiting)
    )
    return Suggestion(
        rule=rule,
        caught=caught,
        stopped=stopped,
        waiting=tuple(candidate.id for candidate in waiting),
        n_vetoed=len(said.vetoed),
        n_kept=len(said.kept),
        precision=one.precision,
        p=one.p,
    )


def _matrix(known: _Known, some: Sequence[Candidate]) -> tuple[list[str], FloatArray]:
    """Names of all traits, and their values (n, d), nan where one was not measured."""
    names = sorted({trait for candidate in known.said.decided for trait in known.traits[candidate.id]})
    rows = [[known.traits[candidate.id].get(name, np.nan) for name in names] for candidate in some]
    return names, np.array(rows, dtype=float).reshape(len(some), len(names))


# ---- likelihood


def _likelihood(known: _Known) -> VetoLikelihood | None:
    """By traits or by environments, whichever tells the decided ones better; None if neither does."""
    said = known.said
    vetoed = np.arange(len(said.decided)) < len(said.vetoed)
    views = (
        (_matrix(known, said.decided)[1], _matrix(known, said.waiting)[1]),
        _components(known),
    )
    told = [veto_likelihood(decided, vetoed, waiting, LEVEL / len(views)) for decided, waiting in views]
    return min((one for one in told if one is not None), key=lambda one: one.error, default=None)


def _components(known: _Known) -> tuple[FloatArray, FloatArray]:
    """Principal components of the averaged environments, of the decided and of the waiting."""
    decided, waiting = (
        np.array([known.environments[candidate.id] for candidate in some])
        for some in (known.said.decided, known.said.waiting)
    )
    if not len(decided):
        return np.empty((0, 0)), np.empty((0, 0))
    mean = decided.mean(axis=0)
    _, _, axes = np.linalg.svd(decided - mean, full_matrices=False)
    axes = axes[:COMPONENTS].T
    return (decided - mean) @ axes, (waiting.reshape(-1, len(mean)) - mean) @ axes


def _likely(known: _Known, found: VetoLikelihood) -> dict[str, Likely]:
    decided = known.said.decided
    told = {}
    for candidate, probability, nearest in zip(
        known.said.waiting, found.probability, found.nearest, strict=True
    ):
        near = [decided[k] for k in nearest]
        vetoed = [c for c in near if c in known.said.vetoed]
        reasons = Counter(c.decision.reason for c in vetoed if c.decision)
        common = reasons.most_common(1)[0][0] if reasons else ""
        told[candidate.id] = Likely(float(probability), len(vetoed), tuple(c.id for c in near), common)
    return told


def _skill(found: VetoLikelihood) -> str:
    return (
        f"Each of the {found.decided} decided ones told by the others: {found.error:.2f} off, where the bare "
        f"part of vetoes ({found.base_rate:.2f}) is {found.base_error:.2f} off."
    )
