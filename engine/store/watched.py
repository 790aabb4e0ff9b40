"""Rows of the watch: what trajectories did in a model, and the jumps that a person is asked about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from engine.protocols import FloatArray

ROLES = ("before", "at", "after")
"""What the frames around a jump are, in order of time."""
_DIGITS = 5


@dataclass(frozen=True)
class Stay:
    """The visits of all trajectories of a model to one state.

    Attributes
    ----------
    visits : how many
    time : of all together (fs)
    ended : visits that ended before their trajectory
    """

    visits: int
    time: float
    ended: int


@dataclass(frozen=True, eq=False)
class Visited:
    """Frames `begin` to `end` of a trajectory, around median `positions` (n_atoms, 3) Å."""

    trajectory: int
    begin: int
    end: int
    positions: FloatArray


@dataclass(frozen=True, eq=False)
class Watched:
    """What trajectories did in one model.

    Attributes
    ----------
    model_id : of the model
    frame_time : from one frame to the next (fs)
    signals : of each trajectory, by name (n_frames,)
    jumps : of each trajectory, frames at which signals jumped
    visits : to states, all trajectories one after the other
    stays : in the states of jumps that were found before, by the name of the jump
    trouble : why nothing could be watched, in words; else empty
    """

    model_id: str
    frame_time: float
    signals: tuple[Mapping[str, FloatArray], ...] = ()
    jumps: tuple[tuple[int, ...], ...] = ()
    visits: tuple[Visited, ...] = ()
    stays: Mapping[str, Stay] = field(default_factory=dict)
    trouble: str = ""

    def body(self) -> str:
        """All but the model's id, as JSON."""
        said = {
            "frame_time": self.frame_time,
            "signals": [{name: _plain(values) for name, values in one.items()} for one in self.signals],
            "jumps": self.jumps,
            "visits": [
                [v.trajectory, v.begin, v.end, np.round(v.positions, _DIGITS).tolist()] for v in self.visits
            ],
            "stays": {name: asdict(stay) for name, stay in self.stays.items()},
            "trouble": self.trouble,
        }
        return json.dumps(said)

    @classmethod
    def of(cls, model_id: str, body: str) -> Watched:
        """Inverse of `body`."""
        said = json.loads(body)
        return cls(
            model_id,
            said["frame_time"],
            tuple({name: np.array(v, float) for name, v in one.items()} for one in said["signals"]),
            tuple(tuple(one) for one in said["jumps"]),
            tuple(Visited(t, begin, end, np.array(p)) for t, begin, end, p in said["visits"]),
            {name: Stay(**stay) for name, stay in said["stays"].items()},
            said["trouble"],
        )


@dataclass(frozen=True, eq=False)
class Jump:
    """A jump into a state that was like nothing known, with the frames around it.

    Attributes
    ----------
    name : j-0001 and so on
    model_id : of the model that the trajectory ran in
    trajectory, time : where and when it jumped (fs after the start)
    scores : of each signal that jumped, in standard deviations of its noise
    frames : candidates, in the order of `ROLES`
    positions : (n_atoms, 3) Å, median of the visit to the new state
    stays : in the state, by model: those before, and its own
    """

    name: str
    model_id: str
    trajectory: int
    time: float
    scores: Mapping[str, float]
    frames: tuple[str, ...]
    positions: FloatArray
    stays: Mapping[str, Stay]

    def body(self) -> str:
        """All but name and model, as JSON."""
        said = {
            "trajectory": self.trajectory,
            "time": self.time,
            "scores": {name: _plain([score])[0] for name, score in self.scores.items()},
            "frames": self.frames,
            "positions": np.round(self.positions, _DIGITS).tolist(),
            "stays": {model_id: asdict(stay) for model_id, stay in self.stays.items()},
        }
        return json.dumps(said)

    @classmethod
    def of(cls, name: str, model_id: str, body: str) -> Jump:
        """Inverse of `body`."""
        said = json.loads(body)
        return cls(
            name,
            model_id,
            said["trajectory"],
            said["time"],
            {key: np.inf if score is None else score for key, score in said["scores"].items()},
            tuple(said["frames"]),
            np.array(said["positions"]),
            {model: Stay(**stay) for model, stay in said["stays"].items()},
        )


def _plain(values: Any) -> list[float | None]:
    """Five digits; None for what is not finite."""
    return [float(f"{v:.5g}") if np.isfinite(v) else None for v in np.asarray(values, float).tolist()]
