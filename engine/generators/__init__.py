"""Searches: they propose structures and spend nothing."""

from engine.generators.basin_hopping import BasinHopping
from engine.generators.placement import place
from engine.generators.random_search import RandomSearch
from engine.generators.replica_exchange import ReplicaExchange

__all__ = ["BasinHopping", "RandomSearch", "ReplicaExchange", "place"]
