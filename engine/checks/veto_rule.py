"""What a rule that vetoes taught finds wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.veto_rules import VETO_RULE, VetoRule
from engine.protocols import Flag


def broken(rules: Sequence[VetoRule], traits: Mapping[str, float]) -> tuple[Flag, ...]:
    """A flag for each rule that catches a candidate with these traits."""
    return tuple(Flag(VETO_RULE, rule.reason(traits)) for rule in rules if rule.catches(traits))
