"""Hypothesis strategies: commands of any kind, and campaigns that some of them led to."""

from typing import get_args

from hypothesis import strategies as st

from engine.core import (
    AdoptVetoRule,
    ApproveCandidate,
    Campaign,
    CampaignStarted,
    CancelReference,
    CandidateEdited,
    CandidateFollowed,
    CandidateSelected,
    ChangeBudget,
    Control,
    ControlDrawn,
    ControlRun,
    DeferCandidate,
    DropVetoRule,
    EditCandidate,
    Follow,
    Pause,
    Recorded,
    ReferenceChange,
    ReferenceCompleted,
    ReferenceFailed,
    ReferenceSubmitted,
    RetryReference,
    Rework,
    Rules,
    RunControlled,
    SelectedFlag,
    SendNow,
    Shown,
    Submit,
    UndoDecision,
    Until,
    VetoCandidate,
    apply,
    decide,
    due,
)

CANDIDATES = [f"c-{k:06d}" for k in range(1, 8)]
RULES = Rules(
    budget=4,
    pace="live",
    policy="person",
    hold=10.0,
    batch=2,
    queue=6,
    pool=20,
    cold_start=2,
    refit_every=2,
    parallel=2,
    attempts=3,
    pause_after=2,
    quarantine_after=2,
    control=0.6,
    control_budget=2,
)

plain = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
limits = st.none() | st.floats(1e-3, 1e9)
changes = st.builds(
    ReferenceChange,
    settings=st.dictionaries(st.text(max_size=8), plain, max_size=3),
    time_limit=limits,
    memory_limit=limits,
    cores=st.none() | st.integers(1, 64),
)

finite = st.floats(allow_nan=False, allow_infinity=False)
moves = st.lists(st.tuples(st.integers(0, 9), finite, finite, finite), max_size=3).map(tuple)
shown = st.none() | st.builds(
    Shown,
    sentence=st.text(max_size=40),
    model_id=st.just("m-0001"),
    energy_eV=finite,
    energy_std_eV=st.none() | finite,
    terms=st.dictionaries(st.text(max_size=8), finite, max_size=4),
    checks=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    nearest_distance=st.none() | finite,
    gain=st.text(max_size=20),
    ranks=st.dictionaries(st.text(max_size=8), st.integers(1, 99), max_size=4),
    among=st.integers(0, 99),
    warning=st.text(max_size=20),
)
traits = st.sampled_from(["distance S-S", "sigma", "mood"])
sides = st.sampled_from(["below", "above"])

names = st.sampled_from(["ada", "ben", "auto"])
candidates = st.sampled_from([*CANDIDATES, "c-999999"])


def _who(draw):
    by = draw(names)
    return {"by": by, "auth": "policy" if by == "auto" else "local"}


@st.composite
def commands(draw):
    who = _who(draw)
    kind = draw(
        st.sampled_from(
            [
                ApproveCandidate,
                ApproveCandidate,
                VetoCandidate,
                DeferCandidate,
                UndoDecision,
                SendNow,
                EditCandidate,
                AdoptVetoRule,
                DropVetoRule,
                RetryReference,
                RetryReference,
                CancelReference,
                ControlRun,
                ChangeBudget,
            ]
        )
    )
    if kind is ControlRun:
        return ControlRun(**who, action=draw(st.sampled_from(["start", "pause", "resume", "stop"])))
    if kind is ChangeBudget:
        return ChangeBudget(**who, budget=draw(st.integers(1, 9)))
    if kind is DeferCandidate:
        return DeferCandidate(**who, candidate=draw(candidates), until=draw(st.sampled_from(get_args(Until))))
    if kind is EditCandidate:
        moved, steps = draw(moves), draw(st.integers(0, 30))
        return EditCandidate(**who, candidate=draw(candidates), moves=moved, steps=steps)
    if kind is AdoptVetoRule:
        trait, side = draw(traits), draw(sides)
        return AdoptVetoRule(**who, trait=trait, side=side, limit=draw(st.sampled_from([1.9, 0.5])))
    if kind is DropVetoRule:
        return DropVetoRule(**who, rule=f"{draw(traits)} {draw(sides)} 1.9")
    if kind is RetryReference:
        return RetryReference(**who, candidate=draw(candidates), change=draw(changes))
    if kind is VetoCandidate:
        return VetoCandidate(
            **who, candidate=draw(candidates), reason=draw(st.text(max_size=20)), shown=draw(shown)
        )
    return kind(**who, candidate=draw(candidates))


