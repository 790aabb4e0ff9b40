"""Searches: they propose structures and spend nothing."""

from engine.generators.ascent import Ascent
from engine.generators.basin_hopping import BasinHopping
from engine.generators.gofee import GOFEE
from engine.generators.molecular_dynamics import MolecularDynamics
from engine.generators.placement import place
from engine.generators.pool import Pool
from engine.generators.random_search import RandomSearch
from engine.generators.replica_exchange import ReplicaExchange
from engine.generators.strain import Strain

__all__ = [
    "GOFEE",
    "Ascent",
    "BasinHopping",
    "MolecularDynamics",
    "Pool",
    "RandomSearch",
    "ReplicaExchange",
    "Strain",
    "place",
]
