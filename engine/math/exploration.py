"""When molecular dynamics meets nothing new: frames are accepted as often as test frames would be.

After Kang, Purcell, Carbogno, Scheffler, arXiv 2409.11808, who compare what is accepted with what the test
set itself expects.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

_FALL = 0.1  # part of the smallest error before by which it still falls


def acceptance_band(
    mean: ArrayLike, std: ArrayLike, test_frames: ArrayLike, judged: ArrayLike, width: float = 2.0
) -> tuple[FloatArray, FloatArray]:
    """Where the accepted part of frames lies if they are like the test frames, p̄ ± width · σ.

    σ² = p̄ (1 − p̄) / n + s² / n_test: chance among the frames judged, and among the test frames. Both count as
    independent; frames of one trajectory are not quite, so that the band is too narrow rather than too wide.

    Parameters
    ----------
    mean, std : (...) of P_U · P_E over the test frames, p̄ and s
    test_frames, judged : (...) numbers of frames, n_test and n
    width : in units of σ

    Returns
    -------
    low, high : (...) in [0, 1]

    Raises
    ------
    ValueError
        if a number of frames is not positive
    """
    mean, std = np.asarray(mean, dtype=float), np.asarray(std, dtype=float)
    test_frames, judged = np.asarray(test_frames, dtype=float), np.asarray(judged, dtype=float)
    if not ((test_frames > 0).all() and (judged > 0).all()):
        raise ValueError("a band needs frames that were judged, and test frames")
    half = width * np.sqrt(mean * (1 - mean) / judged + std**2 / test_frames)
    return np.clip(mean - half, 0, 1), np.clip(mean + half, 0, 1)


def exploration_settled(observed: ArrayLike, low: ArrayLike, high: ArrayLike, error: ArrayLike) -> bool:
    """Whether n cycles in a row met nothing new: acceptance within its band, and the error falls no more.

    It falls where the smallest error of these cycles lies more than a tenth below the smallest before.

    Parameters
    ----------
    observed, low, high : (n,) accepted part of the frames of the last cycles, and its `acceptance_band`
    error : (m,) m > n, of all cycles so far, in any unit

    Raises
    ------
    ValueError
        if the shapes do not fit
    """
    observed, low, high = (np.asarray(part, dtype=float) for part in (observed, low, high))
    error, n = np.asarray(error, dtype=float), observed.size
    if not n or low.shape != observed.shape or high.shape != observed.shape or error.size <= n:
        raise ValueError(f"{n} cycles need as many bands and more errors, got {low.size} and {error.size}")
    within = ((low <= observed) & (observed <= high)).all()
    return bool(within and error[-n:].min() >= (1 - _FALL) * error[:-n].min())
