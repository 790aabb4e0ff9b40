"""Export: the data, the potential and a methods paragraph as files to take away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from weakref import finalize

import panel as pn
import panel_material_ui as pmui

from dashboard.asking import Asking
from dashboard.exporting import Written, write
from dashboard.panels.figure_panel import heading
from dashboard.panels.markup import Markup, e
from dashboard.session import Session
from engine.core import Campaign
from engine.errors import DeltadeskError, StorageError
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
        self._folder: Path | None = None
        self._wish: tuple[_Asked, Asking] | None = None
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
        folder = self._session.guard(self._own_folder)
        if folder is None:
            return
        (to, ending), what = FORMATS[self._format.value], WHAT[self._what.value]
        of = "" if to == "potential" else f"-{what}"
        place = folder / f"{self._session.campaign.replace(' ', '-')}{of}{ending}"
        self._forget()
        asked = _Asked((write.__name__, str(self._store.folder), self._seq), to, what, place)
        self._wish = asked, Asking(self._session.runtime, rest=0.0)  # also for the same once more
        self._look()

    def _own_folder(self) -> Path:
        """Where this page's files are until the page is gone: no other session's come over them."""
        if self._folder is None:
            try:
                self._folder = Path(mkdtemp(prefix="export-", dir=self._session.runtime.scratch))
            except OSError as error:
                raise StorageError(f"the server cannot write a file: {error.strerror}") from error
            finalize(self, rmtree, self._folder, ignore_errors=True)
        return self._folder

    def _look(self) -> None:
        if self._wish is None:
            self._state.show("The file is written by a worker; the campaign may go on meanwhile.")
            return
        asked, asking = self._wish
        if asking.look(asked, write, self._store.folder, asked.to, asked.what, asked.out):
            self._show(asked, asking)
        elif asking.computes:
            self._state.show("…writing")

    def _show(self, asked: _Asked, asking: Asking) -> None:
        if asking.problem:
            self._state.show(f'<span class="bad">{e(asking.problem)}</span>')
            return
        found: Written = asking.value
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
        self._wish = self._ready = None
        self._download.visible = False

    def _path(self) -> str | None:
        return None if self._ready is None else str(self._ready.path)


def _size(found: Written) -> str:
    return f"{found.size / 1e6:.1f} MB" if found.size >= 1e5 else f"{found.size / 1e3:.1f} kB"
