"""The properties of the campaign's crystal in every member of a committee, or in the reference itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import chdir
from tempfile import TemporaryDirectory
from typing import cast

import numpy as np
from ase import Atoms

from engine.config import CampaignSettings
from engine.crystals import conventional, primitive
from engine.loop.messages import Measure
from engine.loop.scoring import base_of, model_of, model_path, space_of
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.correction import CommitteeCorrection
from engine.potentials.delta import DeltaCommittee
from engine.properties import (
    EnergyVolume,
    Properties,
    PropertySettings,
    energy_volume,
    member_energy_volumes,
    member_properties,
    properties,
    property_names,
)
from engine.references.making import make_reference
from engine.store import REFERENCE, Measured

Found = tuple[Sequence[Properties], Sequence[EnergyVolume]]
"""Of each member."""


def measure(request: Measure) -> Measured:
    """Measure the properties and the E–V curve; where that fails the row has nan, and says why.

    Of members in the primitive cell, of the reference in the conventional one: a cell of another size is
    another grid of k-points to it.
    """
    settings, crystal = request.settings, space_of(request).substrate
    is_reference = request.model_id == REFERENCE
    asked = settings.properties
    how = PropertySettings(edge=asked.edge, thickness=asked.thickness, small_cell=not is_reference)
    try:
        values, curves = (
            _of_reference(settings, crystal, how) if is_reference else _of_members(request, crystal, how)
        )
    except Exception as error:  # the seam: a calculator may raise anything, and no campaign ends for this
        n_members = 1 if is_reference else settings.committee.size
        return _nothing(request.model_id, n_members, crystal, how, f"{type(error).__name__}: {error}")
    return Measured(
        request.model_id,
        {name: tuple(one[name] for one in values) for name in property_names(crystal, how)},
        curves[0].volume,
        np.array([curve.energy for curve in curves]),
    )


def _of_members(request: Measure, crystal: Atoms, how: PropertySettings) -> Found:
    model = model_of(model_path(request.folder, request.model_id))
    committee = DeltaCommittee(base_of(request.settings), cast("CommitteeCorrection", model))
    found = member_properties(committee, crystal, how)
    return found, member_energy_volumes(committee, primitive(crystal), how.ratios)


def _of_reference(settings: CampaignSettings, crystal: Atoms, how: PropertySettings) -> Found:
    with TemporaryDirectory() as scratch, chdir(scratch):  # where calculators that write files leave them
        potential = ASECalculator(make_reference(settings.reference).calculator(), {})
        found = properties(potential, crystal, how)
        return [found], [energy_volume(potential, conventional(crystal), how.ratios)]


def _nothing(model_id: str, n_members: int, crystal: Atoms, how: PropertySettings, trouble: str) -> Measured:
    volumes = crystal.get_volume() / len(crystal) * np.array(how.ratios)
    values = dict.fromkeys(property_names(crystal, how), (np.nan,) * n_members)
    return Measured(model_id, values, volumes, np.full((n_members, len(volumes)), np.nan), trouble)
