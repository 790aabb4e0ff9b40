"""Move atoms of the candidate on the screen, and ask for what a few steps of relaxation make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from ase import Atoms

from dashboard.panels.markup import Markup, e
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.plots.structure_scene import scene
from dashboard.session import Session
from engine.core import Move
from engine.core.commands import MOST_STEPS

STEPS = 20  # of relaxation, unless the person says otherwise
HINT = "Drag an atom, or click it and type its place. What comes of it is another candidate, to be decided."
KEYS = "<kbd>A</kbd> relaxes it and asks, <kbd>Esc</kbd> puts the atoms back."


class EditBar:
    """Closed until `open` is given a structure; the viewer shows what was moved.

    Parameters
    ----------
    left : called once it is closed, to show the candidate as it is
    """

    def __init__(self, session: Session, viewer: StructureViewer, left: Callable[[], object]) -> None:
        self._session = session
        self._viewer = viewer
        self._left = left
        self._atoms: Atoms | None = None
        self._before: Atoms | None = None
        self._of = ""
        self._words = Markup("dd-editing", live=True, sizing_mode="stretch_width")
        self._place = [
            pmui.TextInput(label=f"{axis} (Å)", size="small", width=84, margin=(0, 6, 0, 0), visible=False)
            for axis in "xyz"
        ]
        self._steps = pmui.TextInput(
            label="Steps", value=str(STEPS), size="small", width=76, margin=(0, 8, 0, 0)
        )
        self._ask = pmui.Button(
            label="Relax and ask",
            css_classes=["dd-edit-ask"],
            margin=(0, 8, 0, 0),
            on_click=lambda _: self.ask(),
        )
        cancel = pmui.Button(
            label="Leave", color="default", variant="text", margin=0, on_click=lambda _: self.close()
        )
        for field in self._place:
            field.param.watch(lambda _: self._typed(), "value")
        self._filling = False
        viewer.param.watch(lambda _: self._fill(), "picked")
        viewer.on_moved(self._dragged)
        self.view = pn.Column(
            self._words,
            pn.FlexBox(*self._place, self._steps, self._ask, cancel),
            visible=False,
            css_classes=["dd-edit"],
            sizing_mode="stretch_width",
            margin=(8, 0, 0, 0),
        )

    @property
    def opened(self) -> bool:
        """Whether atoms can be moved now."""
        return self._atoms is not None

    @property
    def moved(self) -> bool:
        """Whether an atom is elsewhere than in the candidate: leaving would lose that."""
        return bool(self._moves())

    def holds(self) -> bool:
        """Whether atoms were moved, and say so to the person who asked for something else."""
        if self.moved:
            self._session.notify(
                f"An edit of {self._of} is open. A relaxes it and asks, Esc puts the atoms back.", "info"
            )
        return self.moved

    def open(self, candidate: str, structure: Atoms) -> None:
        """Let the person move atoms of this structure."""
        self._of, self._before, self._atoms = candidate, structure, structure.copy()
        self._viewer.editing = True
        self.view.visible = True
        self._fill()

    def close(self) -> None:
        """Leave it as it was."""
        self._atoms = self._before = None
        self._viewer.editing = False
        self.view.visible = False
        self._left()

    def draw(self, candidate: str | None) -> None:
        """Another candidate on the screen is not the one that is edited."""
        if self.opened and candidate != self._of:
            if self.moved:
                self._session.notify(f"The edit of {self._of} was left; its atoms are back.", "info")
            self.close()

    def ask(self) -> None:
        """Send the wish."""
        moves, steps = self._moves(), _number(self._steps)
        if steps is None or not 0 <= steps <= MOST_STEPS or steps != int(steps):
            self._session.notify(f"Steps are a whole number from 0 to {MOST_STEPS}.", "bad")
            return
        if not moves and not steps:
            self._session.notify("Move an atom first, or let it relax for some steps.", "info")
            return
        self.close()
        self._session.edit(moves, int(steps))

    def _moves(self) -> list[Move]:
        if self._atoms is None or self._before is None:
            return []
        moved = np.flatnonzero((self._atoms.positions != self._before.positions).any(axis=1))
        places = self._atoms.positions[moved].tolist()
        return [(int(atom), x, y, z) for atom, (x, y, z) in zip(moved, places, strict=True)]

    def _dragged(self, atom: int, place: tuple[float, float, float]) -> None:
        """The browser says where an atom was put."""
        if self._atoms is not None and 0 <= atom < len(self._atoms) and np.isfinite(place).all():
            self._atoms.positions[atom] = place
            self._show(self._atoms)
            self._fill()

    def _typed(self) -> None:
        atom = self._viewer.picked
        if self._filling or self._atoms is None or atom is None or atom >= len(self._atoms):
            return
        place = [_number(field) for field in self._place]
        if None not in place:
            self._atoms.positions[atom] = place
            self._show(self._atoms)
            self._say()

    def _fill(self) -> None:
        """Show the place of the atom that is picked."""
        if self._atoms is None:
            return
        atom = self._viewer.picked
        known = atom is not None and atom < len(self._atoms)
        self._filling = True
        for field, axis in zip(self._place, range(3), strict=True):
            field.visible = known
            if known:
                field.param.update(value=f"{self._atoms.positions[atom, axis]:.4f}", error_state=False)
        self._filling = False
        self._say()

    def _say(self) -> None:
        moves = self._moves()
        atom = self._viewer.picked
        said = [f"<b>Editing {e(self._of)}</b>"]
        if self._atoms is not None and atom is not None and atom < len(self._atoms):
            said.append(f"atom {atom} ({e(self._atoms.symbols[atom])})")
        if moves and self._before is not None:
            far = max(np.linalg.norm(self._before.positions[m[0]] - m[1:]) for m in moves)
            said.append(f"{len(moves)} moved, by {far:.2f} Å at most")
        self._words.show(f"{' · '.join(said)}. {e(HINT)}{f' {KEYS}' if moves else ''}")

    def _show(self, atoms: Atoms) -> None:
        drawn: dict[str, Any] = scene(atoms, id=self._of)
        self._viewer.show(drawn)


def _number(field: Any) -> float | None:
    """What was typed into a field; None, and the field is marked, where that is no finite number."""
    try:
        value = float(field.value.strip().replace("−", "-"))
    except ValueError:
        value = np.nan
    field.error_state = not np.isfinite(value)
    return value if np.isfinite(value) else None
