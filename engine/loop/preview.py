"""What a search would start from: one random cluster, placed in a worker for the page that asks."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from engine.config import SystemSettings

BOND = (0.75, 1.25)  # covalent sums, the default of [search]
TRIES = 30  # of one atom: a picture is not worth a long wait


def place_once(system: SystemSettings) -> Atoms:
    """Place a formula once; called in a worker, which imports the search here.

    Raises
    ------
    StructureError
        if the atoms do not fit
    """
    from engine.generators.placement import place

    return place(system, BOND, TRIES, np.random.default_rng(0))
