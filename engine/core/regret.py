"""What did curation cost or save by energy, as far as it is known today: a pure reading.

A veto is regretted where the present model puts the structure among the best of its composition; what is true
of it, a label of the control sample says. An approval gave nothing where no label came, where the label
repeats an earlier one, or lies far above the best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.campaign import Campaign
from engine.core.candidate import NOT_A_PERSON, Candidate, Status

BEST = 5
"""At most so many labels of a composition are its best, and at most a quarter of them (but one always is)."""
FAR = 0.1
"""eV an atom above the best label of its composition: far above."""

_OVER = frozenset({Status.LABELLED, Status.FAILED})


@dataclass(frozen=True)
class Today:
    """What is known today of a candidate.

    Attributes
    ----------
    energy_eV : of the present model
    composition : only like is compared with like
    n_atoms : of it
    repeats : whether its structure repeats one that was labelled earlier
    """

    energy_eV: float
    composition: str
    n_atoms: int
    repeats: bool = False


@dataclass(frozen=True)
class Account:
    """Decisions of one person, or vetoes for one reason.

    Attributes
    ----------
    name : whose, or which
    vetoes : how many stand
    judged : of them, those that can be compared with labels of their composition, and have none by a control
    missed : of those, the ones that the present model puts among the best
    right, wrong : vetoes that a control's label, or its failure, confirms or refutes
    approvals : that have ended
    failed, repeats, far : of them, those that gave nothing
    """

    name: str
    vetoes: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    far: tuple[str, ...] = ()


@dataclass(frozen=True)
class Regret:
    """Accounts by person and by reason of the veto, and all of them together."""

    total: Account
    people: tuple[Account, ...] = ()
    reasons: tuple[Account, ...] = ()


@dataclass
class _Best:
    """What counts as among the best of each composition."""

    campaign: Campaign
    today: Mapping[str, Today]
    predicted: dict[str, list[float]] = field(default_factory=dict)
    labels: dict[str, list[float]] = field(default_factory=dict)
    controls: dict[str, Candidate] = field(default_factory=dict)
    """Those that have ended, by the veto that they stand for."""

    def __post_init__(self) -> None:
        ended = (c for c in self.campaign.candidates.controls if c.status in _OVER)
        self.controls = {c.control_of: c for c in ended}
        for name in self.campaign.labels:
            candidate, known = self.campaign.candidates[name], self.today.get(name)
            if known is not None and candidate.label_eV is not None and not candidate.control_of:
                self.predicted.setdefault(known.composition, []).append(known.energy_eV)
                self.labels.setdefault(known.composition, []).append(candidate.label_eV)

    def judges(self, name: str) -> bool:
        """Whether labels of its composition are there to be compared with."""
        known = self.today.get(name)
        return known is not None and known.composition in self.predicted

    def predicts(self, name: str) -> bool:
        """Whether the present model puts a candidate that it judges among the best."""
        known = self.today[name]
        return _among(self.predicted[known.composition], known.energy_eV)

    def holds(self, candidate: Candidate) -> bool:
        """Whether its label is."""
        known = self.today.get(candidate.id)
        if known is None or candidate.label_eV is None:
            return False
        return _among(self.labels.get(known.composition, []), candidate.label_eV)

    def is_far(self, candidate: Candidate) -> bool:
        """Whether its label lies far above the best of its composition."""
        known = self.today.get(candidate.id)
        if known is None or candidate.label_eV is None:
            return False
        lowest = min(self.labels.get(known.composition, []), default=candidate.label_eV)
        return (candidate.label_eV - lowest) / known.n_atoms > FAR


def _among(others: Sequence[float], energy: float) -> bool:
    top = max(1, min(BEST, len(others) // 4))
    return bool(others) and sum(other < energy for other in others) < top


def regret(campaign: Campaign, today: Mapping[str, Today]) -> Regret:
    """Read it off a campaign.

    Parameters
    ----------
    campaign : whose people decided
    today : of vetoed and labelled candidates; what is not in it is counted and not judged
    """
    asked = [
        c
        for _, c in sorted(campaign.candidates.items())
        if c.decision and c.decision.auth not in NOT_A_PERSON and not (c.leader or c.control_of)
    ]
    vetoed = [c for c in asked if c.status is Status.VETOED and not c.attempt]
    ended = [c for c in asked if c.status in _OVER or (c.status is Status.VETOED and c.attempt)]
    best = _Best(campaign, today)

    def by(of: Callable[[Candidate], str]) -> dict[str, tuple[list[Candidate], list[Candidate]]]:
        groups: dict[str, tuple[list[Candidate], list[Candidate]]] = {}
        for k, some in enumerate((vetoed, ended)):
            for candidate in some:
                groups.setdefault(of(candidate), ([], []))[k].append(candidate)
        return dict(sorted(groups.items()))

    return Regret(
        total=_account("all", vetoed, ended, best),
        people=tuple(_account(name, *some, best) for name, some in by(_person).items()),
        reasons=tuple(_account(name, some, [], best) for name, (some, _) in by(_reason).items() if some),
    )


def _person(candidate: Candidate) -> str:
    return candidate.decision.by if candidate.decision else ""


def _reason(candidate: Candidate) -> str:
    return candidate.decision.reason if candidate.decision else ""


def _account(name: str, vetoed: Sequence[Candidate], ended: Sequence[Candidate], best: _Best) -> Account:
    told = {c.id: best.controls[c.id] for c in vetoed if c.id in best.controls}
    wrong = [veto for veto, control in told.items() if best.holds(control)]
    judged = [c.id for c in vetoed if c.id not in told and best.judges(c.id)]
    failed = [c for c in ended if c.status is not Status.LABELLED]
    labelled = [c for c in ended if c.status is Status.LABELLED]
    repeats = [c for c in labelled if (known := best.today.get(c.id)) is not None and known.repeats]
    return Account(
        name=name,
        vetoes=_ids(vetoed),
        judged=tuple(judged),
        missed=tuple(name for name in judged if best.predicts(name)),
        right=tuple(veto for veto in told if veto not in wrong),
        wrong=tuple(wrong),
        approvals=_ids(ended),
        failed=_ids(failed),
        repeats=_ids(repeats),
        far=_ids(c for c in labelled if c not in repeats and best.is_far(c)),
    )


def _ids(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    return tuple(candidate.id for candidate in candidates)
