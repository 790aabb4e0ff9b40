"""Every front-end component on one page, with a button for each thing that a test wants to happen."""

from __future__ import annotations

import json

import numpy as np
import panel as pn
import panel_material_ui as pmui
from ase import Atoms

from dashboard.material import page_options
from dashboard.panels.hotkeys import Hotkeys, Key
from dashboard.panels.queue_list import QueueList
from dashboard.panels.structure_viewer import StructureViewer
from dashboard.panels.tab_text import TabText
from dashboard.panels.toasts import Toasts
from dashboard.plots.structure_scene import scene
from dashboard.plots.thumbnail import thumbnail
from dashboard.theme import SHELL_CSS

pn.extension()

BAD_TITLE = '<img src=x onerror="window.hacked = 1">'


def cluster(n: int) -> Atoms:
    """``n`` atoms on a crooked grid, silver and sulphur."""
    side = int(np.ceil(n ** (1 / 3)))
    grid = np.array(list(np.ndindex(side, side, side)), dtype=float)[:n] * 2.7
    grid += np.random.default_rng(7).normal(0, 0.15, grid.shape)
    return Atoms(["S" if i % 3 == 2 else "Ag" for i in range(n)], grid)


def three() -> Atoms:
    return Atoms("Ag2S", [(0.0, 0.0, 0.0), (2.8, 0.0, 0.0), (1.4, 2.2, 0.0)])


def triclinic() -> Atoms:
    cell = [(6.0, 0.0, 0.0), (2.0, 5.5, 0.0), (1.0, 1.5, 5.0)]
    atoms = Atoms("Ag2S", scaled_positions=[(0.1, 0.1, 0.1), (0.5, 0.5, 0.5), (0.75, 0.3, 0.6)], cell=cell)
    atoms.pbc = True
    return atoms


def items(n: int) -> list[dict[str, object]]:
    badges = ["NEW", "", "DEFERRED", "CONFLICT", "FLAG"]
    made: list[dict[str, object]] = [
        {
            "id": f"c-{i:06d}",
            "title": f"c-{i:06d}",
            "subtitle": "replica exchange · Ag13S7",
            "badge": badges[i % len(badges)],
            "score": f"σ {0.9 - 0.01 * i:.2f} eV",
            "age": f"{i + 1} min",
            "cost": "≈ 2.0 core-h",
            "state": "waiting",
        }
        for i in range(n)
    ]
    if n > 2:
        made[2]["title"] = BAD_TITLE
    return made


viewer = StructureViewer(empty="A structure appears here once a search proposes one.", height=420)
queue = QueueList(lambda _: thumbnail(cluster(20)), width=340, height=420)
queue.show(items(6))
toasts = Toasts()
tab = TabText()
chip = pn.pane.HTML(
    '<span class="dd-chip dd-state" data-tone="accent">RUNNING</span>', stylesheets=[SHELL_CSS]
)
pressed: list[str] = []
said = pn.widgets.StaticText(css_classes=["said"])


def say(*_: object) -> None:
    said.value = json.dumps(
        {
            "keys": pressed,
            "selected": queue.selected,
            "marked": queue.marked,
            "picked": viewer.picked,
            "dark": page.dark_theme,
        }
    )


def on_key(key: Key) -> None:
    pressed.append(("ctrl+" if key.ctrl else "") + ("shift+" if key.shift else "") + key.key)
    say()


def show(atoms: Atoms, name: str) -> None:
    n = len(atoms)
    forces = np.random.default_rng(1).normal(0, 1, (n, 3))
    viewer.show(scene(atoms, values=np.linspace(0.02, 0.9, n), forces=forces, id=name))


def move() -> None:
    atoms = cluster(200)
    atoms.positions += np.random.default_rng(3).normal(0, 0.2, atoms.positions.shape)
    show(atoms, "moved")


def race() -> None:
    show(cluster(200), "slow")
    show(three(), "fast")


def change_queue() -> None:
    kept = items(6)[1:]
    kept[0] = {**kept[0], "state": "sending"}
    kept[2] = {**kept[2], "age": "9 min"}
    queue.show([*kept, {"id": "c-000099", "title": "c-000099", "badge": "NEW"}])


place = pn.Column(viewer, sizing_mode="stretch_width", height=440)


def toggle() -> None:
    place.objects = [] if place.objects else [viewer]


def pair() -> None:
    twin = StructureViewer(scene=scene(three(), id="twin"), camera_group="compare", height=420)
    viewer.camera_group = "compare"
    place.objects = [pn.Row(viewer, twin, sizing_mode="stretch_width")]


def five() -> None:
    others = [StructureViewer(scene=scene(three(), id=f"more-{k}"), height=220) for k in range(4)]
    place.objects = [pn.Column(viewer, *others, sizing_mode="stretch_width")]


def undone() -> None:
    on_key(Key("undone"))


ACTIONS = {
    "three": lambda: show(three(), "three"),
    "big": lambda: show(cluster(200), "big"),
    "cell": lambda: show(triclinic(), "cell"),
    "move": move,
    "race": race,
    "none": lambda: viewer.show(None),
    "pair": pair,
    "five": five,
    "title": lambda: setattr(tab, "text", "(3) Review – Ag16S8"),
    "uncertainty": lambda: setattr(viewer, "color_by", "uncertainty"),
    "element": lambda: setattr(viewer, "color_by", "element"),
    "force": lambda: setattr(viewer, "color_by", "force"),
    "forces": lambda: setattr(viewer, "show_forces", not viewer.show_forces),
    "toggle": toggle,
    "change-queue": change_queue,
    "long-queue": lambda: queue.show(items(250)),
    "empty-queue": lambda: queue.show([]),
    "select-last": lambda: setattr(queue, "selected", "c-000190"),
    "toast": lambda: toasts.show(BAD_TITLE, "warn", seconds=0, action="Undo", on_action=undone),
}


def act(name: str) -> None:
    ACTIONS[name]()
    say()


def button(name: str) -> pmui.Button:
    return pmui.Button(label=name, css_classes=[f"do-{name}"], on_click=lambda _: act(name), size="small")


buttons = pn.FlexBox(*map(button, ACTIONS))
typed = pmui.TextInput(label="Note", css_classes=["typed"])
hotkeys = Hotkeys(on_key)
page = pmui.Page(
    title="Components",
    header=[chip],
    main=[
        pn.Column(
            buttons,
            pn.Row(queue, place),
            typed,
            said,
            pn.Row(hotkeys, toasts, tab),
            sizing_mode="stretch_width",
        )
    ],
    **page_options(),
)
for component in (viewer, queue, toasts):
    component.dark = page.param.dark_theme
for watched, name in ((queue, "selected"), (queue, "marked"), (viewer, "picked"), (page, "dark_theme")):
    watched.param.watch(say, name)
page.servable()
