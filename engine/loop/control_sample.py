"""A vetoed candidate is asked about once more, under an id of its own: its veto stands as it is."""

from __future__ import annotations

from engine.core import ControlDrawn
from engine.loop.writer import Writer
from engine.store import Store


def ask_again(store: Store, writer: Writer, vetoed: str) -> None:
    """Propose its structure anew and put that before the person, with what the last model said of it."""
    (row,) = store.proposals([vetoed])
    (structure,) = store.structures([vetoed])
    candidate = writer.rows.propose(
        structure,
        generator=row.generator,
        step=row.step,
        model_id=row.model_id,
        parent=vetoed,
        base_energy=row.base_energy,
        features=row.features,
        flags=row.flags,
    )
    model_id = writer.campaign.model_id
    for score in store.scores([vetoed], model_id).values():
        writer.rows.score(candidate, model_id, score)
    writer.append(ControlDrawn(vetoed=vetoed, candidate=candidate, reason=_why(writer, vetoed)))
    writer.rows.select(candidate)


def _why(writer: Writer, vetoed: str) -> str:
    decision = writer.campaign.candidates[vetoed].decision
    by = decision.by if decision else "a person"
    reason = f" ({decision.reason})" if decision and decision.reason else ""
    return (
        f"Control sample: {by} vetoed this as {vetoed}{reason}. Its label would say what that saved or "
        "missed; it is paid for by the control budget."
    )
