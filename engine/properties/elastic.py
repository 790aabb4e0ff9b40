"""Elastic constants from the stress of strained cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from engine.crystals import strained
from engine.math import GPA, ElasticConstants, elastic_constants, strains
from engine.potentials.relax import relax
from engine.properties.equilibrium import check_stress
from engine.protocols import FloatArray, Potential

AMPLITUDES = (0.005, 0.01)
"""Strains that are small enough for a line."""


def elastic(
    potential: Potential,
    crystal: Atoms,
    amplitudes: Sequence[float] = AMPLITUDES,
    *,
    relaxed: bool = True,
    fmax: float = 1e-4,
    steps: int = 100,
) -> ElasticConstants:
    """C_ij (GPa) of a crystal at rest, by least squares on strains by ± each amplitude.

    Parameters
    ----------
    potential : whose predictions hold a stress
    crystal : at rest in it, as `equilibrium` leaves it
    amplitudes : at most 0.01
    relaxed : whether the atoms come to rest in each strained cell; else they are strained with it (clamped)
    fmax, steps : where that relaxation ends (eV/Å)

    Returns
    -------
    nan where a stress is not finite

    Raises
    ------
    StructureError
        if it is no crystal, or the potential gives no stress
    """
    check_stress(potential, crystal)
    series = strains(amplitudes)
    structures: Sequence[Atoms] = [strained(crystal, strain) for strain in series]
    if relaxed:
        structures = relax(structures, potential, fmax, steps).structures
    stress = potential.predict(structures).stress
    if stress is None or not np.isfinite(stress).all():
        nothing: FloatArray = np.full((6, 6), np.nan)
        return ElasticConstants(nothing, nothing, np.array(np.nan))
    return elastic_constants(series, stress * GPA)
