"""Export: the data, the potential and a methods paragraph as files to take away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from dashboard.asking import Asking
from dashboard.exporting import Written, write
from dashboard.panels.figure_panel import heading
from dashboard.panels.markup import Markup, e
from dashboard.session import Session
from engine.core import Campaign
from engine.errors import DeltadeskError
from engine.methods import methods
from engine.store import Store

if TYPE_CHECKING:
    from engine.export import Format, What

FORMATS: dict[str, tuple[Format, str]] = {
    "Extended XYZ (ASE, MACE)": ("extxyz", ".xyz"),
    "ASE database": ("ase-db", ".db"),
    "CSV table": ("csv", ".csv"),
    "chemiscope": ("chemiscope", ".json.gz"),
    "Potential (engine.load_potential)": ("potential", ".potential"),
}
"""What can be chosen, with its name on the command line and its ending."""
WHAT: dict[str, What] = {"labelled structures": "labels", "all that was asked about": "candidates"}
MOST = 50e6  # bytes that go through the page; what is larger is written by the command


@dataclass(frozen=True)
class _Asked:
    """One wish; another at the same event is the same question."""

    state: tuple[Any, ...]
    to: Format
    what: What
    out: Path


class ExportSection:
    """The section for one session; `draw` brings it up to date."""

    def __init__(self, session: Session, dark: bool) -> None:  # noqa: ARG002  as the other sections
        self._session = session
        self._asking = Asking(session.runtime, rest=0.0)
        self._asked: _Asked | None = None
        self._ready: Written | None = None
        self._described: tuple[Any, ...] = ()
        look: dict[str, Any] = {"size": "small", "margin": 0}
        self._format = pmui.Select(
            label="Format",
            options=list(FORMATS),
            value=next(iter(FORMATS)),
            width=260,
            css_classes=["dd-format"],
            **look,
        )
        self._what = pmui.Select(label="What", options=list(WHAT), value=next(iter(WHAT)), width=220, **look)
        for choice in (self._format, self._what):
            choice.param.watch(lambda _: self._forget(), "value")
        self._write = pmui.Button(
            label="Write the file", css_classes=["dd-write"], on_click=lambda _: self._ask(), **look
        )
        self._download = pmui.FileDownload(
            callback=self._path,
            filename="",
            label="Download",
            css_classes=["dd-download"],
            visible=False,
            variant="outlined",
            **look,
        )
        self._state = Markup("dd-hint", live=True, sizing_mode="stretch_width", margin=(6, 0, 14, 0))
        self._methods = Markup("dd-methods", sizing_mode="stretch_width", max_width=760)
        self.components: list[Any] = []
        self.view = pn.Column(
            heading("Files"),
            pn.FlexBox(
                self._format,
                self._what,
                self._write,
                self._download,
                align_items="center",
                gap="10px",
                margin=(8, 0, 0, 0),
                sizing_mode="stretch_width",
            ),
            self._state,
            heading("Methods, for a paper"),
            self._methods,
            sizing_mode="stretch_width",
            min_width=320,
        )

    def draw(self, snapshot: Campaign, store: Store) -> None:
        """Show what a worker has written meanwhile, and the methods paragraph as of this snapshot."""
        self._store, self._seq = store, snapshot.seq
        self._describe(snapshot)
        self._look()

    def _describe(self, snapshot: Campaign) -> None:
        known = (len(snapshot.labels), len(snapshot.models), snapshot.settings_seq, snapshot.state)
        state = (self._session.campaign, *known)
        if state == self._described:  # it counts all candidates
            return
        self._described = state
        try:
            parts = methods(snapshot).strip().split("\n\n")
        except DeltadeskError as error:
            parts = [str(error)]
        self._methods.show("".join(f"<p>{e(part).replace(chr(10), '<br>')}</p>" for part in parts))

    def _ask(self) -> None:
        """Have the chosen file written."""
        (to, ending), what = FORMATS[self._format.value], WHAT[self._what.value]
        of = "" if to == "potential" else f"-{what}"
        place = self._session.runtime.scratch / f"{self._session.campaign.replace(' ', '-')}{of}{ending}"
        self._forget()
        self._asking = Asking(self._session.runtime, rest=0.0)  # also for the same once more
        self._asked = _Asked((write.__name__, str(self._store.folder), self._seq), to, what, place)
        self._look()

    def _look(self) -> None:
        asked = self._asked
        if asked is None:
            self._state.show("The file is written by a worker; the campaign may go on meanwhile.")
        elif self._asking.look(asked, write, self._store.folder, asked.to, asked.what, asked.out):
            self._show(asked)
        elif self._asking.computes:
            self._state.show("…writing")

    def _show(self, asked: _Asked) -> None:
        if self._asking.problem:
            self._state.show(f'<span class="bad">{e(self._asking.problem)}</span>')
            return
        found: Written = self._asking.value
        if found.size > MOST:
            command = f"deltadesk export {self._session.campaign} FILE --to {asked.to} --what {asked.what}"
            self._state.show(f"{_size(found)} are too much for a page: type <code>{e(command)}</code>.")
            return
        self._ready = found
        label = f"Download {found.path.name} ({_size(found)})"
        self._download.param.update(filename=found.path.name, label=label, visible=True)
        of = "label" if asked.to == "potential" else "structure"
        self._state.show(f"{found.count} {of}{'' if found.count == 1 else 's'}, as of now.")

    def _forget(self) -> None:
        """Something else was chosen: what was written is not what the page says."""
        self._asked = self._ready = None
        self._download.visible = False

    def _path(self) -> str | None:
        return None if self._ready is None else str(self._ready.path)


def _size(found: Written) -> str:
    return f"{found.size / 1e6:.1f} MB" if found.size >= 1e5 else f"{found.size / 1e3:.1f} kB"
