"""What each event means in the loop, for somebody who sees it for the first time. Pure functions."""

from __future__ import annotations

from functools import singledispatch

from dashboard.words import age, known, line
from engine.core import (
    BARE_MODEL,
    Campaign,
    CampaignStarted,
    CandidateApproved,
    CandidateDeferred,
    CandidateEdited,
    CandidateSelected,
    CandidateVetoed,
    ModelRefitted,
    ReferenceCompleted,
    ReferenceFailed,
    ReferenceSubmitted,
    RunControlled,
    VetoRule,
    VetoRuleAdopted,
)

STAGES = ("search", "select", "decide", "calculate", "learn")
"""The loop, one round of it."""

_BEGINS = ("start", "resume")
_STAGE: dict[str, int] = {
    "RunControlled": 0,
    "CandidateSelected": 1,
    "CandidateFollowed": 1,
    "CandidateFlagged": 1,
    "ControlDrawn": 1,
    "CandidateApproved": 2,
    "CandidateVetoed": 2,
    "CandidateDeferred": 2,
    "DecisionUndone": 2,
    "HoldEnded": 2,
    "EditAsked": 2,
    "CandidateEdited": 1,
    "VetoRuleAdopted": 2,
    "VetoRuleDropped": 2,
    "RetryApproved": 2,
    "ReferenceSubmitted": 3,
    "CancelRequested": 3,
    "ReferenceCompleted": 3,
    "ReferenceFailed": 3,
    "LabelsImported": 4,
    "ModelRefitted": 4,
}


def stage(event: object) -> int | None:
    """Place in `STAGES`, or None for what belongs to no stage."""
    if isinstance(event, RunControlled) and event.action not in _BEGINS:
        return None
    return _STAGE.get(type(event).__name__)


@singledispatch
def caption(event: object, _before: Campaign) -> str:
    """One or two sentences.

    Parameters
    ----------
    event : what happened
    _before : the campaign just before it, which some captions need
    """
    words = line(event)
    return f"{words[:1].upper()}{words[1:]}."


@caption.register
def _(event: CampaignStarted, _before: Campaign) -> str:
    return (
        f"A campaign begins, with a budget of {event.rules.budget} reference calculations. Its settings and "
        f"its seed ({event.seed}) are written down first, so that anybody can run it again."
    )


@caption.register
def _(event: RunControlled, before: Campaign) -> str:
    if event.action == "finish":
        why = f" ({event.reason})" if event.reason else ""
        spent = f"{before.spent} calculation{'s' * (before.spent != 1)} were paid for"
        return f"The campaign is finished{why}: {spent}, and all that came of them is in."
    if event.action in _BEGINS:
        return "The search runs in a cheap potential: it finds and relaxes structures; that costs nothing."
    return caption.dispatch(object)(event, before)


@caption.register
def _(event: CandidateSelected, _before: Campaign) -> str:
    return f"{event.candidate} is put before a person. {event.reason}"


@caption.register
def _(event: CandidateApproved, _before: Campaign) -> str:
    because = f" ({event.reason})" if event.reason else ""
    hold = f"; for {age(event.hold_s)} that can be taken back" if event.hold_s else ""
    return f"{event.by} approves {event.candidate}{because}: a calculation may be spent on it{hold}."


@caption.register
def _(event: CandidateVetoed, _before: Campaign) -> str:
    return f"{event.by} vetoes {event.candidate}: {event.reason}. Nothing is spent on it."


@caption.register
def _(event: CandidateDeferred, _before: Campaign) -> str:
    when = f"with the {event.until}" if event.until else "later"
    return f"{event.by} defers {event.candidate}: it is asked about again {when}."


@caption.register
def _(event: CandidateEdited, before: Campaign) -> str:
    if event.candidate is None:
        return caption.dispatch(object)(event, before)
    return f"{event.candidate} is put before a person. {event.reason}"


@caption.register
def _(event: VetoRuleAdopted, _before: Campaign) -> str:
    return (
        f"{event.by} makes a rule of what the vetoes have in common: candidates with "
        f"{VetoRule.of(event, 0.0).words} come flagged and behind the others from now on. A person still "
        "decides about each."
    )


@caption.register
def _(event: ReferenceSubmitted, _before: Campaign) -> str:
    return f"The reference calculates {event.candidate}. This is what costs; everything before was cheap."


@caption.register
def _(event: ReferenceCompleted, before: Campaign) -> str:
    words = [f"The reference gives {event.energy_eV:.3f} eV for {event.candidate}, in {age(event.seconds)}"]
    asked, best = before.candidates[event.candidate], before.best
    if asked.model_id != BARE_MODEL:
        off, std = event.energy_eV - asked.energy_eV, asked.energy_std_eV
        sigma = f" ± {std:.3f}" if std is not None else ""
        words.append(f": the model had said {asked.energy_eV:.3f}{sigma}, {abs(off):.3f} eV off")
    words.append(".")
    if best is None or event.energy_eV < (best.label_eV or 0.0):
        words.append(" The first label." if best is None else " It is the lowest so far.")
    return "".join(words)


@caption.register
def _(event: ReferenceFailed, _before: Campaign) -> str:
    return (
        f"No label came of {event.candidate} ({event.failure}) after {age(event.seconds)}. What it cost "
        "counts; nothing else waits for it."
    )


@caption.register
def _(event: ModelRefitted, before: Campaign) -> str:
    if not event.accepted:
        return (
            f"A model was fitted to {known(event)}, and is worse than the one before on labels that neither "
            "had seen: it is not taken."
        )
    if before.model is None:
        return f"The first model, {event.model_id}, is fitted to {known(event)}. The search goes on in it."
    return (
        f"The model learns from {known(event)} and is now {event.model_id}; the one before was "
        f"{event.mae_new_eV:.3f} eV off on the new ones. The search goes on in it."
    )
