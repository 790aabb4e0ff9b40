"""What the loop owes now: a pure reading of the campaign, the same after a restart as before it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.campaign import Campaign
from engine.core.candidate import Candidate, Status
from engine.core.control import drawn
from engine.core.events import ModelRefitted, Rules

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
class Control:
    """Ask once more about this candidate, which a person vetoed: it was drawn for the control sample."""

    candidate: str


@dataclass(frozen=True)
class Rework:
    """Make the structure that a person asked for with this edit."""

    edit: str


@dataclass(frozen=True)
class Refit:
    """Fit the next Δ-model to these labels."""

    model_id: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Characterise:
    """Measure the crystal's properties in this model, or in the reference itself."""

    model_id: str


@dataclass(frozen=True)
class Observe:
    """Follow trajectories in this model, and look at their jumps from one state to another."""

    model_id: str


@dataclass(frozen=True)
class Finish:
    """The budget is spent, or nobody but a policy decides and nothing new is found; all results are in."""

    reason: str = ""


@dataclass(frozen=True)
class Bridge:
    """Look for barriers between near minima in this model."""

    model_id: str


Action = (
    Cancel | Pause | Submit | Follow | Control | Rework | Refit | Characterise | Observe | Bridge | Finish
)


def due(
    campaign: Campaign,
    now: float,
    *,
    exhausted: bool = False,
    quiet: int = 0,
    unmeasured: str | None = None,
    unwatched: str | None = None,
    unbridged: str | None = None,
) -> list[Action]:
    """Actions that are owed at time `now` (s since 1970), most urgent first.

    Who is to be cancelled is, whatever the campaign's state; edits are made while it is paused as well.
    After `pause_after` failures in a row it pauses. Approvals whose hold has passed are submitted in the
    order they were given, at most `parallel` at once; a calculation that crashed is tried again until its
    candidate is in quarantine; vetoes that were drawn for the control sample are asked about once more;
    refits come at counts of labels, the first at once where labels were imported; the end comes when the
    budget is spent, when the stop rule is met, when `auto` vetoes nothing but duplicates, or when nothing is
    left to ask about: `exhausted` says that no search has more to offer and all it offered was selected,
    `quiet` how many frames molecular dynamics, the only search, judged since it last proposed one.
    `unmeasured` is the next model, or the reference, whose properties the settings ask for and nobody has
    measured, `unwatched` the model whose trajectories nobody has looked at, `unbridged` the one in which
    barriers are still to be looked for: there is no end before.
    """
    rules = campaign.rules
    submitted = campaign.with_status(Status.SUBMITTED)
    cancels: list[Action] = [Cancel(c.id, c.attempt) for c in submitted if c.cancel]
    edits: list[Action] = [Rework(edit.edit) for edit in campaign.edits]
    if rules is None or campaign.state != "running":
        return [*cancels, *edits] if campaign.state == "paused" else cancels
    approved = campaign.with_status(Status.APPROVED)
    ripe = [c for c in approved if c.decision and c.decision.time + c.decision.hold_s <= now]
    ripe.sort(key=lambda c: (c.decision.time if c.decision else 0.0, c.order, c.rank))
    again = _again(campaign)
    free = max(0, rules.parallel - len(submitted))
    led = [c.id for c in campaign.candidates.that_owe]
    actions = [*cancels, *(Submit(c.id, c.attempt + 1) for c in [*ripe, *again][:free]), *map(Follow, led)]
    actions += [Control(candidate.id) for candidate in drawn(campaign, now)]
    actions += edits
    outstanding = bool(submitted or approved or again or led or edits)
    reason = _end(campaign, rules, exhausted=exhausted, quiet=quiet)
    ended = (campaign.spent >= rules.budget or bool(reason)) and not outstanding
    if campaign.failed_in_row >= rules.pause_after and not ended:
        return [*cancels, Pause(_failed_in_row(campaign))]
    models: list[Action] = []
    if _refit_due(campaign, rules, ended):
        models.append(Refit(f"m-{len(campaign.models) + 1:04d}", campaign.labels))
    if unmeasured is not None:
        models.append(Characterise(unmeasured))
    if unwatched is not None:
        models.append(Observe(unwatched))
    if unbridged is not None:
        models.append(Bridge(unbridged))
    if ended and not models:
        return [*actions, Finish(reason)]
    waits = rules.pace == "lockstep" and outstanding
    return actions if waits else [*actions, *models]


def _end(campaign: Campaign, rules: Rules, *, exhausted: bool, quiet: int = 0) -> str:
    """Why it ends before its budget is spent, in words; empty if it does not."""
    asked = _with_somebody(campaign, rules)
    if exhausted and not asked:
        return "everything that was offered has been asked about"
    if rules.stop_quiet and quiet >= rules.stop_quiet and not asked:
        return f"molecular dynamics judged {quiet} frames in {campaign.model_id} and proposed none"
    count = EXHAUSTED_BATCHES * rules.batch
    if rules.policy == "auto" and _repeats(campaign, count):
        return f"the last {count} candidates repeat earlier ones"
    return _good_enough(campaign.models[campaign.models_before_run :], rules)


