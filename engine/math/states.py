"""Metastable states of trajectories: who is where, for how long, and whether the reference knows the state.

Kang, Purcell, Carbogno, Scheffler, arXiv 2409.11808: a potential may miss states, and invent others.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
StateClass = Literal["missing before", "invented"]


def aligned(positions: ArrayLike, onto: ArrayLike) -> FloatArray:
    """Positions turned and shifted to lie on others as well as they can.

    Kabsch, Acta Cryst. A32, 922 (1976).

    Parameters
    ----------
    positions, onto : (n, 3) Å, atom by atom

    Returns
    -------
    (n, 3) Å; no mirror image
    """
    positions, onto = np.asarray(positions, dtype=float), np.asarray(onto, dtype=float)
    middle = onto.mean(axis=0)
    centred = positions - positions.mean(axis=0)
    left, _, right = np.linalg.svd(centred.T @ (onto - middle))
    mirrored = np.sign(np.linalg.det(left @ right))
    turned: FloatArray = centred @ (left * [1.0, 1.0, mirrored]) @ right + middle
    return turned


def state_class(excess: float, tolerance: float) -> StateClass:
    """What a state is that a trajectory jumped into, and that no label was near.

    "invented": the reference has it more than `tolerance` above what the potential claimed. Else the state is
    real, as low as claimed or lower: "missing before".

    Parameters
    ----------
    excess : how far the reference has a frame in the state above what was claimed (eV), best counted from a
        frame outside it: a large structure's error that does not change with the state is large, too
    tolerance : eV; some kT, for that is what an error must be small against

    Raises
    ------
    ValueError
        if the excess is not finite
    """
    if not np.isfinite(excess):
        raise ValueError("a state is classed by finite energies")
    return "invented" if excess > tolerance else "missing before"


def mean_lifetime(total: float, ended: int) -> float:
    """Mean lifetime of a state that is left at random: time in it over the visits that were seen to end.

    The maximum-likelihood estimate of an exponential distribution, visits that outlast their trajectory
    censored.

    Parameters
    ----------
    total : time of all visits, in any unit
    ended : visits that ended before their trajectory

    Returns
    -------
    in the unit of `total`: infinite where no visit ended, NaN where there is none
    """
    if ended:
        return total / ended
    return np.inf if total > 0 else np.nan
