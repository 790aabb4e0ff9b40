"""Molecular dynamics: trajectories at a temperature, whose uncertain and viable frames are proposed.

Kang, Purcell, Carbogno, Scheffler, arXiv 2409.11808. They run on the mean of a committee, or on the surrogate
where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ase import Atoms

from engine.config import MDSettings
from engine.coordinates import packed
from engine.generators.frames import Acceptance, Said, comparable, displacements, distance, said_of
from engine.generators.placement import in_box, in_region, place
from engine.generators.walkers import from_plain, to_plain
from engine.math import anharmonicity, anharmonicity_of_atoms, harmonic_forces
from engine.potentials.dynamics import Bath, Stretch, evolve, thermal_velocities
from engine.potentials.force_constants import force_constants
from engine.potentials.relax import free_atoms, relax
from engine.protocols import EMPTY, Archive, FloatArray, Generator, Potential, Proposal, State
from engine.space import Space

_BOND, _TRIES = (0.75, 1.25), 100  # of what is placed where there is nothing to begin in
_FMAX, _STEPS = 0.1, 100  # of its relaxation (eV/Å)
_FMAX_SITES, _STEPS_SITES = 0.001, 200  # of a crystal's sites, whose force counts as anharmonic (eV/Å)
_REMEMBERED = 20  # frames that were proposed, with which others are compared
_DIGITS = 5  # of positions (Å) that are kept to compare with
_PICTURED = 25_000  # atoms of a stretch whose positions are kept to be looked at, 16 bytes each


class MolecularDynamics:
    """Each step follows all trajectories for some frames, and proposes those that the draw accepts.

    Trajectories begin in the start structure or crystal, relaxed; later ones in the labels that came since
    of which the largest error had been claimed, or else in the lowest. The state keeps what was said of each
    frame of the last stretch, what was drawn, and the positions of what was proposed and of as many frames
    between as 25,000 atoms allow. Where the surrogate has no forces yet, nothing moves: the start itself is
    proposed, rattled, and the test frames are such, too. A frame like a label, or like what this or
    another chain proposed of late, is not proposed.

    Parameters
    ----------
    settings : bath, stretches, probabilities
    space : formula, box, surface or crystal, and region
    """

    def __init__(self, settings: MDSettings, space: Space) -> None:
        self._settings = settings
        self._space = space
        self._bath = Bath(settings.temperature, settings.timestep, settings.friction)

    def start(self, structure: Atoms | None = None) -> State:
        """State before the first step; no trajectory has begun yet."""
        return {
            "start": None if structure is None else to_plain(structure),
            "walkers": [],
            "velocities": [],
            "stretch": 0,
            "anew": False,
            "labels": 0,
            "test": [],
            "proposed": [],
            "rewinds": 0,
            "judged": 0,
            "accepted": 0,
            "expected": 0.0,
            "statistics": None,
            "frames": None,
        }

    def step(
        self, state: State, potential: Potential, rng: np.random.Generator, archive: Archive = EMPTY
    ) -> tuple[State, list[Proposal]]:
        """Follow the trajectories for a stretch; the first frames of all are kept as the measure.

        Raises
        ------
        StructureError
            if there is nothing to begin in, and the formula cannot be placed in the box
        """
        if not state["walkers"] and (first := self._without_forces(state, potential, rng)) is not None:
            return first
        known = archive.labelled()
        after = dict(state)
        over = state["stretch"] >= self._settings.length or state.get("anew")  # not in states from before it
        if not state["walkers"] or over:
            after |= self._begun(state, known, potential, rng)
        walkers = [from_plain(walker) for walker in after["walkers"]]
        stretch = evolve(
            walkers,
            [np.array(v) for v in after["velocities"]],
            potential,
            self._bath,
            frames=self._settings.frames,
            steps=self._settings.steps,
            rng=rng,
            largest_force=self._settings.largest_force,
            allowed=self._allowed,
        )
        often = stretch.rewinds > self._settings.frames
        last = [one[-1] if one else walker for one, walker in zip(stretch.frames, walkers, strict=True)]
        after |= {
            "walkers": [to_plain(walker) for walker in last],
            "velocities": [v.tolist() for v in stretch.velocities],
            "stretch": after["stretch"] + 1,
            # where a start was no good, or one explodes more often than it gives frames, all begin anew
            "anew": bool((stretch.stuck | often).any()),
            "rewinds": after["rewinds"] + int(stretch.rewinds.sum()),
        }
        there = [*known, *archive.others()]
        return self._looked_at(after, stretch, there, potential, rng)

    def _allowed(self, structure: Atoms) -> bool:
        return in_box(structure) and in_region(structure, self._space)

    def _begun(
        self, state: State, known: Sequence[Atoms], potential: Potential, rng: np.random.Generator
    ) -> dict[str, Any]:
        """Where trajectories begin, and how fast."""
        begin = self._origins(state, known, potential, rng)
        walkers = [begin[k % len(begin)] for k in range(self._settings.trajectories)]
        velocities = [thermal_velocities(walker, self._bath.thermal_energy, rng) for walker in walkers]
        return {
            "walkers": [to_plain(walker) for walker in walkers],
            "velocities": [v.tolist() for v in velocities],
            "stretch": 0,
            "anew": False,
            "labels": len(known),
        }

    def _without_forces(
        self, state: State, potential: Potential, rng: np.random.Generator
    ) -> tuple[State, list[Proposal]] | None:
        """What there is to begin in, rattled, as test frames and proposals; None if that feels forces."""
        missing = max(0, self._settings.test_frames - len(state["test"]))
        rattled = self._placed(state, missing + self._settings.proposals, rng)
        for one in rattled:
            free = free_atoms(one)
            one.positions[free] += rng.normal(0, self._settings.rattle, (free.sum(), 3))
            one.info = {"kind": "md"}
        if any(forces.any() for forces in potential.predict(rattled).forces):
            return None
        test = [*state["test"], *(_kept(one) for one in rattled[:missing])]
        return {**state, "test": test}, [Proposal(one) for one in rattled[missing:] if self._allowed(one)]

    def _origins(
        self, state: State, known: Sequence[Atoms], potential: Potential, rng: np.random.Generator
    ) -> list[Atoms]:
        """New labels, the largest error first; else the lowest; without any, what there is to begin in."""
        count, new = self._settings.trajectories, known[state["labels"] :]
        if new:
            missed = np.abs(_claimed(new, potential) - _label(new))
            return [new[k] for k in np.argsort(-missed, kind="stable")[:count]]
        if known:
            return [known[int(np.argmin(_label(known)))]]
        begin = self._placed(state, count if self._sites(state) is None else 1, rng)
        return self._relaxed(begin, potential, _FMAX, _STEPS)

    def _relaxed(self, begin: Sequence[Atoms], potential: Potential, fmax: float, steps: int) -> list[Atoms]:
        """Where these relax to, or themselves where that is not allowed."""
        relaxed = relax(begin, potential, fmax, steps).structures
        return [end if self._allowed(end) else origin for end, origin in zip(relaxed, begin, strict=True)]

    def _placed(self, state: State, count: int, rng: np.random.Generator) -> list[Atoms]:
        """Copies of the start, or what is placed at random where there is none."""
        sites = self._sites(state)
        if sites is None:
            return [place(self._space, _BOND, _TRIES, rng) for _ in range(count)]
        return [sites.copy() for _ in range(count)]

    def _sites(self, state: State) -> Atoms | None:
        """The start structure or the crystal, if there is one."""
        if state["start"] is not None:
            return from_plain(state["start"])
        return None if self._space.composition else self._space.substrate

    def _looked_at(
        self,
        state: dict[str, Any],
        stretch: Stretch,
        there: Sequence[Atoms],
        potential: Potential,
        rng: np.random.Generator,
    ) -> tuple[State, list[Proposal]]:
        """Fill the test frames first; once there are enough, judge the frames, and propose some."""
        settings = self._settings
        frames = [frame for one in stretch.frames for frame in one]
        missing = settings.test_frames - len(state["test"])
        if missing > 0:
            every = np.linspace(0, len(frames) - 1, min(missing, len(frames))).round().astype(int)
            return {**state, "test": state["test"] + [_kept(frames[k]) for k in every]}, []
        if not frames:
            return {**state, "frames": None}, []
        sites, test = self._sites(state), [from_plain(one) for one in state["test"]]
        measure, said = said_of(test, potential, sites), said_of(frames, potential, sites)
        acceptance = Acceptance.of(measure, settings)
        statistics = acceptance.statistics(measure)
        of_uncertainty, of_energy = acceptance.probabilities(said)
        seed = int(rng.integers(2**31))
        draws = np.random.default_rng(seed).random(len(frames))
        accepted = draws < of_uncertainty * of_energy
        sigma, of_atoms = self._anharmonicity(stretch, said, sites, potential)
        columns: dict[str, FloatArray] = {
            "energy": said.energy,
            **{f"u-{kind}": values for kind, values in said.uncertainties.items()},
            "P_U": of_uncertainty,
            "P_E": of_energy,
            "draw": draws,
            **({} if sigma is None else {"anharmonicity": sigma}),
        }
        chosen = self._novel(
            frames, np.flatnonzero(accepted).tolist(), of_uncertainty * of_energy, state, there
        )
        trajectory = [k for k, one in enumerate(stretch.frames) for _ in one]
        proposals = [Proposal(_offered(frames[k], columns, k), walker=trajectory[k]) for k in chosen]
        after = {
            **state,
            "proposed": [*state["proposed"], *(_kept(frames[k]) for k in chosen)][-_REMEMBERED:],
            "judged": state["judged"] + len(frames),
            "accepted": state["accepted"] + int(accepted.sum()),
            "expected": state["expected"] + len(frames) * statistics["acceptance"][0],
            "statistics": statistics,
            "frames": {
                "seed": seed,
                "trajectory": trajectory,
                "proposed": [int(k) for k in chosen],
                **_pictured(stretch, chosen),
                "columns": {name: _plain(values) for name, values in columns.items()},
                "anharmonicity_of_atoms": None if of_atoms is None else [_plain(a) for a in of_atoms],
            },
        }
        return after, proposals

    def _novel(
        self,
        frames: Sequence[Atoms],
        accepted: Sequence[int],
        probability: FloatArray,
        state: Mapping[str, Any],
        there: Sequence[Atoms],
    ) -> list[int]:
        """Of the accepted frames the most probable, none like what is there or like one that was proposed."""
        there = [*there, *(from_plain(one) for one in state["proposed"])]
        chosen: list[int] = []
        for k in sorted(accepted, key=lambda k: (-probability[k], k)):
            if len(chosen) == self._settings.proposals:
                break
            if all(distance(frames[k], other) >= self._settings.novelty for other in there):
                chosen.append(int(k))
                there.append(frames[k])
        return chosen

    def _anharmonicity(
        self, stretch: Stretch, said: Said, sites: Atoms | None, potential: Potential
    ) -> tuple[FloatArray | None, list[FloatArray] | None]:
        """σᴬ of each frame (n,), and of each trajectory's atoms, from sites at rest in the potential.

        None outside a crystal.
        """
        if sites is None or not sites.pbc.all():
            return None, None
        (sites,) = self._relaxed([sites], potential, _FMAX_SITES, _STEPS_SITES)
        phi = force_constants(sites, potential)
        of_frames, of_atoms, first = [], [], 0
        for one in stretch.frames:
            forces = said.forces[first : first + len(one)]
            first += len(one)
            if not one or not comparable(one[0], sites):  # or of another cell
                of_frames.append(np.full(len(one), np.nan))
                of_atoms.append(np.empty(0))
                continue
            harmonic = harmonic_forces(phi, [displacements(frame, sites) for frame in one])
            of_frames.append(anharmonicity(forces, harmonic))
            of_atoms.append(anharmonicity_of_atoms(forces, harmonic))
        return np.concatenate(of_frames), of_atoms


def _label(structures: Sequence[Atoms]) -> FloatArray:
    """Energies that the reference gave (eV an atom)."""
    return np.array([structure.get_potential_energy() / len(structure) for structure in structures])


def _claimed(structures: Sequence[Atoms], potential: Potential) -> FloatArray:
    """Energies (eV an atom) that were claimed of frames when they were proposed.

    Of others what the present model says, which may have learnt their labels since.
    """
    present = said_of(structures, potential).energy
    terms = [structure.info.get("terms", {}) for structure in structures]
    return np.array([said.get("energy", now) for said, now in zip(terms, present, strict=True)])


def _kept(frame: Atoms) -> dict[str, Any]:
    plain = to_plain(frame)
    return {**plain, "positions": np.round(frame.positions, _DIGITS).tolist()}


def _pictured(stretch: Stretch, chosen: Sequence[int]) -> dict[str, Any]:
    """Which frames are kept to be looked at, and the positions of each trajectory's."""
    frames = [frame for one in stretch.frames for frame in one]
    every = -(-sum(len(frame) for frame in frames) // _PICTURED)
    kept = sorted({*range(0, len(frames), every), *chosen})
    of_trajectories, first = [], 0
    for one in stretch.frames:
        mine = [frames[k].positions for k in kept if first <= k < first + len(one)]
        of_trajectories.append(packed(np.array(mine)))
        first += len(one)
    return {"kept": kept, "positions": of_trajectories}


def _offered(frame: Atoms, columns: Mapping[str, FloatArray], k: int) -> Atoms:
    """The frame with what speaks for it."""
    offered: Atoms = frame.copy()
    terms = {name: float(values[k]) for name, values in columns.items() if np.isfinite(values[k])}
    offered.info = {"kind": "md", "terms": terms}
    return offered


def _plain(values: FloatArray) -> list[float | None]:
    """Plain JSON, six digits; None for NaN."""
    return [float(f"{v:.6g}") if np.isfinite(v) else None for v in values.tolist()]


_: type[Generator] = MolecularDynamics
