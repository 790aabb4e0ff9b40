"""What a screening asks, written down before it: materials, how they are distorted, potential, reference."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from engine.config import PotentialSettings, ReferenceSettings, Settings
from engine.config.base import MOST, PositiveFloat
from engine.config.system import CrystalSettings
from engine.study.protocol import look_up, read_settings

Kind = Literal["volume", "small", "large", "random"]


class Material(CrystalSettings):
    """A crystal that ASE builds, in its cubic cell."""

    lattice: Literal[
        "sc", "bcc", "fcc", "diamond", "cesiumchloride", "rocksalt", "zincblende", "fluorite"
    ] = Field(description="which cubic crystal it is")

    @property
    def name(self) -> str:
        """Formula and lattice: names its file and its row."""
        return f"{self.formula}-{self.lattice}"


class ScreenProtocol(Settings):
    """The whole of a protocol."""

    name: str = Field(min_length=1, max_length=80)
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = Field(
        ("small", "large"), description="data sets that are made of each material"
    )
    count: Annotated[int, Field(ge=2, le=MOST)] = Field(4, description="structures of each kind")
    seed: Annotated[int, Field(ge=0, lt=MOST)] = Field(1, description="of the distortions")
    force_part: PositiveFloat = Field(
        0.5, description="a force error that is more than this part of the forces themselves is suspicious"
    )
    reference: ReferenceSettings = Field(description="what is taken for true")
    potential: Annotated[tuple[PotentialSettings, ...], Field(min_length=1)] = Field(
        description="what is tried: one potential, or the members of a committee, whose mean counts"
    )
    material: Annotated[tuple[Material, ...], Field(min_length=2)]

    @field_validator("material")
    @classmethod
    def _once(cls, material: tuple[Material, ...]) -> tuple[Material, ...]:
        names = [one.name for one in material]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each material is listed once, but {twice[0]} is twice")
        return material


def read_screen(path: Path) -> ScreenProtocol:
    """Read a protocol and see that its potentials and its reference are there.

    Raises
    ------
    ConfigError
        with one clear line: what is wrong, and where
    MissingPackageError
        for a package that is not installed
    """
    screen = read_settings(path, ScreenProtocol)
    potentials = (("potentials", potential.name) for potential in screen.potential)
    look_up(path, [*potentials, ("references", screen.reference.name)])
    return screen
