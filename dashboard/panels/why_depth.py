"""Why in depth, below the sentence: cost and gain, ranks without each term, the nearest label, the atoms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from numpy.typing import ArrayLike

from dashboard.cost import Cost, cost
from dashboard.cost import in_words as cost_words
from dashboard.gain import Gain, gain
from dashboard.gain import in_words as gain_words
from dashboard.known_labels import Nearest, known_labels
from dashboard.panels.atom_list import AtomList, atom_rows
from dashboard.panels.compare import NEAREST, Compare, Subject, nearest_label
from dashboard.panels.markup import Markup, e
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.runtime import Runtime
from dashboard.shown import ranks, shown
from engine.core import BARE_MODEL, Campaign, Candidate, Shown
from engine.store import Score, Store

if TYPE_CHECKING:
    from engine.acquisition.standing import Ranking, Standing


class WhyDepth:
    """The panel, and what it leads to; what it says is made anew for another candidate, label, card or model.

    Parameters
    ----------
    main : viewer of the candidate
    runtime : whose workers match large structures
    picture : of a candidate, as a ``data:`` address

    Attributes
    ----------
    compare : the candidate beside the nearest label
    atoms : its atoms as a list
    """

    def __init__(self, main: StructureViewer, runtime: Runtime, picture: Callable[[str], str]) -> None:
        self._main = main
        self._picture = picture
        self._cards = Cards()
        self._drawn: tuple[Any, ...] | None = None
        self._said: tuple[str, Shown] | None = None
        self._about: tuple[Subject, Score | None] | None = None
        self.compare = Compare(main, runtime, self._list_atoms)
        self.atoms = AtomList(sizing_mode="stretch_width", margin=(16, 0, 0, 0))
        self._words = Markup("dd-depth", sizing_mode="stretch_width", margin=(16, 0, 0, 0))
        self._button = pmui.Button(
            label="Compare with it",
            css_classes=["dd-compare-nearest"],
            variant="outlined",
            color="default",
            size="small",
            margin=(8, 0, 0, 0),
            visible=False,
            on_click=lambda _: self.compare.open(NEAREST),
        )
        main.param.watch(lambda event: setattr(self.atoms, "picked", event.new), "picked")
        self.atoms.param.watch(lambda event: setattr(main, "picked", event.new), "picked")
        self.view = pn.Column(self._words, self._button, self.atoms, sizing_mode="stretch_width")

    def said_of(self, candidate: str | None) -> Shown | None:
        """What a decision about a candidate keeps; None of one that is not on the screen yet."""
        return self._said[1] if self._said is not None and self._said[0] == candidate else None

    def clear(self) -> None:
        """Show nothing."""
        self._drawn = self._said = self._about = None
        self._words.show("")
        self._button.visible = False
        self.atoms.show("")
        self.compare.draw(None)

    def prepare(self, campaign: Campaign, store: Store, candidate: str) -> None:
        """Read ahead what will be drawn of the next candidate."""
        nearest = nearest_label(campaign, store, candidate)
        if nearest is not None:
            self._picture(nearest.candidate)

    def draw(self, subject: Subject, score: Score | None) -> None:
        """Show what is known of a candidate, whose newest score this is."""
        campaign, store, candidate = subject.campaign, subject.store, subject.candidate
        state = (len(campaign.labels), len(campaign.candidates), campaign.model_id, candidate)
        if (store, *state) != self._drawn:
            self._drawn = (store, *state)
            self._about = (subject, score)
            self._describe(subject, score)
            self._list_atoms()
        self.compare.draw(subject)

    def _describe(self, subject: Subject, score: Score | None) -> None:
        campaign, candidate = subject.campaign, subject.candidate
        nearest = nearest_label(campaign, subject.store, candidate.id)
        price = cost_of(campaign, subject.store, len(subject.structure))
        gained = gain_of(campaign, candidate, score, price)
        standing = self._cards.standing(campaign, subject.store, candidate)
        said = shown(candidate, score, nearest, cost_words(price), gain=gain_words(gained), standing=standing)
        self._said = candidate.id, said
        self._words.show(
            cost_html(price, gained)
            + standing_html(standing, candidate.model_id)
            + ("" if nearest is None else nearest_html(nearest, self._picture(nearest.candidate)))
        )
        self._button.visible = nearest is not None

    def _list_atoms(self) -> None:
        if self._about is None:
            return
        subject, score = self._about
        pair, structure = self.compare.pair, subject.structure
        labelled = subject.candidate.label_eV is not None and structure.calc is not None
        columns: dict[str, ArrayLike | None] = {
            "σ (eV)": None if score is None else score.atom_std,
            "|F| (eV/Å)": np.linalg.norm(structure.get_forces(), axis=1) if labelled else None,
            "moved (Å)": None if pair is None or pair.match is None else pair.match.distances,
        }
        self.atoms.show(atom_rows(structure.get_chemical_symbols(), columns))


def cost_of(campaign: Campaign, store: Store, n_atoms: int) -> Cost | None:
    """What a candidate of this size will cost, from the labels so far."""
    known, count = known_labels(store), len(campaign.labels)
    known.follow(store, campaign)
    return cost(known.core_seconds[:count], known.n_atoms[:count], n_atoms)


def rule_of(campaign: Campaign, candidate: Candidate) -> str:
    """The rule that chose a candidate, as today's settings say: before the first fit, farthest point."""
    selection = campaign.settings.get("selection", {})
    rule = str(selection.get("rule", "")) if isinstance(selection, dict) else ""
    return "farthest-point" if candidate.model_id == BARE_MODEL and rule != "random" else rule


