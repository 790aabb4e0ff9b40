"""Why in depth, below the sentence: the rank without each term, and what a label costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.cost import Cost, cost, in_words
from dashboard.known_labels import KnownLabels
from dashboard.panels.markup import Markup, e
from dashboard.shown import shown
from engine.core import BARE_MODEL, Campaign, Candidate, Shown
from engine.store import Score, Store

if TYPE_CHECKING:
    from engine.acquisition.standing import Standing


class WhyDepth:
    """The panel; what it says is made anew for another candidate, label, card or model alone."""

    def __init__(self, labels: KnownLabels) -> None:
        self._labels = labels
        self._drawn: tuple[Any, ...] | None = None
        self._words = Markup("dd-why dd-depth", sizing_mode="stretch_width", margin=(16, 0, 0, 0))
        self._said: tuple[str, Shown] | None = None
        self.view = self._words

    def clear(self) -> None:
        """Show nothing."""
        self._drawn = self._said = None
        self._words.show("")

    def said_of(self, candidate: str | None) -> Shown | None:
        """What a decision about a candidate keeps; None of one that is not on the screen yet."""
        return self._said[1] if self._said is not None and self._said[0] == candidate else None

    def draw(
        self, campaign: Campaign, store: Store, candidate: Candidate, score: Score | None, n_atoms: int
    ) -> None:
        """Show what is known of a candidate, whose newest score this is."""
        state = (len(campaign.labels), len(campaign.candidates), campaign.model_id, len(candidate.flags))
        if (store, candidate.id, *state) == self._drawn:
            return
        self._drawn = (store, candidate.id, *state)
        self._labels.follow(store, campaign.labels)
        found = cost_of(campaign, self._labels, n_atoms)
        nearest = self._labels.nearest(candidate.id)
        self._said = candidate.id, shown(candidate, score, nearest, in_words(found))
        standing = standing_html(standing_of(campaign, candidate), candidate.model_id)
        self._words.show(standing + cost_html(found))


def cost_of(campaign: Campaign, labels: KnownLabels, n_atoms: int) -> Cost | None:
    """What a candidate of this size will cost, from the labels so far."""
    paid = [campaign.candidates[name] for name in labels.names]
    return cost([c.seconds * c.cores for c in paid], labels.n_atoms, n_atoms)


def rule_of(campaign: Campaign, candidate: Candidate) -> str:
    """The rule that chose a candidate, as today's settings say: before the first fit, farthest point."""
    selection = campaign.settings.get("selection", {})
    rule = str(selection.get("rule", "")) if isinstance(selection, dict) else ""
    return "farthest-point" if candidate.model_id == BARE_MODEL and rule != "random" else rule


def standing_of(campaign: Campaign, candidate: Candidate) -> Standing | None:
    """Where a candidate stands among all that the same model put before a person."""
    from engine.acquisition.standing import standing  # with scipy, for which the first page does not wait

    cards = [c for c in campaign.candidates.values() if c.model_id == candidate.model_id and c.terms]
    cards = [c for c in cards if not c.control_of]
    if candidate.id not in (ids := [c.id for c in cards]):
        return None
    energy = np.array([c.energy_eV for c in cards])
    return standing(
        rule_of(campaign, candidate), [dict(c.terms) for c in cards], energy, ids.index(candidate.id)
    )


def standing_html(found: Standing | None, model_id: str) -> str:
    """The rank by all terms, and without each."""
    if found is None:
        return ""
    rows = [("all terms", found.rank), *((f"without {name}", rank) for name, rank in found.without.items())]
    lines = "".join(f"<dt>{e(name)}</dt><dd>{rank}</dd>" for name, rank in rows)
    return f"<div><h4>Rank of {found.among} chosen by {e(model_id)}</h4><dl>{lines}</dl></div>"


def cost_html(found: Cost | None) -> str:
    """The estimate in words."""
    return f"<div><h4>Cost</h4><span>{e(in_words(found))}.</span></div>"