class World:
    """A campaign driven by commands and by an engine that does what is due; keeps the log."""

    def __init__(self):
        self.campaign = Campaign()
        self.log = []
        self.now = 1000.0
        self.append(CampaignStarted(name="law", seed=1, rules=RULES, settings={"seed": 1}))

    def append(self, event, command_id=None):
        item = Recorded(seq=self.campaign.seq + 1, time=self.now, command_id=command_id, event=event)
        self.campaign = apply(self.campaign, item)
        self.log.append(item)

    def select(self, candidate, *, flagged=False, points=1):
        flags = (SelectedFlag(check="closest-pair", reason="too close"),) if flagged else ()
        self.append(
            CandidateSelected(
                candidate=candidate,
                rank=1,
                reason="because",
                generator="toy",
                model_id="m-0000",
                energy_eV=-1.0,
                energy_std_eV=None,
                terms={"promise": 0.0},
                flags=flags,
                points=points,
            )
        )

    def follow_due(self, candidate):
        """Add what follows from a label to its bundle; None: nothing does. Whether any was due."""
        owed = [action for action in due(self.campaign, self.now) if isinstance(action, Follow)]
        for action in owed[:1]:
            energy = None if candidate is None else -1.5
            told = {"reason": "a step along its forces", "generator": "toy", "model_id": "m-0000"}
            self.append(
                CandidateFollowed(leader=action.leader, candidate=candidate, energy_eV=energy, **told)
            )
        return bool(owed)

    def draw_due(self, candidate):
        """Ask about a veto once more, as `candidate`. Whether any was due."""
        owed = [action for action in due(self.campaign, self.now) if isinstance(action, Control)]
        for action in owed[:1]:
            self.append(ControlDrawn(vetoed=action.candidate, candidate=candidate, reason="a control sample"))
        return bool(owed)

    def edit_due(self, candidate):
        """Let `candidate` come of the oldest edit; None: nothing does. Whether any was due."""
        owed = [action for action in due(self.campaign, self.now) if isinstance(action, Rework)]
        for action in owed[:1]:
            parent = next(edit.parent for edit in self.campaign.edits if edit.edit == action.edit)
            energy = None if candidate is None else -1.2
            told = {"parent": parent, "reason": "an atom moved", "model_id": "m-0000"}
            self.append(CandidateEdited(edit=action.edit, candidate=candidate, energy_eV=energy, **told))
        return bool(owed)

    def obey(self, command):
        events = decide(self.campaign, command, self.now)
        for event in events:
            self.append(event)
        return events

    def submit_due(self):
        """Start what is due; pause if that is."""
        owed = due(self.campaign, self.now)
        for action in owed:
            if isinstance(action, Pause):
                self.append(RunControlled(action="pause", by="engine", auth="engine", reason=action.reason))
        actions = [action for action in owed if isinstance(action, Submit)]
        for action in actions:
            folder = f"references/{action.candidate}-{action.attempt}"
            self.append(ReferenceSubmitted(candidate=action.candidate, attempt=action.attempt, folder=folder))
        return actions

    def finish(self, candidate, *, fails=""):
        """End the running attempt: with a label, or failed in this way."""
        attempt = self.campaign.candidates[candidate].attempt
        if fails:
            failed = {"failure": fails, "log": "boom", "seconds": 2.0, "cores": 4}
            self.append(ReferenceFailed(candidate=candidate, attempt=attempt, **failed))
        else:
            self.append(
                ReferenceCompleted(
                    candidate=candidate, attempt=attempt, energy_eV=-2.0, fmax=0.1, seconds=1.0, cores=1
                )
            )
