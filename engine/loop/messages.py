"""What the runner asks of a worker, and what comes back: plain data, no physics imported."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ase import Atoms

from engine.config import WATCH, CampaignSettings
from engine.core import Exploration, Move, VetoRule
from engine.protocols import Flag, FloatArray, State
from engine.store import Barrier, Jump, Score, Watched

ENSEMBLE = 10
"""Members of the label-noise ensemble (science: Δ-learning, uncertainty)."""

_BRINGS_TORCH = {
    "networks": "engine.potentials.network_committee",
    "mace": "engine.potentials.mace",
    "chgnet": "engine.potentials.chgnet",
}


@dataclass(frozen=True)
class Request:
    """A task for a worker: which campaign, and the surrogate to use."""

    folder: Path
    settings: CampaignSettings
    model_id: str


@dataclass(frozen=True)
class Explore(Request):
    """Take step number `step` of a search's chain, from the state the last step left.

    Attributes
    ----------
    chain : ``search/k``: searches that run in several workers have several chains
    labels : labelled candidates, for searches that breed from them
    """

    chain: str
    step: int
    state: State | None
    labels: tuple[str, ...]

    @property
    def search(self) -> str:
        """Name of the search."""
        return search_of(self.chain)


@dataclass(frozen=True)
class Select(Request):
    """Pick the next batch for the queue.

    Attributes
    ----------
    pool : proposals to pick from
    known : every candidate selected before (for diversity)
    labels : labelled candidates
    quarantined : candidates whose calculations failed too often
    n_imported : labels from outside
    veto_rules : that vetoes taught and that are switched on
    """

    pool: tuple[str, ...]
    known: tuple[str, ...]
    labels: tuple[str, ...]
    quarantined: tuple[str, ...]
    n_imported: int = 0
    veto_rules: tuple[VetoRule, ...] = ()


@dataclass(frozen=True)
class Fit(Request):
    """Fit the Δ-model `new_id` to `labels`; `model_id` is the one before, which knew `n_known` of them.

    Attributes
    ----------
    labels : labelled candidates, in the order their labels came
    waiting : candidates whose scores the desk shows, scored again
    probe : the fixed probe set (may be empty)
    """

    new_id: str
    n_known: int
    labels: tuple[str, ...]
    waiting: tuple[str, ...]
    probe: tuple[str, ...]


@dataclass(frozen=True)
class Measure(Request):
    """Measure the crystal's properties in each member of `model_id`, or in the reference: a `Measured`."""


@dataclass(frozen=True)
class Watch(Request):
    """Follow trajectories in `model_id`, and find their jumps into new states: a `Watching`.

    Attributes
    ----------
    labels : labelled candidates: what is like them is no new state
    veto_rules : that vetoes taught and that are switched on
    """

    labels: tuple[str, ...]
    veto_rules: tuple[VetoRule, ...] = ()

    @property
    def chain(self) -> str:
        """In place of a search's."""
        return f"{WATCH}/0"

    @property
    def search(self) -> str:
        """In place of a search's name."""
        return WATCH

    @property
    def step(self) -> int:
        """Number of the model."""
        return int(self.model_id.removeprefix("m-"))


@dataclass(frozen=True)
class Connect(Request):
    """Look for the barrier between the first of `pairs` in `model_id`: a `Connected`.

    Attributes
    ----------
    pairs : candidates, two by two; None where it is to be found out first which
    """

    pairs: tuple[tuple[str, str], ...] | None


@dataclass(frozen=True)
class Lead(Request):
    """Find what follows from the label of `leader`: a structure one `dual_step` (Å) along its forces.

    Attributes
    ----------
    chain, step : of the search that proposed the leader
    """

    leader: str
    chain: str
    step: int
    dual_step: float


@dataclass(frozen=True)
class Edit(Request):
    """Put atoms of `parent` elsewhere, as a person did, and relax that: a `Edited`.

    Attributes
    ----------
    edit : its name
    search : that found the parent, whose checks it has to pass
    moves : index of an atom, and where it is put (Å)
    steps : of the relaxation
    veto_rules : that vetoes taught and that are switched on
    """

    edit: str
    parent: str
    search: str
    moves: tuple[Move, ...]
    steps: int
    veto_rules: tuple[VetoRule, ...] = ()

    @property
    def chain(self) -> str:
        """In place of a search's."""
        return "edit/0"

    @property
    def step(self) -> int:
        """Number of the edit."""
        return int(self.edit.removeprefix("e-"))


