"""Whether one model is worse than another on the same unseen truths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

LEVEL = 0.05
"""How often an equally good model is called worse."""


def is_worse(new: NDArray[np.float64], old: NDArray[np.float64], level: float = LEVEL) -> bool:
    """Whether |new| − |old| errors are above 0 by more than chance: a one-sided paired t-test.

    Few pairs must differ clearly; fewer than two say nothing. Errors that are not finite are worse.

    Parameters
    ----------
    new, old : (n,) errors of both models on the same n truths, which neither had seen
    level : of significance
    """
    if not np.isfinite(new).all():
        return True
    difference = np.abs(new) - np.abs(old)
    if len(difference) < 2 or difference.mean() <= 0:
        return False
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return bool(error == 0 or stdtr(len(difference) - 1, -difference.mean() / error) < level)
