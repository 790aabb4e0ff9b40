"""Properties of crystals in a potential, and what the members of a committee say of them."""

from engine.math import Distribution
from engine.properties.elastic import elastic
from engine.properties.energy_volume import EnergyVolume, energy_volume, member_energy_volumes
from engine.properties.equilibrium import Equilibrium, equilibrium
from engine.properties.excess import defects, excess_energies, slabs, surface_energies
from engine.properties.properties import (
    TARGETS,
    Properties,
    PropertySettings,
    member_properties,
    properties,
    property_distributions,
    property_names,
    unit,
)
from engine.properties.responses import responses

__all__ = [
    "TARGETS",
    "Distribution",
    "EnergyVolume",
    "Equilibrium",
    "Properties",
    "PropertySettings",
    "defects",
    "elastic",
    "energy_volume",
    "equilibrium",
    "excess_energies",
    "member_energy_volumes",
    "member_properties",
    "properties",
    "property_distributions",
    "property_names",
    "responses",
    "slabs",
    "surface_energies",
    "unit",
]
