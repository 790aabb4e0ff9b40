"""Looks at a proposal, and reasons in words why it seems wrong."""

from engine.checks.closest_pair import ClosestPair
from engine.checks.duplicate import Duplicate
from engine.checks.fragments import Fragments
from engine.checks.largest_force import LargestForce
from engine.checks.quarantine import quarantine
from engine.checks.traits import traits
from engine.checks.veto_rule import broken

__all__ = ["ClosestPair", "Duplicate", "Fragments", "LargestForce", "broken", "quarantine", "traits"]
