"""What a search would start from: one random structure, placed in a worker for the page that asks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase import Atoms

from engine.campaigns import start_structure
from engine.config import SystemSettings
from engine.space import Space

BOND = (0.75, 1.25)  # covalent sums, the default of [search]
TRIES = 30  # of one atom: a picture is not worth a long wait


def place_once(system: SystemSettings, folder: Path) -> Atoms:
    """Place a formula once, or what is started from; called in a worker, which imports the search here.

    Parameters
    ----------
    system : what is placed, and where
    folder : where files are that it names

    Raises
    ------
    StructureError
        if a file cannot be used, or the atoms do not fit
    """
    from engine.generators.placement import place

    if system.start is not None and (start := start_structure(folder, system)) is not None:
        return start
    return place(Space.of(system, folder), BOND, TRIES, np.random.default_rng(0))