class Cards:
    """What one model put before a person, ranked once for as long as nothing is added to it."""

    def __init__(self) -> None:
        self._of: tuple[Any, ...] | None = None
        self._row: dict[str, int] = {}
        self._ranking: Ranking | None = None

    def standing(self, campaign: Campaign, store: Store, candidate: Candidate) -> Standing | None:
        """Where a candidate stands among all that the same model put before a person."""
        model_id, rule = candidate.model_id, rule_of(campaign, candidate)
        of = (store, model_id, rule, campaign.candidates.count_chosen_with(model_id))
        if of != self._of:
            self._of = of
            self._rank(rule, campaign.candidates.chosen_with(model_id))
        row = self._row.get(candidate.id)
        return None if row is None or self._ranking is None else self._ranking.of(row)

    def _rank(self, rule: str, chosen: Sequence[Candidate]) -> None:
        from engine.acquisition.standing import ranking  # with scipy, for which the first page does not wait

        cards = [c for c in chosen if c.terms and not c.control_of]
        self._row = {c.id: row for row, c in enumerate(cards)}
        self._ranking = ranking(rule, [dict(c.terms) for c in cards], np.array([c.energy_eV for c in cards]))


def standing_html(found: Standing | None, model_id: str) -> str:
    """The rank by all terms, and without each."""
    if found is None:
        return ""
    lines = "".join(f"<dt>{e(name)}</dt><dd>{rank}</dd>" for name, rank in ranks(found))
    return f"<div><h2>Rank of {found.among} chosen by {e(model_id)}</h2><dl>{lines}</dl></div>"


def gain_of(campaign: Campaign, candidate: Candidate, score: Score | None, price: Cost | None) -> Gain | None:
    """What a label of a candidate is expected to bring, at the median cost."""
    energy = candidate.energy_eV if score is None else score.energy
    std = candidate.energy_std_eV if score is None else score.energy_std
    best = campaign.best
    return gain(
        rule_of(campaign, candidate),
        energy,
        std,
        None if best is None else best.label_eV,
        None if price is None else price.median,
    )


def cost_html(price: Cost | None, found: Gain | None) -> str:
    """The estimate and what is expected for it, in words."""
    return f"<div><h2>Cost and gain</h2><p>{e(cost_words(price))}.</p><p>{e(gain_words(found))}</p></div>"


def nearest_html(nearest: Nearest, picture: str) -> str:
    """The nearest label in descriptor space, with its picture."""
    return (
        f'<div><h2>Nearest label</h2><figure class="nearest"><img src="{e(picture)}" alt="">'
        f"<figcaption><b>{e(nearest.candidate)}</b>{100 * nearest.distance:.2f} % of the SOAP vector away"
        "</figcaption></figure></div>"
    )
