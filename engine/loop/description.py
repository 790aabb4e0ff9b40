"""What a campaign's structures are to symmetry functions, described in a worker for the page that asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from engine.protocols import FloatArray


@dataclass(frozen=True, eq=False)
class Groups:
    """Environments of groups of structures.

    Attributes
    ----------
    features : by group (n, d), in standard deviations of the reference set
    distances : (d,) Wasserstein distance of the first group from the one farthest from it, in the same unit
    """

    features: Mapping[str, FloatArray]
    distances: FloatArray


@dataclass(frozen=True, eq=False)
class Geometry:
    """The functions, and the distances and angles that labelled structures hold.

    Attributes
    ----------
    g2 : (n, 2) η (1/Å²) and R_s (Å)
    g4 : (n, 3) η (1/Å²), ζ, λ
    r_cut : Å
    leg : within this distance an atom has its first neighbour on average (Å)
    distance_edges, distances : (n + 1,) Å and (n,) neighbours of an atom in each bin
    angle_edges, angles : (n + 1,) degrees and (n,) pairs of near neighbours in each bin
    """

    g2: FloatArray
    g4: FloatArray
    r_cut: float
    leg: float
    distance_edges: FloatArray
    distances: FloatArray
    angle_edges: FloatArray
    angles: FloatArray


@dataclass(frozen=True, eq=False)
class Coverage:
    """Which environments the labels cover.

    Attributes
    ----------
    entropy : (n_labels,) nat, of the first 1, 2, … labelled structures
    novelty : by waiting candidate (n_atoms,) nat, dH of its environments
    found : part of the environments that were found without a label that is covered; None if there is none
    tested : part of those that the last fit was tested on that its predecessor's labels cover; or None
    """

    entropy: FloatArray
    novelty: Mapping[str, FloatArray]
    found: float | None
    tested: float | None


@dataclass(frozen=True, eq=False)
class Description:
    """What symmetry functions say of a campaign's structures.

    Attributes
    ----------
    names : d functions
    dead : (d,) those that do not move in the reference set, the first structures that were found
    views : groups that are held against one another, by what is compared
    geometry : functions over distances and angles
    coverage : of environments; None where shaking the atoms changes nothing
    """

    names: tuple[str, ...]
    dead: NDArray[Any]
    views: Mapping[str, Groups]
    geometry: Geometry
    coverage: Coverage | None


def describe(
    folder: Path,
    settings: Mapping[str, Any],
    labels: Sequence[str],
    waiting: Sequence[str],
    fits: Sequence[int],
) -> Description:
    """Describe a sample of what a campaign found, its labels and its queue; called in a worker.

    Parameters
    ----------
    folder : the campaign's
    settings : what campaign.toml said, plain
    labels : labelled candidates in the order of their labels, at least one
    waiting : candidates whose novelty is asked for
    fits : labels that each model was fitted to

    Raises
    ------
    DeltadeskError
        if the database or the file with the functions cannot be used
    """
    from engine.loop import describing  # with torch, for which no page waits

    return describing.describe(folder, settings, labels, waiting, fits)
