"""What the loop owes now: a pure reading of the campaign, the same after a restart as before it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.campaign import Campaign
from engine.core.candidate import Candidate, Status
from engine.core.events import Rules

EXHAUSTED_BATCHES = 10
"""Batches of duplicates in a row after which a campaign without a person has found what there is."""


@dataclass(frozen=True)
class Submit:
    """Start this attempt of a candidate's reference calculation."""

    candidate: str
    attempt: int


@dataclass(frozen=True)
class Cancel:
    """End this attempt, unless it has finished."""

    candidate: str
    attempt: int


@dataclass(frozen=True)
class Pause:
    """Too many calculations failed one after another: spend nothing more until a person has looked."""

    reason: str


@dataclass(frozen=True)
class Follow:
    """Find what follows from this candidate's label: its approval has paid for that too."""

    leader: str


@dataclass(frozen=True)
class Refit:
    """Fit the next Δ-model to these labels."""

    model_id: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Finish:
    """The budget is spent, or nobody but a policy decides and nothing new is found; all results are in."""

    reason: str = ""


Action = Cancel | Pause | Submit | Follow | Refit | Finish


def due(campaign: Campaign, now: float) -> list[Action]:
    """Actions that are owed at time `now` (s since 1970), most urgent first.

    Who is to be cancelled is, whatever the campaign's state. After `pause_after` failures in a row it pauses.
    Approvals whose hold has passed are submitted in the order they were given, at most `parallel` at once; a
    calculation that crashed is tried again until its candidate is in quarantine;
    refits come at counts of labels, the first at once where labels were imported; the end comes when the
    budget is spent, or when `auto` vetoes nothing but duplicates.
    """
    rules = campaign.rules
    submitted = campaign.with_status(Status.SUBMITTED)
    cancels: list[Action] = [Cancel(c.id, c.attempt) for c in submitted if c.cancel]
    if rules is None or campaign.state != "running":
        return cancels
    approved = campaign.with_status(Status.APPROVED)
    ripe = [c for c in approved if c.decision and c.decision.time + c.decision.hold_s <= now]
    ripe.sort(key=lambda c: (c.decision.time if c.decision else 0.0, c.order, c.rank))
    again = _again(campaign)
    free = max(0, rules.parallel - len(submitted))
    led = [name for name in campaign.labels if campaign.candidates[name].owed]
    actions = [*cancels, *(Submit(c.id, c.attempt + 1) for c in [*ripe, *again][:free]), *map(Follow, led)]
    outstanding = bool(submitted or approved or again or led)
    exhausted = rules.policy == "auto" and _repeats(campaign, EXHAUSTED_BATCHES * rules.batch)
    ended = (campaign.spent >= rules.budget or exhausted) and not outstanding
    if campaign.failed_in_row >= rules.pause_after and not ended:
        return [*cancels, Pause(_failed_in_row(campaign))]
    if _refit_due(campaign, rules, ended) and not (rules.pace == "lockstep" and outstanding):
        actions.append(Refit(f"m-{len(campaign.models) + 1:04d}", campaign.labels))
    elif ended:
        reason = f"the last {EXHAUSTED_BATCHES * rules.batch} candidates repeat earlier ones"
        actions.append(Finish(reason if exhausted else ""))
    return actions


def _again(campaign: Campaign) -> list[Candidate]:
    """Crashed calculations that may be tried once more without a person, as far as the budget goes."""
    limit = campaign.rules.quarantine_after if campaign.rules else 0
    crashed = [
        c
        for c in campaign.with_status(Status.FAILED)
        if c.n_failed < limit and c.failure is not None and c.failure.kind == "crashed"
    ]
    return crashed[: campaign.left]


def _failed_in_row(campaign: Campaign) -> str:
    failures = [(f.time, c.id, f.kind) for c in campaign.candidates.values() for f in c.failures]
    *_, kind = max(failures)
    return f"{campaign.failed_in_row} reference calculations in a row failed, the last one: {kind}"


def _repeats(campaign: Campaign, count: int) -> bool:
    """Whether the last `count` candidates of this run were all vetoed as duplicates."""
    asked = [c for c in campaign.candidates.values() if c.order > campaign.run_seq]
    last = sorted(asked, key=lambda c: (c.order, c.rank))[-count:]
    return len(last) == count and all(
        c.status is Status.VETOED and any(flag.check == "duplicate" for flag in c.flags) for c in last
    )


def _refit_due(campaign: Campaign, rules: Rules, ended: bool) -> bool:
    if campaign.imports and not campaign.models:
        return True  # the surrogate is corrected before the first label of its own
    labels, fresh = len(campaign.labels), len(campaign.labels) - campaign.n_tried
    if not fresh or (labels < rules.cold_start and not campaign.imports):
        return False
    return ended or campaign.model is None or fresh >= rules.refit_every


def explores(campaign: Campaign, pool: int) -> bool:
    """Whether a search should take its next step, with `pool` proposals not yet selected.

    Live, the search goes on while people think and references run, until the pool is full. In lockstep it
    waits until nothing else is open.
    """
    rules = campaign.rules
    if rules is None or campaign.state != "running" or campaign.left == 0 or _waits_for_imports(campaign):
        return False
    if rules.pace == "live":
        return pool < rules.pool
    return not _open(campaign) and pool < 2 * rules.batch


def selects(campaign: Campaign, pool: int) -> bool:
    """Whether the next batch should be put before the person: the queue has room, the pool a choice.

    Before the first fit at most one batch more than the cold start needs is shown.
    """
    rules = campaign.rules
    if rules is None or campaign.state != "running" or campaign.left == 0 or pool < 2 * rules.batch:
        return False
    if _waits_for_imports(campaign):
        return False
    if campaign.model is None and _asked(campaign) >= rules.cold_start + rules.batch:
        return False  # what the bare potential finds odd is soon forgotten: wait for the first fit
    if rules.pace == "live":
        return len(campaign.waiting) + rules.batch <= max(rules.queue, rules.batch)
    return not _open(campaign)


def _waits_for_imports(campaign: Campaign) -> bool:
    """Whether the first fit, to labels from outside, is still to come."""
    return bool(campaign.imports) and campaign.model is None


def _asked(campaign: Campaign) -> int:
    """Candidates that were not turned down."""
    lost = (Status.VETOED, Status.FAILED)
    return sum(candidate.status not in lost for candidate in campaign.candidates.values())


def _open(campaign: Campaign) -> bool:
    return bool(
        campaign.with_status(Status.WAITING, Status.DEFERRED, Status.APPROVED, Status.SUBMITTED)
        or any(isinstance(action, Follow | Refit) for action in due(campaign, float("inf")))
    )
