"""The density of an atom's neighbours in Gaussians times solid harmonics, and its power spectrum.

Bartók, Kondor, Csányi, Phys. Rev. B 87, 184115 (2013). Each neighbour is a Gaussian; a radial basis
r^l exp(−α r²) makes its overlap an analytical function of the vector to it,
c_nlm = Σ_j g_nl(r_j²) r_j^l Y_lm(r_j), g_nl a sum of Gaussians (Himanen et al., Comput. Phys. Commun. 247,
106949 (2020)). What the neighbours of a center share, its coefficients, is worked out once for all of them,
and derivatives go back the same way: no array needs to hold every feature's derivative by every atom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.math.solid_harmonics import gradient_matrix, solid_harmonics

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RadialBasis:
    """g_nl(r²) = Σ_k weights[l, n, k] exp(−exponents[l, k] r²).

    Attributes
    ----------
    exponents : (l_max + 1, n_max) 1/Å²
    weights : (l_max + 1, n_max, n_max)
    """

    exponents: FloatArray
    weights: FloatArray


@dataclass(frozen=True, eq=False)
class Expansion:
    """Coefficients of centers, with what their derivatives need of each pair.

    Attributes
    ----------
    vectors : (3, n_pairs) Å, from center to neighbour
    slots : (n_pairs,) center · n_species + species of the neighbour, ascending
    radial : (l_max + 1, n_max, n_pairs) g_nl
    slopes : (l_max + 1, n_max, n_pairs) dg_nl/dr² (1/Å²)
    harmonics : arrays (2l + 1, n_pairs), one a degree
    coefficients : arrays (n_centers, n_species · n_max, 2l + 1), one a degree
    """

    vectors: FloatArray
    slots: IntArray
    radial: FloatArray
    slopes: FloatArray
    harmonics: list[FloatArray]
    coefficients: list[FloatArray]


def expand(
    vectors: FloatArray, slots: IntArray, n_centers: int, n_species: int, basis: RadialBasis
) -> Expansion:
    """Expand the neighbours of each center, species by species; arrays as in `Expansion`."""
    gaussians = np.exp(-basis.exponents[:, :, None] * np.einsum("xp,xp->p", vectors, vectors))
    radial = basis.weights @ gaussians
    slopes = (-basis.weights * basis.exponents[:, None, :]) @ gaussians
    l_max, n_max = len(basis.weights) - 1, basis.weights.shape[1]
    harmonics = solid_harmonics(vectors, l_max)
    first = np.flatnonzero(np.diff(slots, prepend=-1))
    coefficients = []
    for g, harmonic in zip(radial, harmonics, strict=True):
        terms = (g[:, None] * harmonic).reshape(-1, len(slots))
        sums = np.zeros((n_centers * n_species, len(terms)))
        sums[slots[first]] = np.add.reduceat(terms, first, axis=1).T
        coefficients.append(sums.reshape(n_centers, n_species * n_max, -1))
    return Expansion(vectors, slots, radial, slopes, harmonics, coefficients)


def degree_factor(degree: int) -> float:
    """π √(8 / (2l + 1)), with which degree l stands in the power spectrum."""
    return float(np.pi * np.sqrt(8 / (2 * degree + 1)))


def power_spectrum(coefficients: list[FloatArray]) -> FloatArray:
    """π √(8 / (2l + 1)) Σ_m c_alm c_blm for all channels a, b (a species and a radial function each).

    Parameters
    ----------
    coefficients : of an `Expansion`

    Returns
    -------
    (n_centers, l_max + 1, n_channels, n_channels), symmetric in the channels
    """
    products = [degree_factor(degree) * (c @ c.transpose(0, 2, 1)) for degree, c in enumerate(coefficients)]
    return np.stack(products, axis=1)


def pair_gradients(expansion: Expansion, slope: FloatArray) -> FloatArray:
    """Derivatives of a function of the power spectrum with respect to each pair's vector.

    Parameters
    ----------
    expansion : of `expand`
    slope : (n_centers, l_max + 1, n_channels, n_channels) its derivatives, symmetric in the channels

    Returns
    -------
    (3, n_pairs) the function's unit / Å
    """
    n_max = expansion.radial.shape[1]
    along = np.zeros(len(expansion.slots))  # Σ slope · harmonic · dg/dr²
    gradient = np.zeros_like(expansion.vectors)
    for degree, harmonic in enumerate(expansion.harmonics):
        by_coefficient = 2 * degree_factor(degree) * (slope[:, degree] @ expansion.coefficients[degree])
        by_slot = np.ascontiguousarray(by_coefficient.reshape(-1, n_max * (2 * degree + 1)).T)
        by_term = np.take(by_slot, expansion.slots, axis=1).reshape(n_max, 2 * degree + 1, -1)
        along += np.einsum("np,nmp,mp->p", expansion.slopes[degree], by_term, harmonic)
        if degree:
            by_harmonic = np.einsum("np,nmp->mp", expansion.radial[degree], by_term)
            gradient += np.einsum("mp,xmp->xp", by_harmonic, _harmonic_gradient(expansion, degree))
    gradient += 2 * along * expansion.vectors
    return gradient


def coefficient_gradients(expansion: Expansion, degree: int) -> FloatArray:
    """Derivatives of one neighbour's part in the coefficients with respect to the vector to it.

    Returns
    -------
    (n_pairs, 3, n_max, 2l + 1) 1/Å
    """
    harmonic = expansion.harmonics[degree]
    slopes = 2 * expansion.slopes[degree]
    gradient: FloatArray = np.einsum("xp,np,mp->pxnm", expansion.vectors, slopes, harmonic)
    if degree:
        moved = _harmonic_gradient(expansion, degree)
        gradient += np.einsum("np,xmp->pxnm", expansion.radial[degree], moved)
    return gradient


def _harmonic_gradient(expansion: Expansion, degree: int) -> FloatArray:
    """(3, 2l + 1, n_pairs) 1/Å."""
    gradient: FloatArray = gradient_matrix(degree) @ expansion.harmonics[degree - 1]
    return gradient
