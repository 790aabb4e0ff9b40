"""Several models of the same labels, whose spread says what they do not know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.config.base import Count, FileName, PositiveFloat, Settings

_Fraction = Annotated[float, Field(gt=0, le=1)]

LEARNS = ("networks", "bootstrap")
"""Kinds that are fitted to the labels alone."""
FROM_FILES = ("mace", "chgnet")
"""Kinds of models that were trained before; only their zero of energy is fitted."""


class CommitteeSettings(Settings):
    """A committee: neural networks on symmetry functions, Δ-models on bootstrap samples, or models in files.

    Gupta, Koyama, Agrawal, Rondinelli (poster, 2021); Nonaka, Liu, Jia, Hirotani (WCCM 2026).
    """

    kind: Literal["none", "networks", "bootstrap", "mace", "chgnet"] = Field(
        "none",
        description="networks on symmetry functions, Δ-models on bootstrap samples of the labels, or models "
        "in files",
    )
    members: Annotated[int, Field(ge=2, le=100)] = Field(
        8, description="models (of kinds mace and chgnet: one for each file)"
    )
    files: tuple[str, ...] = Field(
        (), description="mace, chgnet: whole paths of the members' files; a MACE file can run code"
    )
    device: str = Field("cpu", description="mace: what computes them (cpu, cuda …)")
    subsample: _Fraction = Field(
        1.0, description="networks: part of the labels that each is fitted to (1: all, from different starts)"
    )
    initialisations: Count = Field(
        1,
        description="networks: members that are fitted to the same part of the labels, from different starts",
    )
    descriptors: FileName | None = Field(
        None, description="networks: file with symmetry functions (left out: the assumed-37 set)"
    )
    hidden: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], Field(min_length=1, max_length=5)] = (
        Field((16, 16), description="networks: units of each hidden layer")
    )
    epochs: Count = Field(60, description="networks: passes through the labels")
    batch: Count = Field(10, description="networks: labels of one step")
    learning_rate: PositiveFloat = Field(0.02, description="networks: first step length of Adam")
    noise_energy: PositiveFloat = Field(0.002, description="networks: σ_E (eV/atom)")
    noise_force: PositiveFloat = Field(0.1, description="networks: σ_F (eV/Å)")
    noise_stress: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = Field(
        0.5, description="networks: σ_S (GPa) of labels that carry a stress; 0: it is not fitted"
    )
    directions: Annotated[int, Field(ge=0, le=100)] = Field(
        8,
        description="networks: random directions in which a structure's forces are fitted (0: energies only)",
    )

    @property
    def size(self) -> int:
        """Number of members."""
        return len(self.files) if self.kind in FROM_FILES else self.members

    @model_validator(mode="after")
    def _parts_have_as_many_members_each(self) -> CommitteeSettings:
        if self.initialisations > 1 and self.subsample == 1:
            raise ValueError(
                "all members start anew from the same labels: initialisations > 1 wants subsample < 1, too"
            )
        if self.members % self.initialisations:
            raise ValueError(
                f"{self.members} members are no whole number of parts with {self.initialisations} "
                "initialisations each"
            )
        return self

    @model_validator(mode="after")
    def _files_are_there_for_who_reads_them(self) -> CommitteeSettings:
        if self.kind not in FROM_FILES:
            if self.files:
                raise ValueError(f'files are members of kind = "mace" or "chgnet", not of {self.kind!r}')
            return self
        if len(self.files) < 2:
            raise ValueError(
                f'kind = {self.kind!r} needs files = ["/path/of/one", "/path/of/another"], at least two'
            )
        if len(set(self.files)) < len(self.files):
            raise ValueError("each file is one member, and one is listed twice")
        for name in self.files:
            if not Path(name).is_absolute():
                raise ValueError(f"files: {name!r}: give the whole path, from / on")
        return self
