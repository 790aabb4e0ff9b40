"""What is searched: a cluster in a box, atoms on a surface, or a crystal."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Annotated, Literal

from ase.data import atomic_numbers
from pydantic import Field, field_validator, model_validator

from engine.config.base import MOST, Count, FileName, PositiveFloat, Settings

MOST_ATOMS = 10_000
Formula = Annotated[str, Field(pattern=r"^([A-Z][a-z]?[0-9]{0,6})+$")]

Surface = Literal[
    "none",
    "fcc100",
    "fcc110",
    "fcc111",
    "bcc100",
    "bcc110",
    "bcc111",
    "hcp0001",
    "diamond100",
    "diamond111",
    "file",
]
"""None, one that ASE builds, or one of your own."""

Lattice = Literal[
    "none",
    "sc",
    "bcc",
    "fcc",
    "diamond",
    "cesiumchloride",
    "rocksalt",
    "zincblende",
    "fluorite",
    "chalcopyrite",
    "file",
]
"""None, one that ASE builds in its cubic or (chalcopyrite) tetragonal cell, or one of your own."""

_SITES = {
    "sc": (1,),
    "bcc": (2,),
    "fcc": (4,),
    "diamond": (8,),
    "cesiumchloride": (1, 1),
    "rocksalt": (4, 4),
    "zincblende": (4, 4),
    "fluorite": (4, 8),
    "chalcopyrite": (4, 4, 8),
}
"""Atoms of each species in that cell."""


class SlabSettings(Settings):
    """A surface underneath, periodic along it."""

    surface: Surface = Field("none", description="none: a cluster in a box; file: a slab of your own")
    element: str = Field("Ag", description="what the surface is made of")
    lattice_constant: Annotated[float, Field(gt=0, le=100)] = Field(4.09, description="a of the crystal (Å)")
    size: tuple[Count, Count, Count] = Field(
        (4, 4, 3), description="surface cells along both edges of the cell, and layers"
    )
    fixed_layers: Annotated[int, Field(ge=0, le=MOST)] = Field(
        2, description="layers that stay, from below; in a file that fixes atoms itself, those stay"
    )
    file: FileName | None = Field(
        None, description="for 'file': a slab with its cell, in the campaign's folder"
    )
    height: PositiveFloat = Field(5.0, description="atoms are placed and hop up to this far above it (Å)")
    vacuum: PositiveFloat = Field(10.0, description="empty space above that (Å)")

    @property
    def n_atoms(self) -> int:
        """Atoms of the slab, as far as they can be counted without a file."""
        if self.surface in ("none", "file"):
            return 0
        return self.size[0] * self.size[1] * self.size[2]

    @field_validator("element")
    @classmethod
    def _element(cls, element: str) -> str:
        if atomic_numbers.get(element, 0) < 1:
            raise ValueError(f"there is no element {element!r}")
        return element

    @model_validator(mode="after")
    def _fits(self) -> SlabSettings:
        if (self.surface == "file") != (self.file is not None):
            raise ValueError('surface = "file" and file = "slab.xyz" go together')
        if self.n_atoms and self.fixed_layers > self.size[2]:
            raise ValueError(f"{self.fixed_layers} of {self.size[2]} layers cannot be fixed")
        if self.n_atoms > MOST_ATOMS:
            raise ValueError(f"a slab has at most {MOST_ATOMS} atoms, this has {self.n_atoms}")
        return self


class CrystalSettings(Settings):
    """A crystal, periodic along all three directions."""

    lattice: Lattice = Field("none", description="none: no crystal; file: a crystal of your own")
    formula: Formula = Field("Si", description="what it is made of, e.g. Si, NaCl, CaF2")
    lattice_constant: Annotated[float, Field(gt=0, le=100)] = Field(5.431, description="a of the cell (Å)")
    c_over_a: Annotated[float, Field(gt=0.1, le=10)] = Field(
        2.0, description="chalcopyrite: its tetragonal cell's c / a"
    )
    u: Annotated[float, Field(gt=0, lt=0.5)] = Field(
        0.25, description="chalcopyrite: where the anion sits between its two cations, x / a"
    )
    size: tuple[Count, Count, Count] = Field((1, 1, 1), description="cells along the three edges")
    file: FileName | None = Field(
        None, description="for 'file': a crystal with its cell, in the campaign's folder"
    )

    @property
    def composition(self) -> str:
        """Formula of the whole cell, empty as far as it cannot be told without a file."""
        sites = _SITES.get(self.lattice, ())
        species = re.findall(r"[A-Z][a-z]?", self.formula)
        return "".join(f"{s}{n * math.prod(self.size)}" for s, n in zip(species, sites, strict=False))

    @property
    def words(self) -> str:
        """For people: ``Si8, diamond``."""
        return f"the crystal in {self.file}" if self.file else f"{self.composition}, {self.lattice}"

    @field_validator("formula")
    @classmethod
    def _elements(cls, formula: str) -> str:
        return _known(formula)

    @model_validator(mode="after")
    def _fits(self) -> CrystalSettings:
        if (self.lattice == "file") != (self.file is not None):
            raise ValueError('lattice = "file" and file = "crystal.cif" go together')
        if self.lattice in ("none", "file"):
            return self
        sites = _SITES[self.lattice]
        counts = [int(n or 1) for n in re.findall(r"[A-Z][a-z]?([0-9]*)", self.formula)]
        if counts != [n // min(sites) for n in sites]:
            examples = {(1,): "Si", (1, 1): "NaCl", (1, 2): "CaF2", (1, 1, 2): "AgGaSe2"}
            example = examples[tuple(n // min(sites) for n in sites)]
            raise ValueError(
                f"{self.formula} is no formula of a {self.lattice} crystal: write one like {example}"
            )
        if (atoms := _count(self.composition)) > MOST_ATOMS:
            raise ValueError(f"a crystal has at most {MOST_ATOMS} atoms, this has {atoms}")
        return self


class SystemSettings(Settings):
    """What is searched: a cluster in a box, atoms on a surface, or a crystal."""

    composition: Formula = Field(
        "Ag8S4",
        description="chemical formula of what is placed; left out beside `start`: that of the file; of a "
        "crystal: its own",
    )
    start: FileName | None = Field(
        None,
        description="structure file that searches may start from, in the campaign's folder",
    )
    cell: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = Field(
        (20.0, 20.0, 20.0), description="edges of the box (Å); a surface has its own cell"
    )
    confinement: PositiveFloat = Field(
        15.0, description="edge of the cube in which a cluster's atoms are placed (Å)"
    )
    slab: SlabSettings = SlabSettings()
    crystal: CrystalSettings = CrystalSettings()

    @property
    def is_crystal(self) -> bool:
        """Whether it is periodic along all three directions, and nothing is placed."""
        return self.crystal.lattice != "none"

    @property
    def n_atoms(self) -> int:
        """Atoms of the composition and of the surface, or of the crystal, but for one from a file."""
        if self.is_crystal:
            return _count(self.crystal.composition)
        return _count(self.composition) + self.slab.n_atoms

    @property
    def words(self) -> str:
        """For people: ``S4 on Ag(111), coverage 1/4``."""
        if self.is_crystal:
            return self.crystal.words
        if self.slab.surface == "none":
            return self.composition
        if self.slab.file is not None:
            return f"{self.composition} on {self.slab.file}"
        places = self.slab.size[0] * self.slab.size[1]
        coverage = Fraction(_count(self.composition), places)
        face = self.slab.surface.lstrip("abcdefghijklmnopqrstuvwxyz")
        return f"{self.composition} on {self.slab.element}({face}), coverage {coverage}"

    @field_validator("composition")
    @classmethod
    def _elements(cls, composition: str) -> str:
        atoms = _count(_known(composition))
        if not 0 < atoms <= MOST_ATOMS:
            raise ValueError(f"a cluster has 1 to {MOST_ATOMS} atoms, this has {atoms}")
        return composition

    @model_validator(mode="after")
    def _fits(self) -> SystemSettings:
        if self.is_crystal:
            if self.slab.surface != "none" or self.start is not None:
                raise ValueError("a crystal has neither a surface nor a start: searches start from it")
        elif self.slab.surface == "none" and self.confinement > min(self.cell):
            raise ValueError(f"confinement {self.confinement} Å is larger than the box {min(self.cell)} Å")
        return self


def _known(formula: str) -> str:
    for symbol in re.findall(r"[A-Z][a-z]?", formula):
        if atomic_numbers.get(symbol, 0) < 1:  # ASE counts X, an atom of no kind
            raise ValueError(f"there is no element {symbol!r}")
    return formula


def _count(composition: str) -> int:
    return sum(int(count or 1) for count in re.findall(r"[A-Z][a-z]?([0-9]*)", composition))
