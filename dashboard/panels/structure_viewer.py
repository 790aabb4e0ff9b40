"""A structure in 3D that can be turned, coloured and asked: NGL inside the page, fed with plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from itertools import count
from typing import Any, ClassVar

import param
from panel.custom import JSComponent
from panel.io.resources import component_resource_path

from dashboard.plots.structure_scene import moved
from dashboard.theme import COMPONENT_CSS

NGL = "ngl-2.5.0.js"


class StructureViewer(JSComponent):
    """Draws one `dashboard.plots.structure_scene.scene`.

    The element of class ``dd-viewer`` holds the canvas; once the picture is on the screen it carries the
    scene's id in ``data-drawn`` and the number of atoms in ``data-atoms``. The camera stays where the person
    left it while the composition stays the same; another composition gets a new first view. Where the same
    atoms only moved, nothing but what changed is sent, and drawn into the buffers there are. At most four
    viewers of a page draw at once; a further one says so.
    """

    scene = param.Dict(default=None, allow_None=True, doc="What to draw; None shows `empty`.")

    motion = param.Dict(
        default=None, allow_None=True, doc="What differs from `scene`, whose serial number is `of`."
    )

    color_by = param.Selector(
        default="element", objects=["element", "uncertainty", "force"], doc="Colours of the atoms."
    )

    show_forces = param.Boolean(default=False, doc="Arrows along the scene's forces.")

    no_forces = param.String(default="no forces known", doc="Words shown where the scene has none.")

    picked = param.Integer(default=None, allow_None=True, bounds=(0, None), doc="Index of the chosen atom.")

    editing = param.Boolean(default=False, doc="Whether atoms can be dragged; `on_moved` is told where to.")

    camera_group = param.String(default="", doc="Viewers of one tab with the same name turn together.")

    empty = param.String(default="No structure yet.", doc="Words shown where there is nothing to draw.")

    dark = param.Boolean(default=False, allow_refs=True, doc="Follow the page's theme.")

    ngl_url = param.String(default="", precedence=0, doc="Where the browser finds NGL; set by the component.")

    _esm = "\n".join(
        files("dashboard.panels").joinpath(name).read_text()
        for name in ("structure_drawing.js", "structure_viewer.js")
    )
    _js: ClassVar[list[str]] = [NGL]
    _stylesheets: ClassVar[list[str]] = [COMPONENT_CSS]

    def __init__(self, **params: Any) -> None:
        if "sizing_mode" not in params:
            params["sizing_mode"] = "stretch_width" if "height" in params else "stretch_both"
        params.setdefault("min_height", 220)
        self._serials = count()
        self._moved: list[Callable[[int, tuple[float, float, float]], object]] = []
        scene = params.pop("scene", None)
        super().__init__(**params, ngl_url=component_resource_path(StructureViewer, "_js", NGL))
        self.show(scene)

    def show(self, scene: dict[str, Any] | None) -> None:
        """Draw ``scene`` and forget the picked atom if it belongs to another structure."""
        before: dict[str, Any] | None = self.scene
        motion = None if before is None or scene is None else moved(before, scene)
        if before is not None and motion is not None:
            self.motion = {**motion, "of": before["serial"]}
            return
        same = before is not None and scene is not None and before["symbols"] == scene["symbols"]
        whole = None if scene is None else {**scene, "serial": next(self._serials)}
        self.param.update(scene=whole, motion=None, picked=self.picked if same else None)

    def on_moved(self, callback: Callable[[int, tuple[float, float, float]], object]) -> None:
        """Call ``callback(atom, place)`` (Å) with every atom that a person has put elsewhere."""
        self._moved.append(callback)

    def _handle_msg(self, data: dict[str, Any]) -> None:
        x, y, z = map(float, data["place"])
        for callback in self._moved:
            callback(int(data["atom"]), (x, y, z))

    def reset_camera(self) -> None:
        """Look again as at first."""
        self._send_msg({"type": "reset-camera"})
