"""What came of a task is written: its rows, and the events that they belong to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.core import CandidateEdited, CandidateFollowed, CandidateSelected, ModelRefitted, SelectedFlag
from engine.loop.messages import (
    Connect,
    Connected,
    Edit,
    Edited,
    Explore,
    Explored,
    Fit,
    Fitted,
    Found,
    Lead,
    Led,
    Measure,
    Request,
    Select,
    Selected,
    Watch,
    Watching,
    search_of,
)
from engine.loop.writer import Writer
from engine.store import Measured, Score


def take(writer: Writer, request: Request, result: Any) -> None:
    """Write what a worker answered to a request."""
    match request, result:
        case Explore(), Explored():
            _explored(writer, request, result)
        case Select(), Selected():
            _selected(writer, request, result)
        case Lead(), Led():
            _led(writer, request, result)
        case Edit(), Edited():
            _edited(writer, request, result)
        case Fit(), Fitted():
            _fitted(writer, request, result)
        case Watch(), Watching():
            _watched(writer, request, result)
        case Measure(), Measured():
            writer.rows.measure(result)
        case Connect(), Connected():
            if result.barrier is not None:
                writer.rows.barrier(result.barrier)


def _led(writer: Writer, request: Lead, result: Led) -> None:
    told = {
        "leader": request.leader,
        "reason": result.why,
        "generator": search_of(request.chain),
        "model_id": request.model_id,
    }
    if result.found is None:
        writer.append(CandidateFollowed(candidate=None, **told))
        return
    candidate = _propose(writer, request, result.found)
    score = result.found.score
    writer.append(
        CandidateFollowed(candidate=candidate, energy_eV=score.energy, energy_std_eV=score.energy_std, **told)
    )
    writer.rows.select(candidate)


def _edited(writer: Writer, request: Edit, result: Edited) -> None:
    told = {"edit": request.edit, "parent": request.parent, "model_id": request.model_id}
    if result.found is None:
        writer.append(CandidateEdited(candidate=None, reason=result.why, **told))
        return
    candidate = _propose(writer, request, result.found)
    score = result.found.score
    writer.append(
        CandidateEdited(
            candidate=candidate,
            reason=result.why,
            energy_eV=score.energy,
            energy_std_eV=score.energy_std,
            flags=tuple(SelectedFlag(check=f.check, reason=f.reason) for f in result.found.flags),
            **told,
        )
    )
    writer.rows.select(candidate)


def _propose(writer: Writer, request: Edit | Explore | Lead | Watch, found: Found) -> str:
    candidate = writer.rows.propose(
        found.structure,
        generator=request.chain,
        step=request.step,
        model_id=request.model_id,
        parent=found.parent,
        base_energy=found.base_energy,
        features=found.features,
        flags=found.flags,
        walker=found.walker,
    )
    writer.rows.score(candidate, request.model_id, found.score)
    return candidate


def _explored(writer: Writer, request: Explore, result: Explored) -> None:
    writer.rows.step(
        request.chain,
        request.step,
        request.model_id,
        result.state,
        seconds=result.seconds,
        base_seconds=result.base_seconds,
    )
    for found in result.found:
        _propose(writer, request, found)


def _selected(writer: Writer, request: Select, result: Selected) -> None:
    _write_scores(writer, request.model_id, result.scores)
    for rank, chosen in enumerate(result.chosen, start=1):
        writer.append(
            CandidateSelected(
                candidate=chosen.candidate,
                rank=rank,
                reason=chosen.why,
                generator=chosen.generator,
                model_id=request.model_id,
                energy_eV=chosen.energy,
                energy_std_eV=chosen.energy_std,
                terms=chosen.terms,
                flags=tuple(SelectedFlag(check=f.check, reason=f.reason) for f in chosen.flags),
                points=chosen.points,
            )
        )
        writer.rows.select(chosen.candidate)


def _watched(writer: Writer, request: Watch, result: Watching) -> None:
    """Put the frames around each new jump before the person at once: they wait for no batch."""
    writer.rows.watch(result.watched)
    for one in result.jumps:
        names = []
        for rank, (found, why) in enumerate(zip(one.found, one.why, strict=True), start=1):
            candidate = _propose(writer, request, found)
            writer.append(
                CandidateSelected(
                    candidate=candidate,
                    rank=rank,
                    reason=why,
                    generator=request.search,
                    model_id=request.model_id,
                    energy_eV=found.score.energy,
                    energy_std_eV=found.score.energy_std,
                    terms={},
                    flags=tuple(SelectedFlag(check=f.check, reason=f.reason) for f in found.flags),
                )
            )
            writer.rows.select(candidate)
            names.append(candidate)
        writer.rows.jump(replace(one.jump, frames=tuple(names)))


def _fitted(writer: Writer, request: Fit, result: Fitted) -> None:
    from engine.math import entropy_std  # with scipy, for which the first page does not wait

    entropy = result.entropy
    stds = [score.energy_std for score in result.scores if score.energy_std is not None]
    writer.append(
        ModelRefitted(
            model_id=request.new_id,
            n_train=len(request.labels),
            n_imported=result.n_imported,
            mae_new_eV=result.mae_new,
            mae_train_eV=result.mae_train,
            queue_std_eV=float(np.mean(stds)) if stds else None,
            probe_entropy=float(entropy.mean()) if entropy.size else None,
            probe_entropy_p95=float(np.percentile(entropy, 95)) if entropy.size else None,
            probe_entropy_error=entropy_std(result.n_members) if entropy.size else None,
            seconds=result.seconds,
            mae_held_out_eV=result.mae_held_out,
            mae_held_out_atom_eV=result.mae_held_out_atom,
            std_scale=result.std_scale,
            accepted=result.accepted,
            exploration=result.exploration,
        )
    )
    _write_scores(writer, request.new_id, (*result.train, *result.scores))


def _write_scores(writer: Writer, model_id: str, scores: tuple[Score, ...]) -> None:
    for score in scores:
        writer.rows.score(score.candidate, model_id, score)