def _good_enough(models: tuple[ModelRefitted, ...], rules: Rules) -> str:
    """Which goal of ``[stop]`` the last of these fits reached, in words; empty if none."""
    last = [model for model in models if model.accepted][-rules.stop_cycles :]
    if len(last) < rules.stop_cycles:
        return ""
    errors = [model.mae_held_out_atom_eV for model in last]
    if rules.stop_error and all(e is not None and e <= rules.stop_error for e in errors):
        return (
            f"{rules.stop_cycles} fits in a row have an error of at most {rules.stop_error:g} eV an atom "
            "on labels held out"
        )
    moved = [model for model in models if model.accepted][
        -max(rules.stop_cycles, 2) :
    ]  # one alone moves nowhere
    known = [model.probe_entropy for model in moved if model.probe_entropy is not None]
    if rules.stop_entropy and len(known) == len(moved) > 1 and max(known) - min(known) < rules.stop_entropy:
        return f"the entropy of the probe set moved by less than {rules.stop_entropy:g} in {len(moved)} fits"
    if rules.stop_acceptance and _meets_nothing_new(models, rules):
        return (
            f"in {len(last)} fits in a row molecular dynamics met nothing new: as many frames were accepted "
            "as its test frames expect, and the error on labels held out fell no more, "
            f"{errors[-1]:.2g} eV an atom"
        )
    return ""


def _meets_nothing_new(models: tuple[ModelRefitted, ...], rules: Rules) -> bool:
    """Whether the last fits' models accept what they should, no better than those before."""
    from engine.math import acceptance_band, exploration_settled  # with scipy, as the first page does not

    judged = [(m.exploration, m.mae_held_out_atom_eV) for m in models if m.accepted]
    errors = [error for _, error in judged if error is not None]
    last = [met for met, error in judged[-rules.stop_cycles :] if met is not None and error is not None]
    if len(last) < rules.stop_cycles or len(errors) <= len(last):
        return False
    low, high = acceptance_band(
        [met.expected[0] for met in last],
        [met.expected[1] for met in last],
        [met.test_frames for met in last],
        [met.judged for met in last],
        rules.stop_acceptance,
    )
    return exploration_settled([met.acceptance for met in last], low, high, errors)


def _again(campaign: Campaign) -> list[Candidate]:
    """Crashed calculations that may be tried once more without a person, as far as the budget goes."""
    limit = campaign.rules.quarantine_after if campaign.rules else 0
    crashed = [
        c
        for c in campaign.with_status(Status.FAILED)
        if not c.control_of and c.n_failed < limit and c.failure is not None and c.failure.kind == "crashed"
    ]
    return crashed[: campaign.left]


def _failed_in_row(campaign: Campaign) -> str:
    failures = [(f.time, c.id, f.kind) for c in campaign.candidates.that_failed for f in c.failures]
    *_, kind = max(failures)
    return f"{campaign.failed_in_row} reference calculations in a row failed, the last one: {kind}"


def _repeats(campaign: Campaign, count: int) -> bool:
    """Whether the last `count` candidates of this run were all vetoed as duplicates."""
    if campaign.candidates.count(Status.VETOED) < count:
        return False
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
    if rules is None or not _asks_for_more(campaign, rules) or _waits_for_imports(campaign):
        return False
    if rules.pace == "live":
        return pool < max(rules.pool, 2 * rules.batch)  # which `selects` chooses from
    return not _open(campaign, rules) and pool < 2 * rules.batch


def loads(campaign: Campaign) -> bool:
    """Whether a search that offers a given set should offer more of it: all of it, before any is picked."""
    return campaign.rules is not None and _asks_for_more(campaign, campaign.rules)


def selects(campaign: Campaign, pool: int, *, ended: bool = False) -> bool:
    """Whether the next batch should be put before the person: the queue has room, the pool a choice.

    Before the first fit at most one batch more than the cold start needs is shown. Where every search has
    `ended`, the rest of the pool is taken as it is.
    """
    rules = campaign.rules
    if rules is None or not _asks_for_more(campaign, rules):
        return False
    if pool < (1 if ended else 2 * rules.batch):
        return False
    if _waits_for_imports(campaign):
        return False
    if campaign.model is None and _asked(campaign) >= rules.cold_start + rules.batch:
        return False  # what the bare potential finds odd is soon forgotten: wait for the first fit
    if rules.pace == "live":
        asked = [candidate for candidate in _with_somebody(campaign, rules) if not _is_set_aside(candidate)]
        return len(asked) + rules.batch <= max(rules.queue, rules.batch)
    return not _open(campaign, rules)


def _asks_for_more(campaign: Campaign, rules: Rules) -> bool:
    """Whether it runs, has something left to spend, and no reason to end before that."""
    return campaign.state == "running" and campaign.left > 0 and not _end(campaign, rules, exhausted=False)


def _waits_for_imports(campaign: Campaign) -> bool:
    """Whether the first fit, to labels from outside, is still to come."""
    return bool(campaign.imports) and campaign.model is None


def _asked(campaign: Campaign) -> int:
    """Candidates that were not turned down."""
    lost = campaign.candidates.count(Status.VETOED) + campaign.candidates.count(Status.FAILED)
    return len(campaign.candidates) - lost


def _with_somebody(campaign: Campaign, rules: Rules) -> list[Candidate]:
    """Candidates that somebody is to decide about: `auto` never looks at what a person has set aside."""
    return campaign.with_status(Status.WAITING) if rules.policy == "auto" else list(campaign.waiting)


def _is_set_aside(candidate: Candidate) -> bool:
    """Until something comes; one that was taken back waits, and keeps its `until`."""
    return candidate.status is Status.DEFERRED and bool(candidate.until)


def _open(campaign: Campaign, rules: Rules) -> bool:
    """Whether something is to be answered before more is asked; not what waits for the next batch or fit."""
    return bool(
        any(not _is_set_aside(candidate) for candidate in _with_somebody(campaign, rules))
        or campaign.with_status(Status.APPROVED, Status.SUBMITTED)
        or any(isinstance(action, Follow | Refit | Rework) for action in due(campaign, float("inf")))
    )
