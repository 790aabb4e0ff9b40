"""deltadesk's engine: an active-learning loop for structure search and interatomic potentials.

In a notebook::

    import engine

    campaign = engine.open("ag8s4")
    campaign.labels
    campaign.view("c-000012")
    structure.calc = campaign.calculator()

Importing this package imports nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from engine.potentials.calculator import PotentialCalculator
    from engine.view import CampaignView

__all__ = ["load_potential", "open"]


def open(folder: str | Path) -> CampaignView:  # noqa: A001  engine.open, as ase.io.read
    """Open a campaign folder for reading, whoever runs it.

    Raises
    ------
    DeltadeskError
        if `folder` holds no campaign, or one that cannot be read
    """
    from engine.view import CampaignView

    return CampaignView(folder)


def load_potential(path: str | Path, *, trust: bool = False) -> PotentialCalculator:
    """Open a potential that `CampaignView.save_potential` wrote, as an ASE calculator.

    Parameters
    ----------
    path : the file
    trust : make the base potential that the file names, even where that means to run a class it chooses

    Raises
    ------
    DeltadeskError
        if `path` is not such a file, or its base potential is not available here
    """
    from engine.potentials import saved

    return saved.load(path, trust=trust)