@dataclass(frozen=True)
class Found:
    """A proposal, of which `walker` if any, with what the surrogate it was found with says about it (eV)."""

    structure: Atoms
    parent: str | None
    base_energy: float
    features: FloatArray
    flags: tuple[Flag, ...]
    score: Score
    walker: int | None = None


@dataclass(frozen=True)
class Explored:
    """One step of a search; it took `seconds` core-seconds, `base_seconds` of them in the base potential."""

    state: State
    found: tuple[Found, ...]
    seconds: float
    base_seconds: float


@dataclass(frozen=True)
class FoundJump:
    """A jump whose frames are not yet candidates: they are `found`, each with why in one sentence."""

    jump: Jump
    found: tuple[Found, ...]
    why: tuple[str, ...]


@dataclass(frozen=True)
class Watching:
    """What trajectories did in a model, and the jumps into new states."""

    watched: Watched
    jumps: tuple[FoundJump, ...] = ()


@dataclass(frozen=True)
class Connected:
    """A barrier, if there was a pair to look at, and the pairs that are left."""

    barrier: Barrier | None
    left: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Chosen:
    """A pick for the queue: the search it came from, its terms in eV, why in one sentence, its `points`."""

    candidate: str
    generator: str
    energy: float
    energy_std: float | None
    terms: dict[str, float]
    flags: tuple[Flag, ...]
    why: str
    points: int = 1


@dataclass(frozen=True)
class Led:
    """What follows from a label, if anything does, and why in one sentence."""

    found: Found | None
    why: str


@dataclass(frozen=True)
class Edited:
    """What an edit came to, if to anything, and why in one sentence."""

    found: Found | None
    why: str


@dataclass(frozen=True)
class Selected:
    """A batch for the queue, and the scores that had to be made for it."""

    chosen: tuple[Chosen, ...]
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Fitted:
    """A new Δ-model: errors in eV a structure, entropies over the probe set, scores of who waits.

    Attributes
    ----------
    accepted : false if it is worse than the model before, which stays; then no score is its
    n_imported : labels from outside that it was fitted to as well
    mae_new : of the model before, on labels it had not seen
    mae_held_out : of fits without them, on the same labels; None where there are none
    mae_held_out_atom : the same, each structure's divided by its atoms (eV)
    mae_train : on its own training set
    std_scale : measured factor in its standard deviations
    n_members : of the ensemble that those are of
    scores, train : its scores of who waits, and of the labels it was fitted to
    seconds : core-seconds
    exploration : what molecular dynamics met in the model before, if it did
    """

    accepted: bool
    n_imported: int
    mae_new: float
    mae_held_out: float | None
    mae_held_out_atom: float | None
    mae_train: float
    std_scale: float
    entropy: FloatArray
    n_members: int
    scores: tuple[Score, ...]
    train: tuple[Score, ...]
    seconds: float
    exploration: Exploration | None = None


def gather(folder: Path, settings: CampaignSettings) -> Any:
    """Read the labels that a campaign is given from outside; called in a worker."""
    from engine.loop import pretraining

    return pretraining.gather(folder, settings)


def dual_step(settings: CampaignSettings, search: str) -> float:
    """How far along the forces of its label a search's dual point lies (Å); 0 where it asks for none."""
    found = (getattr(one, "dual_step", 0.0) for one in settings.search if one.name == search)
    return float(next(found, 0.0))


def search_of(chain: str) -> str:
    """Name of the search that a chain of steps belongs to."""
    return chain.rpartition("/")[0]


def perform(request: Request) -> Any:
    """Do a task; called in a worker, which imports the physics here."""
    from engine.loop import tasks

    if (module := _BRINGS_TORCH.get(request.settings.committee.kind)) is not None:
        # loky starts a worker afresh that has grown much since its first task: torch belongs to that
        import_module(module)
    return tasks.perform(request)
