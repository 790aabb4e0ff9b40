"""The campaign in words: state chip, log lines, ages. Pure functions of snapshots and events."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from statistics import median

from engine.core import (
    BudgetChanged,
    Campaign,
    CampaignStarted,
    CancelRequested,
    CandidateApproved,
    CandidateDeferred,
    CandidateEdited,
    CandidateFlagged,
    CandidateFollowed,
    CandidateSelected,
    CandidateVetoed,
    CommandRefused,
    ControlDrawn,
    DecisionUndone,
    EditAsked,
    HoldEnded,
    LabelsImported,
    ModelRefitted,
    ReferenceChange,
    ReferenceCompleted,
    ReferenceFailed,
    ReferenceSubmitted,
    RetryApproved,
    RunControlled,
    SettingsChanged,
    Status,
    VetoRule,
    VetoRuleAdopted,
    VetoRuleDropped,
)


@dataclass(frozen=True)
class Headline:
    """The state chip: its words, the tone of its colour, and one sentence of help."""

    chip: str
    tone: str
    help: str


def headline(campaign: Campaign) -> Headline:
    """Say what the campaign does, and what it needs from the person."""
    waiting, running = len(campaign.waiting), len(campaign.with_status(Status.SUBMITTED))
    match campaign.state:
        case "idle":
            return Headline("IDLE", "quiet", "Not started yet.")
        case "failed":
            return Headline("FAILED", "bad", f"The engine stopped {campaign.state_reason}. Press Resume.")
        case "finished":
            why = campaign.state_reason or "the budget is spent"
            return Headline("FINISHED", "good", f"{why[0].upper()}{why[1:]}. Everything paid for is in.")
        case "paused" if running:
            return Headline("PAUSING", "warn", f"{running} reference calculation still runs.")
        case "paused" if campaign.tripped:
            return Headline("PAUSED", "bad", f"Paused itself: {campaign.state_reason}.")
        case "paused":
            return Headline("PAUSED", "warn", "Nothing searches and nothing is spent. Press Resume.")
        case "stopped" if running:
            return Headline("STOPPING", "warn", f"{running} reference calculation still runs.")
        case "stopped":
            return Headline("STOPPED", "quiet", "Ended by hand. Resume goes on.")
        case _ if waiting and campaign.left:
            return Headline(f"WAITING FOR YOU ({waiting})", "accent", "The search goes on meanwhile.")
        case _ if running:
            return Headline(f"REFERENCE RUNNING ({running})", "info", "The search goes on meanwhile.")
        case _:
            return Headline("RUNNING", "good", "Searching in the surrogate.")


def progress(campaign: Campaign) -> str:
    """The round, from one refit to the next, and what the rest of the budget takes once it is approved.

    A calculation is taken to last as long as the median of the labels so far.
    """
    rules = campaign.rules
    if rules is None or campaign.state in ("idle", "finished"):
        return ""
    spent = campaign.spent
    beyond = max(0, rules.budget - rules.cold_start)
    rounds = 1 + -(-beyond // rules.refit_every)
    current = 1 if spent < rules.cold_start else 2 + (spent - rules.cold_start) // rules.refit_every
    words = f"round {min(current, rounds)} of {rounds}"
    open_ones = rules.budget - spent
    if campaign.labels and open_ones > 0:
        one = median(campaign.candidates[label].seconds for label in campaign.labels)
        words += f" · {age(one * -(-open_ones // rules.parallel))} of calculation left"
    return words


def age(seconds: float) -> str:
    """A time span, as short as it can be said."""
    if 0 < seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"


def chain_name(chain: str) -> str:
    """A chain of a search; the first of its kind goes by the name of the search alone."""
    search, _, number = chain.rpartition("/")
    return search.replace("-", " ") + (f" · chain {number}" if number != "0" else "")


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, and zero without one."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def changes(change: ReferenceChange | None) -> str:
    """What a reference is told beyond campaign.toml."""
    if change is None:
        return "settings as in campaign.toml"
    said = [f"{key} = {value}" for key, value in change.settings.items()]
    limits = (("time_limit", "s"), ("memory_limit", "GB"), ("cores", ""))
    for name, unit in limits:
        value = getattr(change, name)
        if value is not None:
            said.append(f"{name} = {value:g} {unit}".rstrip())
    return ", ".join(said) or "settings as before"


def known(model: ModelRefitted) -> str:
    """What a model was fitted to."""
    return f"{model.n_train} labels" + (f" and {model.n_imported} from outside" * bool(model.n_imported))


def edit_words(edit: EditAsked) -> str:
    """What an edit does to a structure."""
    n = len(edit.moves)
    moved = f"{n} atom{'s' * (n != 1)} moved" if n else ""
    relaxed = f"{edit.steps} steps relaxed" if edit.steps else ""
    return ", ".join(part for part in (moved, relaxed) if part)


@singledispatch
def line(event: object) -> str:
    """One line of the log."""
    raise TypeError(f"no words for {type(event).__name__}")


@line.register
def _(event: CampaignStarted) -> str:
    return f"{event.name} began with seed {event.seed} and a budget of {event.rules.budget} labels"


@line.register
def _(event: SettingsChanged) -> str:
    return f"campaign.toml was edited: {', '.join(event.changed)}"


@line.register
def _(event: RunControlled) -> str:
    words = {
        "start": "started",
        "pause": "paused",
        "resume": "resumed",
        "stop": "stopped",
        "crash": "the engine stopped",
    }
    if event.action == "finish":
        return f"finished: {event.reason or 'the budget is spent'}"
    return " ".join(part for part in (words[event.action], f"by {event.by}", event.reason) if part)


@line.register
def _(event: CandidateSelected) -> str:
    n = len(event.flags)
    flags = f" ({n} check{'s' * (n > 1)} failed)" if n else ""
    return f"{event.candidate} waits for you: {event.energy_eV:.2f} eV predicted{flags}"


@line.register
def _(event: CandidateFollowed) -> str:
    if event.candidate is None:
        return f"{event.leader}: {event.reason}"
    return f"{event.candidate} follows {event.leader}, approved with it"


@line.register
def _(event: ControlDrawn) -> str:
    return f"{event.vetoed}, vetoed, is asked about once more for the control sample: {event.candidate}"


@line.register
def _(event: CandidateFlagged) -> str:
    return f"{event.candidate}: {'; '.join(flag.reason for flag in event.flags)}"


@line.register
def _(event: CandidateApproved) -> str:
    overruled = f", overruling {', '.join(event.overruled)}" if event.overruled else ""
    return f"{event.candidate} approved by {event.by}{overruled}"


@line.register
def _(event: CandidateVetoed) -> str:
    return f"{event.candidate} vetoed by {event.by}: {event.reason}"


@line.register
def _(event: CandidateDeferred) -> str:
    until = f" until the {event.until}" if event.until else ""
    return f"{event.candidate} deferred by {event.by}{until}"


@line.register
def _(event: DecisionUndone) -> str:
    return f"{event.candidate}: {event.by} took the decision back"


@line.register
def _(event: HoldEnded) -> str:
    return f"{event.candidate}: {event.by} sends it now"


@line.register
def _(event: EditAsked) -> str:
    return f"{event.parent}: {event.by} edits it ({edit_words(event)})"


@line.register
def _(event: CandidateEdited) -> str:
    if event.candidate is None:
        return f"{event.parent} was not edited: {event.reason}"
    return f"{event.candidate} waits for you: {event.parent}, edited"


@line.register
def _(event: VetoRuleAdopted) -> str:
    return f"{event.by} made a rule: candidates with {VetoRule.of(event, 0.0).words} are flagged"


@line.register
def _(event: VetoRuleDropped) -> str:
    return f"{event.by} switched the rule off: {event.rule}"


@line.register
def _(event: RetryApproved) -> str:
    return f"{event.candidate} to be calculated again, says {event.by}: {changes(event.change)}"


@line.register
def _(event: CancelRequested) -> str:
    return f"{event.candidate}: {event.by} cancelled its calculation"


@line.register
def _(event: CommandRefused) -> str:
    return f"refused to {event.by}: {event.reason}"


@line.register
def _(event: ReferenceSubmitted) -> str:
    again = f", attempt {event.attempt}" if event.attempt > 1 else ""
    return f"{event.candidate} sent to the reference{again}"


@line.register
def _(event: ReferenceCompleted) -> str:
    return f"{event.candidate} labelled: {event.energy_eV:.3f} eV in {age(event.seconds)}"


@line.register
def _(event: ReferenceFailed) -> str:
    return f"{event.candidate}: reference failed ({event.failure})"


@line.register
def _(event: LabelsImported) -> str:
    mixed = "" if event.same_reference else ", of another reference or one that is not known"
    return f"{event.count} labels copied from {event.source}{mixed}"


@line.register
def _(event: ModelRefitted) -> str:
    if not event.accepted:
        return (
            f"{event.model_id} fitted to {known(event)} and not taken: "
            f"{event.mae_held_out_eV:.3f} eV off on new ones, the model before {event.mae_new_eV:.3f} eV"
        )
    return (
        f"{event.model_id} fitted to {known(event)}; the model before was "
        f"{event.mae_new_eV:.3f} eV off on the new ones"
    )


@line.register
def _(event: BudgetChanged) -> str:
    return f"budget set to {event.budget} labels by {event.by}"
