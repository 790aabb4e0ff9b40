"""Several models of the same labels, whose spread says what they do not know."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.config.base import Count, FileName, PositiveFloat, Settings

_Fraction = Annotated[float, Field(gt=0, le=1)]


class CommitteeSettings(Settings):
    """A committee: neural networks on symmetry functions, or Δ-models on bootstrap samples.

    Gupta, Koyama, Agrawal, Rondinelli (poster, 2021); Nonaka, Liu, Jia, Hirotani (WCCM 2026).
    """

    kind: Literal["none", "networks", "bootstrap"] = Field(
        "none", description="networks on symmetry functions, or Δ-models on bootstrap samples of the labels"
    )
    members: Annotated[int, Field(ge=2, le=100)] = Field(8, description="models")
    subsample: _Fraction = Field(
        1.0, description="networks: part of the labels that each is fitted to (1: all, from different starts)"
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
    directions: Annotated[int, Field(ge=0, le=100)] = Field(
        8,
        description="networks: random directions in which a structure's forces are fitted (0: energies only)",
    )
