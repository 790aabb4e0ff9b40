"""New campaign: settings as forms, the composition in 3D, what it will cost, and two ways to begin."""

from __future__ import annotations

import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui
from ase import Atoms

from dashboard.estimate import lines, paid
from dashboard.panels.forms import Choices, Form
from dashboard.panels.markup import Markup, e
from dashboard.panels.registered import registered
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.panels.upload import Upload
from dashboard.plots.structure_scene import scene
from dashboard.session import Session
from dashboard.tab import PIECE
from dashboard.theme import STACK_CSS
from engine import campaigns, config, templates
from engine.config import CampaignSettings, SystemSettings
from engine.errors import DeltadeskError
from engine.uploaded import Kind, Uploaded, system_with

PAUSE = 0.5  # s without a change after which a composition is placed
MOST_SHOWN = 400  # atoms of a preview: placing more would hold a worker for long


class New:
    """The page for one session; `draw` brings the preview up to date."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._form: Form | None = None
        self._settings: CampaignSettings | None = None
        self._source: str | Path = campaigns.DEMO
        self._touched = False
        self._drawn_for: str | None = None
        self._preview = _Preview(session)
        self._words = Markup("dd-words", sizing_mode="stretch_width")
        self._words.show(
            "<h2 class='large'>New campaign</h2><p>Every setting has a value already. Nothing is written "
            "before you press a button on this page, and nothing is spent before somebody approves "
            "a candidate.</p>"
        )
        self._template = pmui.Select(
            label="Start from", options=[], size="small", width=272, margin=(0, 0, 0, 0)
        )
        self._template.param.watch(self._chose_template, "value")
        self._upload = Upload(session, lambda: self._source, self._use)
        self._estimate = Markup("dd-estimate", sizing_mode="stretch_width")
        self._problems = Markup("dd-problems", live=True, sizing_mode="stretch_width")
        self._place = pn.Column(sizing_mode="stretch_width", margin=0)
        self.view = self._layout()

    @property
    def components(self) -> list[Any]:
        """Components that follow the theme."""
        return [self._preview.viewer]

    @property
    def untouched(self) -> bool:
        """Whether nothing was chosen or typed here: it can be made anew when it is asked for again."""
        return not self._touched

    def draw(self) -> None:
        """Offer the templates there are, and follow the preview."""
        if self._drawn_for is None or self._session.template != self._drawn_for:
            self._drawn_for = self._session.template
            self._offer()
        self._upload.draw()
        self._preview.draw()

    def _offer(self) -> None:
        shipped = {f"template {name}": name for name in templates.names()}
        own = {f"campaign {name}": folder for name, folder in self._session.runtime.folders().items()}
        wanted: str | Path = self._session.runtime.folders().get(self._drawn_for or "", campaigns.DEMO)
        self._source, self._touched = wanted, False
        with pn.io.hold():
            self._template.param.update(options={**shipped, **own}, value=wanted)
            self._fill(wanted)

    def _chose_template(self, event: Any) -> None:
        if event.new is not None and event.new != self._source:
            self._touched = True
            self._fill(event.new)

    def _typed(self) -> None:
        self._touched = True
        self._changed()

    def _fill(self, source: str | Path) -> None:
        try:
            settings = config.parse(campaigns.source(source))
        except DeltadeskError as error:
            self._session.notify(str(error), "bad")
            return
        self._source = source
        self._upload.forget()
        self._show_form(settings.model_dump())

    def _use(self, found: Uploaded, kind: Kind) -> None:
        """Name what was uploaded in the settings; what was typed stays."""
        if self._form is None:
            return
        self._touched = True
        typed = self._form.typed()
        sections = {"surface": {"system.slab"}, "crystal": {"system.crystal"}}
        system = system_with(found, kind, typed["system"])
        self._show_form({**typed, "system": system}, sections.get(kind, set()))

    def _show_form(self, values: Mapping[str, Any], opened: AbstractSet[str] = frozenset()) -> None:
        choices = Choices(registered(), frozenset({"system", "curation", "reference", *opened}))
        self._form = Form(CampaignSettings, values, choices, self._typed)
        self._place[:] = [self._form.view]
        self._changed()

    def _changed(self) -> None:
        if self._form is None:
            return
        self._settings = None  # whatever happens next, those from before are not what the fields say
        settings, problems = self._form.read()
        self._settings = settings if isinstance(settings, CampaignSettings) else None
        self._problems.show("".join(f'<div class="bad">{e(problem)}</div>' for problem in problems))
        if self._settings is None:
            self._estimate.show("")
            self._preview.ask(None, self._beside())
            return
        runtime = self._session.runtime
        newest = (runtime.newest(name, PIECE) for name in runtime.folders())
        seconds = paid(self._settings, [campaign for campaign in newest if campaign is not None])
        said = "".join(f"<p>{e(line)}</p>" for line in lines(self._settings, seconds))
        self._estimate.show(f"<h2>Before you start</h2>{said}")
        self._preview.ask(self._settings.system, self._beside())

    def _create(self) -> str | None:
        settings = self._settings
        if settings is None:
            self._session.notify("Nothing was written: see the settings marked in red.", "bad")
            return None
        session, source, files = self._session, self._source, self._upload.folder
        name: str | None = session.guard(
            lambda: session.runtime.drafts.create(session.person, source, settings, files)
        )
        if name is not None:
            self._session.template = ""
            self._drawn_for, self._touched = None, False
        return name

    def _beside(self) -> Path:
        """Where files that the settings name are looked for: in the upload, or beside the template."""
        if self._upload.folder is not None:
            return self._upload.folder
        return campaigns.origin(self._source)

    def _create_only(self) -> None:
        name = self._create()
        if name is not None:
            self._session.notify(f"{name} is written. Press Start on its card when you are ready.", "good")
            self._session.page = "runs"

    def _create_and_start(self) -> None:
        name = self._create()
        if name is not None:
            self._session.open(name)
            self._session.control("start")
            self._session.refresh()
            self._session.page = "live"

    def _layout(self) -> Any:
        def button(label: str, hook: str, act: Any, **look: Any) -> Any:
            return pmui.Button(
                label=label, css_classes=[hook], margin=(0, 8, 8, 0), on_click=lambda _: act(), **look
            )

        form = pn.Column(
            self._words,
            self._template,
            self._upload.view,
            self._place,
            sizing_mode="stretch_width",
            min_width=300,
            styles={"gap": "14px"},
        )
        side = pn.Column(
            self._preview.view,
            self._estimate,
            self._problems,
            pn.FlexBox(
                button("Create and start", "dd-create-start", self._create_and_start, color="primary"),
                button("Create only", "dd-create", self._create_only, variant="outlined"),
                margin=(6, 0, 0, 0),
            ),
            width=380,
            styles={"gap": "12px", "position": "sticky", "top": "0", "align-self": "flex-start"},
        )
        return pn.Row(
            form,
            side,
            sizing_mode="stretch_width",
            css_classes=["dd-new"],
            stylesheets=[STACK_CSS],
            styles={"gap": "24px"},
        )


class _Preview:
    """One random placement of the composition, made by a worker once the person pauses."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wanted: SystemSettings | None = None
        self._folder = Path()
        self._since = 0.0
        self._future: Future[Atoms] | None = None
        self._shown: SystemSettings | None = None
        self.viewer = StructureViewer(empty="placing…", height=280)
        self._words = Markup("dd-hint", live=True)
        self.view = pn.Column(self.viewer, self._words, sizing_mode="stretch_width", margin=0)

    def ask(self, system: SystemSettings | None, folder: Path) -> None:
        """Show this system, with its files in `folder`, soon; None says that there is nothing to place."""
        if (system, folder) == (self._wanted, self._folder) and system is not None:
            return
        self._wanted, self._folder, self._since = system, folder, time.monotonic()
        self._shown = self._future = None
        if system is None:
            self._say("The settings need you first.")

    def draw(self) -> None:
        """Ask a worker once the person pauses, and show what came back."""
        if self._wanted is None or self._shown == self._wanted:
            return
        if self._future is None:
            # a picture that comes while the browser still loads the page is lost on the way
            if pn.state.loaded and time.monotonic() - self._since >= PAUSE:
                self._start(self._wanted)
        elif self._future.done():
            self._show(self._wanted, self._future)

    def _start(self, system: SystemSettings) -> None:
        atoms = system.n_atoms
        if atoms > MOST_SHOWN:
            self._say(f"{atoms} atoms: more than {MOST_SHOWN} are not placed for a preview.")
            self._shown = system
            return
        if self.viewer.scene is None:
            self._say("placing…")
        self._words.show("placing…")
        session = self._session
        self._future = session.guard(
            lambda: session.runtime.drafts.preview(session.person, system, self._folder)
        )
        if self._future is None:
            self._say("")
            self._shown = system

    def _show(self, system: SystemSettings, future: Future[Atoms]) -> None:
        self._shown, self._future = system, None
        try:
            structure = future.result()
        except DeltadeskError as error:
            self._say(str(error))
        except Exception as error:  # a lost worker, or a killed one: the form goes on without a picture
            self._say(f"The preview was lost ({type(error).__name__}).")
        else:
            self.viewer.show(scene(structure, id=system.composition))
            what = "" if system.is_crystal else "One random placement of "
            if system.start is not None:
                what = f"{e(system.start)}, where searches start: "
            self._words.show(f"{what}{e(system.words)}, {len(structure)} atoms.")

    def _say(self, words: str) -> None:
        self.viewer.empty = words
        self.viewer.show(None)
        self._words.show("")
