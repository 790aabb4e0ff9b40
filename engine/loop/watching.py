"""A watch in a worker: what trajectories do in a model, and the frames around their jumps into new states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ase import Atoms

from engine.campaigns import start_structure
from engine.config import WATCH
from engine.generators.frames import farthest
from engine.generators.placement import in_box, in_region
from engine.generators.watch import Trajectory, follow, new_states
from engine.loop.examining import found_of
from engine.loop.messages import FoundJump, Watch, Watching
from engine.loop.ruling import found_by_rules
from engine.loop.scoring import base_of, label_of, model_of, model_path, rng, space_of
from engine.potentials.delta import Delta
from engine.protocols import FloatArray, Proposal
from engine.store import ROLES, Jump, Stay, Store, Visited, Watched

_SPELT = {
    "displacement": "the largest displacement of an atom",
    "uncertainty": "the uncertainty",
    "anharmonicity": "σᴬ",
}


def watch(request: Watch) -> Watching:
    """Follow trajectories; where that fails the row says why."""
    frame_time = request.settings.watch.steps * request.settings.watch.timestep
    store = Store(request.folder)
    try:
        return _watched(request, store, frame_time)
    except Exception as error:  # the seam: a potential may raise anything, and no campaign ends for this
        trouble = f"{type(error).__name__}: {error}"
        return Watching(Watched(request.model_id, frame_time, trouble=trouble))
    finally:
        store.close()


def _watched(request: Watch, store: Store, frame_time: float) -> Watching:
    settings, space = request.settings.watch, space_of(request)
    base = base_of(request.settings)
    surrogate = Delta(base, model_of(model_path(request.folder, request.model_id)))
    found_before = store.jumps()
    on_the_way = {name for jump in found_before for name in jump.frames}  # the states themselves are known
    own = [label for label in request.labels if label not in on_the_way]
    labels = [*(label.structure for label in store.imported()), *store.structures(own)]
    start = start_structure(request.folder, request.settings.system)
    sites = min(labels, key=lambda one: label_of(one) / len(one)) if start is None else start
    trajectories = follow(
        sites,
        surrogate,
        settings,
        rng(request.settings.seed, request.step, request.chain),
        lambda structure: in_box(structure) and in_region(structure, space),
    )
    watched = _row(request.model_id, frame_time, trajectories)
    earlier = {jump.name: _moved(sites, jump.positions) for jump in found_before}
    stays = {name: _stay(state, watched, settings.same) for name, state in earlier.items()}
    jumps: list[FoundJump] = []
    for state in new_states(trajectories, [sites, *labels, *earlier.values()], settings):
        jump = Jump(
            name=f"j-{len(earlier) + len(jumps) + 1:04d}",
            model_id=request.model_id,
            trajectory=state.trajectory,
            time=state.jump.frame * frame_time,
            scores=state.jump.scores,
            frames=(),
            positions=state.structure.positions,
            stays={
                one.model_id: _stay(state.structure, one, settings.same)
                for one in (*store.watched(), watched)
            },
        )
        frames = [trajectories[state.trajectory].frames[k] for k in state.around]
        found = found_of(request, [Proposal(_told(frame)) for frame in frames], base, surrogate)
        found = found_by_rules(request.veto_rules, found)
        jumps.append(FoundJump(jump, found, tuple(_why(jump, role) for role in ROLES)))
    return Watching(replace(watched, stays=stays), tuple(jumps))


def _row(model_id: str, frame_time: float, trajectories: Sequence[Trajectory]) -> Watched:
    return Watched(
        model_id,
        frame_time,
        tuple(one.signals for one in trajectories),
        tuple(tuple(jump.frame for jump in one.jumps) for one in trajectories),
        tuple(
            Visited(number, visit.begin, visit.end, visit.structure.positions)
            for number, one in enumerate(trajectories)
            for visit in one.visits
        ),
    )


def _stay(state: Atoms, watched: Watched, same: float) -> Stay:
    """All visits of one model's trajectories to a state."""
    last = {visit.trajectory: visit.end for visit in watched.visits}
    there = [v for v in watched.visits if farthest(_moved(state, v.positions), state) < same]
    return Stay(
        visits=len(there),
        time=watched.frame_time * sum(visit.end - visit.begin for visit in there),
        ended=sum(visit.end < last[visit.trajectory] for visit in there),
    )


def _moved(structure: Atoms, positions: FloatArray) -> Atoms:
    moved: Atoms = structure.copy()
    moved.set_positions(positions, apply_constraint=False)
    return moved


def _told(frame: Atoms) -> Atoms:
    told: Atoms = frame.copy()
    told.info = {"kind": WATCH}
    return told


def _why(jump: Jump, role: str) -> str:
    what = " and ".join(
        f"{_SPELT[name]} by {score:.0f} times its noise" for name, score in jump.scores.items()
    )
    return (
        f"Frame {role} jump {jump.name} of a trajectory in {jump.model_id}, {jump.time / 1000:.2f} ps after "
        f"its start: {what}, into a state that no label is like. Labels of its {len(ROLES)} frames tell "
        f"whether the state is real; `deltadesk decide DIR {jump.name} approve` decides about all of them."
    )
