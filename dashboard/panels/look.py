"""One candidate: its structure in 3D and what is known of it, whether it was asked about or not."""

from __future__ import annotations

import panel as pn

from dashboard.panels.acceptance import frame_of
from dashboard.panels.markup import Markup, chip, e
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.panels.why import Facts, why_html
from dashboard.plots.structure_scene import scene
from dashboard.session import Session
from dashboard.structures import structure_of
from engine.core import Campaign
from engine.store import Proposed, Score


class Look:
    """What the session's candidate is; `draw` brings it up to date."""

    def __init__(self, session: Session, *, height: int = 280) -> None:
        self._session = session
        self.viewer = StructureViewer(empty="Click on a point.", color_by="uncertainty", height=height)
        self._words = Markup("dd-why", sizing_mode="stretch_width", margin=(12, 0, 0, 0))
        self._shown: tuple[str, str, str] | None = None
        self.view = pn.Column(self.viewer, self._words, sizing_mode="stretch_width")

    def draw(self) -> None:
        """Show the session's candidate."""
        session = self._session
        snapshot: Campaign | None = session.snapshot
        follower = session.follower
        if snapshot is None or follower is None or session.candidate is None:
            if self._shown is not None:
                self._shown = None
                self.viewer.show(None)
            self._words.show("")
            return
        store, candidate = follower.store, session.candidate
        structure = structure_of(store, candidate)
        score = store.scores([candidate]).get(candidate)
        if candidate in snapshot.candidates:
            facts = Facts(
                snapshot,
                snapshot.candidates[candidate],
                score,
                len(structure),
                session.now,
                frame_of(snapshot, store, candidate),
            )
            self._words.show(why_html(facts))
        else:
            self._words.show(proposal_html(store.proposals([candidate])[0], score, len(structure)))
        shown = (session.campaign, candidate, snapshot.model_id)
        if shown != self._shown:
            self._shown = shown
            values = None if score is None else score.atom_std
            self.viewer.show(scene(structure, values=values, id=candidate))


def proposal_html(row: Proposed, score: Score | None, n_atoms: int) -> str:
    """What is known of a proposal that no person was asked about."""
    std = None if score is None else score.energy_std
    rows = [
        ("predicted energy", "–" if score is None else f"{score.energy:.3f} eV"),
        ("σ of the energy", "not known before the first fit" if std is None else f"{std:.3f} eV"),
        ("uMLIP energy", f"{row.base_energy:.3f} eV"),
        ("found by", f"{row.generator}, step {row.step}"),
        ("found with", row.model_id),
        ("atoms", str(n_atoms)),
    ]
    lines = "".join(f"<dt>{e(name)}</dt><dd>{e(value)}</dd>" for name, value in rows)
    flags = "".join(f'<div class="flag"><b>{e(f.check)}</b>: {e(f.reason)}</div>' for f in row.flags)
    checks = flags or '<span class="fine">All checks passed.</span>'
    return (
        f'<div class="head"><b>{e(row.candidate)}</b>{chip("not asked about", "quiet")}</div>'
        '<p class="sentence">The search found it; the selection has not put it before you.</p>'
        f"<div><h2>Checks</h2>{checks}</div><div><h2>Numbers</h2><dl>{lines}</dl></div>"
    )
