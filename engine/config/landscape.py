"""Barriers between minima, of which the landscape's tree is made."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.config.base import Count, PositiveFloat, Settings


class LandscapeSettings(Settings):
    """Barriers between near minima in each new model, by nudged elastic bands.

    Henkelman, Uberuaga, Jónsson, J. Chem. Phys. 113, 9901 (2000).
    """

    barriers: bool = Field(
        False, description="look for them after each fit; of clusters and surfaces, in a worker"
    )
    minima: Annotated[int, Field(ge=2, le=200)] = Field(
        12, description="lowest ones between which barriers are looked for"
    )
    pairs: Annotated[int, Field(ge=1, le=1000)] = Field(
        5, description="most barriers that are looked for in one model"
    )
    images: Annotated[int, Field(ge=1, le=50)] = Field(5, description="of a band, between its ends")
    fmax: PositiveFloat = Field(0.1, description="a band has converged below this force (eV/Å)")
    steps: Count = Field(60, description="most steps of a band")
