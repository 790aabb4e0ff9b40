"""Uncertainty × energetic viability: which frame of a trajectory is worth a label.

Kang, Purcell, Carbogno, Scheffler, arXiv 2409.11808. A frame is taken with probability P_U · P_E.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

FloatArray = NDArray[np.float64]
Variant = Literal["figure", "printed", "almomd-0.2.0"]

_SMALLEST_FORCE = 0.2  # eV/Å, in the denominator of a relative uncertainty
_BASE = 0.2
_STEPS: dict[str, tuple[float, float]] = {
    "figure": (1.0, 0.8),
    "printed": (1.8, 0.8),
    "almomd-0.2.0": (1.0, -3.0),
}
"""Of P_E, in standard deviations: where from the mean it leaves 1, and how far on it is a fifth."""


def force_uncertainty(
    forces: ArrayLike, kind: Literal["max", "mean"] = "max", *, relative: bool = False
) -> FloatArray:
    """Spread of a committee's forces, s_i = √(1/M Σ_m |F_m,i − F̄_i|²), over the atoms of a structure.

    Parameters
    ----------
    forces : (M, ..., n_atoms, 3) eV/Å
    kind : the largest or the mean s_i of a structure
    relative : divide each s_i by |F̄_i|, floored at 0.2 eV/Å

    Returns
    -------
    (...) eV/Å, or a ratio

    Raises
    ------
    ValueError
        if the shape or `kind` is another
    """
    forces = np.asarray(forces, dtype=float)
    if forces.ndim < 3 or forces.shape[-1] != 3 or not forces.size:
        raise ValueError(f"forces of a committee are (M, n_atoms, 3), got the shape {forces.shape}")
    mean = forces.mean(axis=0)
    spread: FloatArray = np.sqrt(((forces - mean) ** 2).sum(axis=-1).mean(axis=0))
    if relative:
        spread = spread / np.maximum(np.linalg.norm(mean, axis=-1), _SMALLEST_FORCE)
    match kind:
        case "max":
            return np.asarray(spread.max(axis=-1))
        case "mean":
            return np.asarray(spread.mean(axis=-1))
    raise ValueError(f"kind is 'max' or 'mean', got {kind!r}")


def uncertainty_probability(
    u: ArrayLike, mean: float, std: float, shift: float = 2.0, grad: float = 1.0
) -> FloatArray:
    """P_U = ½ [1 + erf((u − mean − shift · std) / (grad · std · √0.2))]: what the model does not know passes.

    Parameters
    ----------
    u : (...) uncertainty of a frame
    mean, std : of the uncertainty over a test set, in the unit of `u`
    shift, grad : where the step lies and how wide it is, in units of `std`

    Returns
    -------
    (...) in [0, 1]
    """
    step = (np.asarray(u, dtype=float) - mean - shift * _positive(std)) / (grad * std * np.sqrt(0.2))
    probability: FloatArray = 0.5 * (1 + erf(step))
    return probability


def energy_probability(E: ArrayLike, mean: float, std: float, variant: Variant = "figure") -> FloatArray:
    """P_E: what is too high in energy to matter does not pass.

    With x = (E − mean) / std: "figure", as the paper draws it, min(1, 0.2^((x − 1) / 0.8)); "printed", as its
    formula stands, shifted by 0.8; "almomd-0.2.0", as its code has it, min(1, 0.2^((1 − x) / 3)), by which
    *high* energies pass.

    Parameters
    ----------
    E : (...) energy of a frame
    mean, std : of the energy over a test set, in the unit of `E`
    variant : which of the three

    Returns
    -------
    (...) in [0, 1]
    """
    x = (np.asarray(E, dtype=float) - mean) / _positive(std)
    edge, width = _step(variant)
    probability: FloatArray = _BASE ** np.maximum((x - edge) / width, 0.0)
    return probability


def energy_edge(mean: float, std: float, variant: Variant = "figure") -> tuple[float, bool]:
    """Where P_E leaves 1, in the unit of `mean` and `std`, and whether it is 1 below (else above)."""
    edge, width = _step(variant)
    return mean + edge * std, width > 0


def _step(variant: Variant) -> tuple[float, float]:
    if variant not in _STEPS:
        raise ValueError(f"there is no variant {variant!r}; known: {', '.join(_STEPS)}")
    return _STEPS[variant]


def _positive(std: float) -> float:
    if not std > 0:
        raise ValueError(f"std must be positive, got {std}: a test set needs a spread")
    return std
