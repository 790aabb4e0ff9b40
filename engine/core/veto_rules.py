"""A rule that vetoes taught: a candidate is flagged where something measured of it lies beyond a limit.

It warns and sorts, as a failed check does; it vetoes nothing in a person's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.core.events import Auth, VetoRuleAdopted

Side = Literal["below", "above"]

VETO_RULE = "veto-rule"
"""Name of its check in flags."""
DISTANCE = "distance "
"""Begins the name of the shortest distance of a pair of elements: ``distance S-S``."""

_WORDS = {
    "closest pair": ("the closest pair", "of its covalent sum"),
    "fragments": ("the number of fragments", ""),
    "loneliest atom": ("the loneliest atom's nearest neighbour", "Å"),
    "thickness": ("the thickness", "Å"),
    "volume": ("the volume of an atom", "Å³"),
    "energy above lowest": ("the predicted energy above the lowest proposal", "eV"),
    "sigma": ("σ of the energy", "eV"),
}
"""What is measured of a candidate, in words and with its unit."""


@dataclass(frozen=True)
class VetoRule:
    """Flags what lies `side` of `limit`; `by` switched it on at `time` (s since 1970)."""

    trait: str
    side: Side
    limit: float
    by: str = ""
    auth: Auth = "local"
    time: float = 0.0

    @classmethod
    def of(cls, event: VetoRuleAdopted, time: float) -> VetoRule:
        """The rule that an event switched on."""
        return cls(event.trait, event.side, event.limit, event.by, event.auth, time)

    @property
    def name(self) -> str:
        """What it is called in events and commands: ``distance S-S below 1.9``."""
        return f"{self.trait} {self.side} {self.limit:.12g}"

    @property
    def words(self) -> str:
        """The same for people: ``S–S below 1.9 Å``."""
        what, _ = spelt(self.trait)
        return f"{what} {self.side} {valued(self.trait, self.limit)}"

    def catches(self, traits: Mapping[str, float]) -> bool:
        """Whether a candidate with these traits is flagged; what was not measured of it flags nothing."""
        value = traits.get(self.trait)
        if value is None:
            return False
        return value < self.limit if self.side == "below" else value > self.limit

    def reason(self, traits: Mapping[str, float]) -> str:
        """Why it flags a candidate, for the card."""
        what, _ = spelt(self.trait)
        value = valued(self.trait, traits[self.trait])
        return f"{what} {value}, {self.side} {self.limit:.4g}: rule of {self.by}"


def spelt(trait: str) -> tuple[str, str]:
    """What a trait is called, and its unit.

    Raises
    ------
    KeyError
        if there is no such trait
    """
    if trait.startswith(DISTANCE):
        return trait.removeprefix(DISTANCE).replace("-", "–"), "Å"
    return _WORDS[trait]


def valued(trait: str, value: float) -> str:
    """A value with its unit."""
    unit = spelt(trait)[1]
    return f"{value:.4g} {unit}".rstrip()


def is_trait(trait: str) -> bool:
    """Whether anything of this name is measured."""
    if not trait.startswith(DISTANCE):
        return trait in _WORDS
    pair = trait.removeprefix(DISTANCE).split("-")
    return len(pair) == 2 and pair == sorted(pair) and all(symbol.isalpha() for symbol in pair)
