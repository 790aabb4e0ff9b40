"""The watch: long trajectories in each new model, whose jumps between states are looked at."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.config.base import MOST, Count, NonNegativeFloat, PositiveFloat, Settings

Signal = Literal["displacement", "uncertainty", "anharmonicity"]


class WatchSettings(Settings):
    """A watch over states that a potential misses or invents: long trajectories in each new model.

    Kang, Purcell, Carbogno, Scheffler, arXiv 2409.11808.
    """

    frames: Annotated[int, Field(ge=0, le=MOST)] = Field(
        0, description="of each trajectory: longer than those the labels come from (0: no watch)"
    )
    trajectories: Count = Field(4, description="trajectories that run together, one batch a step of all")
    steps: Count = Field(10, description="steps of the dynamics from one frame to the next")
    temperature: NonNegativeFloat = Field(300.0, description="of the bath (K)")
    timestep: PositiveFloat = Field(5.0, description="of the dynamics (fs)")
    friction: NonNegativeFloat = Field(0.003, description="of the bath (1/fs; 0: constant energy)")
    largest_force: PositiveFloat = Field(
        30.0, description="beyond this a trajectory has exploded: it goes back to its last good frame (eV/Å)"
    )
    signals: Annotated[tuple[Signal, ...], Field(min_length=1)] = Field(
        ("displacement", "uncertainty", "anharmonicity"),
        description="whose jumps are flagged: the largest displacement of an atom, the largest spread of "
        "forces (or the σ of the energy), and in a crystal σᴬ",
    )
    window: Annotated[int, Field(ge=2, le=1000)] = Field(
        10,
        description="frames whose median is the level before a jump, and after it; a state lasts two of them",
    )
    threshold: PositiveFloat = Field(
        5.0, description="a level jumps by this many standard deviations of the noise"
    )
    same: PositiveFloat = Field(
        1.0, description="structures are one state when no atom is farther apart in them than this (Å)"
    )
    tolerance: PositiveFloat = Field(
        0.1,
        description="a state is invented if the reference has it this far above what was claimed (eV), "
        "counted from the frame before where that has a label",
    )
    most: Count = Field(3, description="new states that one watch puts before the person, three frames each")

    @model_validator(mode="after")
    def _shows_two_levels(self) -> WatchSettings:
        if 0 < self.frames < 2 * self.window:
            raise ValueError(
                f"{self.frames} frames cannot show a level before and after a jump: with window = "
                f"{self.window} at least {2 * self.window}"
            )
        return self
