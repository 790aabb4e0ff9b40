"""What the members of an ensemble answer to a structure, as one array that an entropy can be taken of.

Responses of Nonaka, Liu, Jia, Hirotani (WCCM 2026): energy, stress, forces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ResponseScales:
    """Target accuracy of each kind of response; one that is None is left out.

    Attributes
    ----------
    energy : eV an atom
    stress : eV/Å³; 0.003 is half a GPa
    force : eV/Å, of the largest force
    """

    energy: float | None = 0.005
    stress: float | None = 0.003
    force: float | None = 0.05


def responses(
    energy: ArrayLike,
    forces: Sequence[ArrayLike],
    stress: ArrayLike,
    scales: ResponseScales = ResponseScales(),
) -> tuple[FloatArray, FloatArray]:
    """Line up what each member says of each structure.

    The energy an atom, the six components of the stress, and the largest force on an atom. The stress is left
    out where no structure has one.

    Parameters
    ----------
    energy : (K, n) eV
    forces : n arrays (K, n_atoms, 3) eV/Å
    stress : (K, n, 6) eV/Å³, nan without a whole cell
    scales : target accuracies

    Returns
    -------
    (K, n, k) responses and (k,) their scales, for `joint_entropy`

    Raises
    ------
    ValueError
        if some structures have a stress and others have none, or nothing is asked for
    """
    energy, stress = np.asarray(energy, dtype=float), np.asarray(stress, dtype=float)
    columns: list[FloatArray] = []
    wanted: list[float] = []
    if scales.energy is not None:
        n_atoms = np.array([np.shape(force)[1] for force in forces])
        columns.append((energy / n_atoms)[..., None])
        wanted.append(scales.energy)
    whole = np.isfinite(stress).all(axis=(0, 2))
    if scales.stress is not None and whole.any():
        if not whole.all():
            raise ValueError(f"{np.count_nonzero(~whole)} of {len(whole)} structures have no stress")
        columns.append(stress)
        wanted += [scales.stress] * 6
    if scales.force is not None:
        largest = [np.linalg.norm(np.asarray(force), axis=-1).max(axis=-1) for force in forces]
        columns.append(np.stack(largest, axis=-1)[..., None])
        wanted.append(scales.force)
    if not columns:
        raise ValueError("no response is left: give a scale for the energy, the stress or the force")
    return np.concatenate(columns, axis=-1), np.array(wanted)
