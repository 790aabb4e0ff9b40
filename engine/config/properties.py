"""The properties of a crystal that are followed while a committee learns."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.config.base import Settings

_Size = Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)]


class PropertiesSettings(Settings):
    """Properties of the crystal after each fit, from every member: cell, E–V curve, elastic constants.

    Nonaka, Liu, Jia, Hirotani (WCCM 2026).
    """

    measure: bool = Field(
        False, description="after each fit; needs a [system.crystal] of one element and a [committee]"
    )
    reference: bool = Field(
        False,
        description="the reference's own values too, once, in a worker: some 200 calculations of a small "
        "cell that no budget counts, many more with defects and surfaces: for one that is fast",
    )
    edge: _Size = Field(
        0.0, description="defects at least this far from their images (Å; 0: none, as they take longest)"
    )
    thickness: _Size = Field(0.0, description="of the slabs whose surface energies are taken (Å; 0: none)")
