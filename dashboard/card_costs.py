"""What the label of each card of the queue will cost, in a word: once for each size, not for each card."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.cost import Cost, cost
from dashboard.known_labels import known_labels
from dashboard.words import age
from engine.core import Campaign, Candidate
from engine.store import Store


class CardCosts:
    """Estimates for the queue of one session, the same as the panel Why gives; sizes are read once."""

    def __init__(self) -> None:
        self._of: tuple[Store, int] | None = None
        self._sizes: dict[str, int] = {}
        self._found: dict[int, Cost | None] = {}

    def words(self, campaign: Campaign, store: Store, cards: Iterable[Candidate]) -> dict[str, str]:
        """The median by candidate, times the calculations that its card asks for; empty before a label."""
        cards = list(cards)
        if not campaign.labels:
            return {}
        self._follow(campaign, store, cards)
        sized = ((card, self._found[self._sizes[card.id]]) for card in cards)
        return {card.id: _short(found, card.points) for card, found in sized if found is not None}

    def _follow(self, campaign: Campaign, store: Store, cards: list[Candidate]) -> None:
        known, count = known_labels(store), len(campaign.labels)
        known.follow(store, campaign)
        if self._of is None or store is not self._of[0]:
            self._sizes = {}
        if (store, count) != self._of:
            self._of, self._found = (store, count), {}
        new = [card.id for card in cards if card.id not in self._sizes]
        if new:
            self._sizes.update(zip(new, store.n_atoms(new), strict=True))
        for size in {self._sizes[card.id] for card in cards} - self._found.keys():
            self._found[size] = cost(known.core_seconds[:count], known.n_atoms[:count], size)


def _short(found: Cost, points: int) -> str:
    each = f"~{age(found.median)}"
    return each if points == 1 else f"{points} × {each}"
