"""A structure that a person brings: chosen in the browser, read by a worker, named in the settings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from shutil import rmtree
from typing import Any
from weakref import finalize

import panel as pn
import panel_material_ui as pmui

from dashboard.panels.markup import Markup, e
from dashboard.session import Session
from engine.errors import DeltadeskError
from engine.uploaded import ENDINGS, MOST, Kind, Uploaded

WORDS: dict[str, Kind] = {
    "what searches start from": "start",
    "the surface underneath": "surface",
    "the crystal": "crystal",
}


class Upload:
    """A button for a file and what it is to be; `draw` looks whether a worker has read it.

    Parameters
    ----------
    session : whose person brings it
    template : what the campaign to be starts from
    use : called with what was read and what it is to be

    Attributes
    ----------
    folder : where the file lies, with those of the template; None before there is one
    """

    def __init__(
        self,
        session: Session,
        template: Callable[[], str | Path],
        use: Callable[[Uploaded, Kind], object],
    ) -> None:
        self._session, self._template, self._use = session, template, use
        self._waits: tuple[Path, Future[Uploaded]] | None = None
        self._found: Uploaded | None = None
        self.folder: Path | None = None
        self._file = pmui.FileInput(
            label="Upload a structure",
            accept=",".join((*ENDINGS, "POSCAR", "CONTCAR")),
            max_file_size=MOST,
            size="small",
            variant="outlined",
            css_classes=["dd-upload"],
            margin=0,
        )
        self._file.param.watch(self._came, "value")
        self._as = pmui.Select(
            label="Use it as",
            options=list(WORDS),
            size="small",
            width=272,
            visible=False,
            css_classes=["dd-upload-as"],
            margin=0,
        )
        self._as.param.watch(lambda _: self._put(), "value")
        self._words = Markup("dd-words dd-upload-words", live=True, sizing_mode="stretch_width")
        self._words.show(_OFFER)
        self.view = pn.Column(
            pn.FlexBox(self._file, self._as, gap="12px 14px", align_items="center", margin=0),
            self._words,
            sizing_mode="stretch_width",
            styles={"gap": "6px"},
            margin=0,
        )

    def forget(self) -> None:
        """Nothing was brought."""
        self._waits = self._found = self.folder = None
        self._as.visible = False
        self._words.show(_OFFER)

    def draw(self) -> None:
        """Use what a worker has read."""
        if self._waits is None or not self._waits[1].done():
            return
        (folder, future), self._waits = self._waits, None
        try:
            found = future.result()
        except DeltadeskError as error:
            self._refuse(str(error))
        except Exception as error:  # a lost worker, or a killed one: the form is as it was
            self._refuse(f"The worker that read it was lost ({type(error).__name__}): upload it again.")
        else:
            self.folder, self._found = folder, None
            words = [text for text, kind in WORDS.items() if kind in found.kinds]
            first = next(text for text in words if WORDS[text] == found.kinds[0])
            self._as.param.update(options=words, value=first, visible=True)
            self._found = found
            self._put()

    def _came(self, event: Any) -> None:
        if not event.new:
            return
        name, data = str(self._file.filename or ""), bytes(event.new)
        self._file.clear()
        session = self._session
        told = session.guard(
            lambda: session.runtime.drafts.upload(session.person, self._template(), name, data)
        )
        if told is not None:
            self._waits = told
            finalize(self, rmtree, told[0], ignore_errors=True)  # a campaign has copied it by then
            self._words.show(f"{e(name[:60])} is read …")

    def _put(self) -> None:
        if self._found is not None and self._as.value in WORDS:
            kind = WORDS[self._as.value]
            self._words.show(f"{e(self._found.file)}: {e(self._found.formula)}, as {e(self._as.value)}.")
            self._use(self._found, kind)

    def _refuse(self, words: str) -> None:
        self._words.show(f'<span class="bad">{e(words)}</span>')


_OFFER = f"A file of your own, of plain text ({', '.join(ENDINGS)}), for the box, the surface or the crystal."
