"""The candidate beside what is known: another viewer whose camera is locked to the first, and the words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import panel as pn
import panel_material_ui as pmui
from ase import Atoms

from dashboard.asking import Asking
from dashboard.known_labels import Nearest, known_labels
from dashboard.panels.markup import Markup, e
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.plots.comparison import Energy, Pair, energy_words, pair, takes_long, unmatched
from dashboard.runtime import Runtime
from engine.core import Campaign, Candidate
from engine.store import Store

NEAREST, BEST, PARENT = "nearest label", "best known", "parent"
GROUP = "compare"
"""Camera group of the two viewers."""


@dataclass(frozen=True, eq=False)
class Subject:
    """The candidate on the screen, and where what is known of others stands."""

    campaign: Campaign
    store: Store
    candidate: Candidate
    structure: Atoms


class Compare:
    """The second viewer, and below both the `words`; `draw` follows the candidate.

    Parameters
    ----------
    main : viewer of the candidate, whose camera and picked atom this one shares
    runtime : whose workers match large structures
    changed : called when `pair`, the two on the screen, is another
    """

    def __init__(
        self, main: StructureViewer, runtime: Runtime, changed: Callable[[], object] = lambda: None
    ) -> None:
        self._main = main
        self._runtime = runtime
        self._asking = Asking(runtime, rest=0.0)
        self._asked: tuple[Any, ...] | None = None
        self._changed = changed
        self._subject: Subject | None = None
        self._drawn: tuple[Any, ...] | None = None
        self.pair: Pair | None = None
        self.viewer = StructureViewer(
            color_by="uncertainty",
            show_forces=True,
            camera_group=GROUP,
            sizing_mode="stretch_both",
            visible=False,
        )
        main.camera_group = GROUP
        self._with = pmui.RadioButtonGroup(
            options=[NEAREST, BEST, PARENT],
            value=NEAREST,
            size="small",
            css_classes=["dd-compare-with"],
            sx={
                "whiteSpace": "nowrap",
                "& .MuiToggleButton-root:not(.Mui-selected)": {"color": "text.primary"},
            },
            margin=0,
        )
        self._words = Markup("dd-compare", live=True, sizing_mode="stretch_width")
        self._with.param.watch(lambda _: self._show(), "value")
        main.param.watch(lambda event: self._pick(self.viewer, event.new), "picked")
        self.viewer.param.watch(lambda event: self._pick(main, event.new), "picked")
        self.words = pn.Column(
            self._with, self._words, visible=False, sizing_mode="stretch_width", styles={"gap": "4px"}
        )

    @property
    def is_open(self) -> bool:
        """Whether anything of it is on the screen."""
        return bool(self.words.visible)

    def _open(self, *, is_open: bool) -> None:
        self.viewer.visible = self.words.visible = is_open

    def toggle(self) -> None:
        """Open, or close."""
        with pn.io.hold():
            self._open(is_open=not self.is_open)
            self._show()

    def open(self, choice: str) -> None:
        """Compare with this one of `NEAREST`, `BEST` and `PARENT`."""
        with pn.io.hold():
            self._open(is_open=True)
            self._with.value = choice
            self._show()

    def draw(self, subject: Subject | None) -> None:
        """Follow the candidate on the screen; None where there is none."""
        self._subject = subject
        self._show()

    def _show(self) -> None:
        subject = self._subject
        if subject is None or not self.is_open:
            if self._drawn is not None:
                self._drawn = self.pair = None
                self.viewer.show(None)
                self._words.show("")
                self._changed()
            return
        other, nearest = self._other(subject)
        drawn = (subject.store, subject.candidate, other, subject.campaign.model_id, self._with.value)
        if drawn == self._drawn:
            return
        self._drawn, self._asked = drawn, None
        if other is None:
            self.pair = None
            self.viewer.empty = _nothing(str(self._with.value), subject.candidate.id)
            self.viewer.show(None)
            self._words.show("")
            self._changed()
            return
        (structure,) = subject.store.structures([other])
        if takes_long(subject.structure):
            self._asked = (subject, other, structure, nearest)
            self._asking = Asking(self._runtime, rest=0.0)  # also for the same two once more
            words = (
                f"The {len(structure)} atoms are matched by a worker; until then {other} is shown as it is."
            )
            self._lay(subject, other, nearest, unmatched(structure, other, words))
            self.came()
        else:
            self._lay(subject, other, nearest, pair(subject.structure, structure, other))

    def _lay(self, subject: Subject, other: str, nearest: Nearest | None, found: Pair) -> None:
        """Show these two beside one another."""
        self.pair = found
        self.viewer.show(found.scene)
        self._pick(self.viewer, self._main.picked)
        self._words.show(self._html(subject, other, nearest))
        self._changed()

    def came(self) -> bool:
        """Whether a worker has matched the two since the last look; then they are shown."""
        if self._asked is None:
            return False
        subject, other, structure, nearest = self._asked
        key = (pair.__name__, str(subject.store.folder), subject.candidate.id, other)
        if not self._asking.look(key, pair, subject.structure, structure, other):
            return False
        self._asked = None
        problem = self._asking.problem
        found = unmatched(structure, other, problem) if problem else self._asking.value
        self._lay(subject, other, nearest, found)
        return True

    def _other(self, subject: Subject) -> tuple[str | None, Nearest | None]:
        """Whom to compare with, and how far that is if it is the nearest label."""
        if self._with.value == NEAREST:
            nearest = nearest_label(subject.campaign, subject.store, subject.candidate.id)
            return (None if nearest is None else nearest.candidate), nearest
        if self._with.value == BEST:
            best = subject.campaign.best
            return (None if best is None or best.id == subject.candidate.id else best.id), None
        return subject.store.proposals([subject.candidate.id])[0].parent, None

    def _html(self, subject: Subject, other: str, nearest: Nearest | None) -> str:
        mine, theirs = _energy(subject, subject.candidate.id), _energy(subject, other)
        away = "" if nearest is None else f" {100 * nearest.distance:.2f} % of the SOAP vector away."
        said = [energy_words(mine, theirs, other), *(() if self.pair is None else self.pair.words)]
        return f"<b>{e(other)}</b>{e(away)}" + "".join(f"<p>{e(words)}</p>" for words in said)

    def _pick(self, viewer: StructureViewer, index: int | None) -> None:
        """The same atom in the other picture."""
        if self.pair is not None and self.pair.match is not None and viewer.picked != index:
            viewer.picked = index


def nearest_label(campaign: Campaign, store: Store, candidate: str) -> Nearest | None:
    """The label nearest to a candidate in descriptor space."""
    known = known_labels(store)
    known.follow(store, campaign)
    return known.nearest(store, candidate, len(campaign.labels))


def _energy(subject: Subject, name: str) -> Energy:
    """All that is known of an energy."""
    (row,) = subject.store.proposals([name])
    score = subject.store.scores([name]).get(name)
    fitted = score is not None and score.energy_std is not None
    known = subject.campaign.candidates.get(name)
    return Energy(
        base=row.base_energy,
        predicted=score.energy if score is not None and fitted else None,
        std=score.energy_std if score is not None else None,
        label=None if known is None else known.label_eV,
    )


def _nothing(choice: str, candidate: str) -> str:
    return {
        NEAREST: "Nothing else is labelled yet.\nThe first label appears here.",
        BEST: f"No label yet, or {candidate} is the best known itself.",
        PARENT: f"{candidate} came from no other candidate.",
    }[choice]
