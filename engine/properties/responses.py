"""What a committee answers to candidates, and to their strains, for entropy-guided selection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike

from engine.crystals import strained
from engine.errors import StructureError
from engine.math import ResponseScales
from engine.math import responses as lined_up
from engine.protocols import Committee, FloatArray

SCALES = ResponseScales()


def responses(
    committee: Committee,
    structures: Sequence[Atoms],
    strains: ArrayLike | None = None,
    scales: ResponseScales = SCALES,
) -> tuple[FloatArray, FloatArray]:
    """Each member's responses to each structure, all from one prediction.

    Parameters
    ----------
    committee : of K members
    structures : n
    strains : (m, 6) in Voigt's order: the responses are those of the structure under each of them, one after
        the other; None: of the structure as it is
    scales : target accuracies

    Returns
    -------
    (K, n, k) responses and (k,) their scales, for `engine.math.joint_entropy`; under m strains k is m times
    as large

    Raises
    ------
    StructureError
        if a structure that is to be strained is no crystal, or only some have a stress
    """
    asked = list(structures)
    if strains is not None:
        asked = [strained(structure, strain) for structure in structures for strain in np.asarray(strains)]
    said = committee.members(asked)
    try:
        found, wanted = lined_up(said.energy, said.forces, said.stress, scales)
    except ValueError as error:
        raise StructureError(str(error)) from error
    if strains is None:
        return found, wanted
    times = len(asked) // max(len(structures), 1)
    return found.reshape(len(found), len(structures), -1), np.tile(wanted, times)
