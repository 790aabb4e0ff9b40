"""Rules that vetoes taught, at work: what they catch comes flagged, and behind what they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core import CandidateFlagged, SelectedFlag, VetoRule
from engine.core.verdicts import newest_waiting, said_traits

if TYPE_CHECKING:
    from engine.loop.messages import Found, Select
    from engine.loop.writer import Writer
    from engine.protocols import Acquisition, Flag, Pick, Pool
    from engine.store import Proposed, Store

ROUNDS = 20  # looks at what a selection rule picks, before it is taken with its flags
KEPT = 20_000  # structures whose traits a process remembers


def measured(store: Store, candidates: Sequence[str]) -> list[Mapping[str, float]]:
    """Traits of these candidates' structures; each is measured once."""
    from engine.checks import traits  # with scipy, for which the first page does not wait

    known = _known(store.folder)
    if len(known) > KEPT:
        known.clear()
    new = [candidate for candidate in candidates if candidate not in known]
    known.update((name, traits(one)) for name, one in zip(new, store.structures(new), strict=True))
    return [known[candidate] for candidate in candidates]


@lru_cache(maxsize=2)
def _known(folder: Path) -> dict[str, Mapping[str, float]]:  # noqa: ARG001 - the key
    return {}


def picked_by_rules(
    request: Select, rule: Acquisition, pool: Pool, rows: Sequence[Proposed], store: Store
) -> tuple[list[Pick], list[Proposed]]:
    """Picks of a selection rule that knows of each of them whether a rule of vetoes catches it.

    Only what it picks is measured: it picks anew once something of that is flagged.

    Returns
    -------
    the picks, and the rows with the flags that came
    """
    from engine.loop.scoring import rng

    rows, looked_at = list(rows), set[int]()
    settings = request.settings
    for _ in range(ROUNDS):
        numbers = rng(settings.seed, len(request.known), "select")
        picks = rule.select(pool, settings.selection.batch, numbers)
        new = [pick.index for pick in picks if pick.index not in looked_at]
        if not (request.veto_rules and new):
            break
        looked_at.update(new)
        n_flags = pool.n_flags.copy()
        for index, shape in zip(new, measured(store, [rows[k].candidate for k in new]), strict=True):
            flags = _broken(request.veto_rules, {**shape, **_said(pool, index)})
            rows[index] = replace(rows[index], flags=(*rows[index].flags, *flags))
            n_flags[index] += len(flags)
        pool = replace(pool, n_flags=n_flags)
    return picks, rows


def found_by_rules(veto_rules: Sequence[VetoRule], found: Sequence[Found]) -> tuple[Found, ...]:
    """The same with the flags of what is put before the person without a selection."""
    from engine.checks import traits

    if not veto_rules:
        return tuple(found)

    def of(one: Found) -> dict[str, float]:
        std = one.score.energy_std
        return traits(one.structure) if std is None else {**traits(one.structure), "sigma": std}

    return tuple(replace(one, flags=(*one.flags, *_broken(veto_rules, of(one)))) for one in found)


def flag_waiting(store: Store, writer: Writer) -> None:
    """Flag what the newest rule catches of what waits."""
    rule = writer.campaign.veto_rules[-1]
    waiting = newest_waiting(writer.campaign)
    for candidate, shape in zip(waiting, measured(store, [c.id for c in waiting]), strict=True):
        flags = _broken([rule], {**shape, **said_traits(candidate)})
        if flags:
            told = tuple(SelectedFlag(check=flag.check, reason=flag.reason) for flag in flags)
            writer.append(CandidateFlagged(candidate=candidate.id, flags=told))


def _broken(veto_rules: Sequence[VetoRule], traits: Mapping[str, float]) -> tuple[Flag, ...]:
    from engine.checks import broken

    return broken(veto_rules, traits)


def _said(pool: Pool, index: int) -> dict[str, float]:
    """What the surrogate says of a proposal of the pool (eV)."""
    above = {"energy above lowest": float(pool.energy[index] - pool.energy.min())}
    return above if pool.energy_std is None else {**above, "sigma": float(pool.energy_std[index])}
