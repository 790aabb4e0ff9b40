"""The desk's own front-end components, each on a real server in a real browser."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from ase import Atoms
from numpy.testing import assert_allclose
from PIL import Image
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from conftest import Server, Watch

from dashboard.plots.structure_scene import LONGEST_ARROW

pytestmark = pytest.mark.browser

APP = Path(__file__).parent / "components_app"
COUNT_CONTEXTS = """
  window.contexts = [];
  const original = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    const made = original.call(this, kind, ...rest);
    if (made && kind.startsWith("webgl") && !window.contexts.includes(made)) window.contexts.push(made);
    return made;
  };
"""
NO_WEBGL = """
  const original = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    return kind.includes("webgl") ? null : original.call(this, kind, ...rest);
  };
"""
DARK_CANVAS = (18, 19, 23)
ARROWS = """host => {
  const {atoms, arrows} = host.buffers
  const n = Number(host.dataset.atoms)
  const unique = ({array}, k) => Array.from(array.slice(k * array.length / n, k * array.length / n + 3))
  const cones = arrows.coneBuffer.geometry.attributes.position.array
  const places = Array.from({length: n}, (_, k) => unique(atoms.geometry.attributes.position, k))
  const tips = places.map((place, k) => {
    const size = cones.length / n
    let far = [0, place]
    for (let i = k * size; i < (k + 1) * size; i += 3) {
      const corner = Array.from(cones.slice(i, i + 3))
      const distance = Math.hypot(...corner.map((x, axis) => x - place[axis]))
      if (distance > far[0]) far = [distance, corner]
    }
    return far[1]
  })
  return [places, tips]
}"""
"""Places of the atoms and tips of the cones, out of the arrays that the graphics card was given."""


@pytest.fixture(scope="module")
def server(serve: Callable[..., Server]) -> Server:
    return serve(APP)


@pytest.fixture
def desk(page: Page, server: Server) -> Page:
    page.add_init_script(COUNT_CONTEXTS)
    page.goto(server.url)
    page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
    return page


def do(page: Page, name: str) -> None:
    page.locator(f".do-{name}").click()


def drawn(page: Page, name: str, colors: str = "element") -> Locator:
    viewer = page.locator(f'.dd-viewer[data-drawn="{name}"][data-colors="{colors}"]')
    viewer.wait_for()
    return viewer


def pixels(page: Page) -> np.ndarray[Any, np.dtype[np.int64]]:
    """(height, width, 3) of what the canvas shows."""
    picture = page.locator(".dd-viewer canvas").first.screenshot()
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)


def colored(picture: np.ndarray[Any, Any]) -> int:
    """Number of pixels that are not the ground."""
    return int((np.abs(picture - picture[2, 2]).sum(axis=-1) > 40).sum())


def said(page: Page) -> dict[str, Any]:
    return dict(json.loads(page.locator(".said").get_by_text('"keys"').inner_text()))


def expect_said(page: Page, text: str) -> None:
    expect(page.locator(".said")).to_contain_text(text)


def sulphur(page: Page) -> tuple[float, float]:
    """Where the page shows the one sulphur atom: the middle of the yellow."""
    picture = pixels(page)
    yellow = (picture[..., 0] > 150) & (picture[..., 1] > 150) & (picture[..., 2] < 120)
    rows, columns = np.nonzero(yellow)
    box = page.locator(".dd-viewer canvas").first.bounding_box()
    assert box is not None
    return box["x"] + float(np.median(columns)), box["y"] + float(np.median(rows))


def drag(page: Page) -> None:
    box = page.locator(".dd-viewer canvas").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y + 40, steps=6)
    page.mouse.up()


def test_empty_viewer_says_what_will_appear(desk: Page) -> None:
    expect(desk.locator(".dd-viewer")).to_contain_text("once a search proposes one")
    expect(desk.locator(".dd-viewer canvas")).to_have_count(0)


@pytest.mark.parametrize(("name", "atoms"), [("three", 3), ("big", 200)])
def test_viewer_draws(desk: Page, name: str, atoms: int) -> None:
    do(desk, name)
    expect(drawn(desk, name)).to_have_attribute("data-atoms", str(atoms))
    assert colored(pixels(desk)) > 5000


def test_no_structure_clears_the_picture(desk: Page) -> None:
    do(desk, "three")
    drawn(desk, "three")
    do(desk, "none")
    expect(desk.locator(".dd-viewer .empty")).to_be_visible()
    assert desk.locator(".dd-viewer").get_attribute("data-drawn") is None


def test_uncertainty_recolours_and_shows_its_scale(desk: Page) -> None:
    do(desk, "three")
    drawn(desk, "three")
    before = pixels(desk)
    do(desk, "uncertainty")
    drawn(desk, "three", "uncertainty")
    expect(desk.locator(".dd-viewer .legend")).to_contain_text("σ per atom (eV)")
    expect(desk.locator(".dd-viewer .legend")).to_contain_text("0.02")
    after = pixels(desk)
    assert (np.abs(after - before).sum(axis=-1) > 60).sum() > 3000


def test_forces_and_cell_add_to_the_picture(desk: Page) -> None:
    do(desk, "cell")
    drawn(desk, "cell")
    before = colored(pixels(desk))
    do(desk, "forces")
    expect(desk.locator(".dd-viewer .legend")).to_contain_text("longest arrow")
    drawn(desk, "cell")
    assert colored(pixels(desk)) > before


def test_arrows_are_drawn_along_the_forces_of_a_triclinic_cell(desk: Page) -> None:
    do(desk, "forces")
    do(desk, "cell")
    viewer = drawn(desk, "cell")
    places, tips = (np.array(part) for part in viewer.evaluate(ARROWS))
    cell = [(6.0, 0.0, 0.0), (2.0, 5.5, 0.0), (1.0, 1.5, 5.0)]
    atoms = Atoms("Ag2S", scaled_positions=[(0.1, 0.1, 0.1), (0.5, 0.5, 0.5), (0.75, 0.3, 0.6)], cell=cell)
    forces = np.random.default_rng(1).normal(0, 1, (3, 3))
    assert_allclose(places, atoms.positions, atol=1e-5)
    scale = LONGEST_ARROW / np.linalg.norm(forces, axis=1).max()
    assert_allclose(tips - places, scale * forces, atol=1e-3)


def test_moved_atoms_are_sent_as_coordinates_and_drawn_into_the_same_buffers(desk: Page) -> None:
    received: list[str | bytes] = []

    def keep(frame: str | bytes) -> None:
        received.append(frame)

    desk.on("websocket", lambda socket: socket.on("framereceived", keep))
    desk.reload()
    desk.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
    do(desk, "big")
    viewer = drawn(desk, "big")
    whole = sum(map(len, received))
    viewer.evaluate("host => { host.kept = host.buffers.atoms }")
    received.clear()
    do(desk, "move")
    drawn(desk, "moved")
    words = "".join(frame for frame in received if isinstance(frame, str))
    assert "positions" in words
    for name in ("symbols", "radii", '"colors"', "value_colors"):
        assert name not in words
    assert sum(map(len, received)) < whole
    viewer = desk.locator(".dd-viewer")
    assert viewer.evaluate("host => host.kept === host.buffers.atoms")
    places = np.array(
        viewer.evaluate("host => Array.from(host.buffers.atoms.geometry.attributes.position.array)")
    )
    moved = np.random.default_rng(7)
    grid = np.array(list(np.ndindex(6, 6, 6)), dtype=float)[:200] * 2.7
    grid += moved.normal(0, 0.15, grid.shape) + np.random.default_rng(3).normal(0, 0.2, grid.shape)
    assert_allclose(places.reshape(200, -1, 3)[:, 0], grid, atol=1e-4)


def test_a_fifth_structure_waits_until_another_is_closed(desk: Page) -> None:
    of_bokeh = desk.evaluate("window.contexts.length")
    do(desk, "three")
    do(desk, "five")
    expect(desk.locator(".dd-viewer[data-drawn]")).to_have_count(4)
    expect(desk.get_by_text("4 structures are drawn already")).to_have_count(1)
    alive = "window.contexts.filter((gl) => !gl.isContextLost()).length"
    assert desk.evaluate(alive) == of_bokeh + 4
    do(desk, "toggle")
    expect(desk.locator(".dd-viewer")).to_have_count(0)
    assert desk.evaluate(alive) == of_bokeh


def test_atoms_are_coloured_by_the_force_on_them(desk: Page) -> None:
    do(desk, "three")
    do(desk, "force")
    drawn(desk, "three", "force")
    expect(desk.locator(".dd-viewer .legend")).to_contain_text("|F| (eV/Å)")


def distance(viewer: Locator) -> float:
    """From the camera to the middle of the structure, Å: the scale of the matrix that NGL keeps."""
    return float(np.linalg.norm([float(x) for x in str(viewer.get_attribute("data-camera")).split()[:3]]))


def test_moved_atoms_keep_the_camera_and_others_get_a_new_one(desk: Page) -> None:
    do(desk, "big")
    viewer = drawn(desk, "big")
    first = viewer.get_attribute("data-camera")
    drag(desk)
    expect(desk.locator(".dd-viewer")).not_to_have_attribute("data-camera", str(first))
    turned = viewer.get_attribute("data-camera")
    do(desk, "move")
    assert drawn(desk, "moved").get_attribute("data-camera") == turned
    do(desk, "three")
    assert drawn(desk, "three").get_attribute("data-camera") != turned


def test_in_a_narrower_frame_the_whole_structure_is_still_seen(desk: Page) -> None:
    do(desk, "three")
    viewer = drawn(desk, "three")
    first, size, wide = distance(viewer), desk.viewport_size, str(viewer.get_attribute("data-camera"))
    desk.set_viewport_size({"width": 620, "height": 900})
    expect(viewer).not_to_have_attribute("data-camera", wide)
    frame = viewer.bounding_box()
    assert frame is not None
    assert frame["width"] < frame["height"]
    assert distance(viewer) > 1.3 * first
    narrow = str(viewer.get_attribute("data-camera"))
    assert size is not None
    desk.set_viewport_size(size)
    expect(viewer).not_to_have_attribute("data-camera", narrow)
    assert distance(viewer) == pytest.approx(first, rel=1e-3)


def test_viewers_of_one_group_turn_together(desk: Page) -> None:
    do(desk, "three")
    do(desk, "pair")
    left, right = desk.locator(".dd-viewer").nth(0), desk.locator(".dd-viewer").nth(1)
    expect(left).to_have_attribute("data-drawn", "three")
    expect(right).to_have_attribute("data-drawn", "twin")
    before = right.screenshot()
    drag(desk)
    expect(right).to_have_attribute("data-camera", str(left.get_attribute("data-camera")))
    assert right.screenshot() != before


def test_the_newer_of_two_structures_wins(desk: Page) -> None:
    do(desk, "race")
    expect(drawn(desk, "fast")).to_have_attribute("data-atoms", "3")


def test_pick_is_described_and_sent_back(desk: Page) -> None:
    do(desk, "three")
    drawn(desk, "three")
    x, y = sulphur(desk)
    desk.mouse.move(x, y)
    expect(desk.locator(".dd-viewer .atom")).to_have_text("S · atom 2 · σ per atom 0.9 eV · |F| 0.871 eV/Å")
    desk.mouse.click(x, y)
    expect_said(desk, '"picked": 2')
    desk.mouse.click(x + 250, y)
    expect_said(desk, '"picked": null')


def test_dragging_is_not_picking(desk: Page) -> None:
    do(desk, "three")
    drawn(desk, "three")
    x, y = sulphur(desk)
    desk.mouse.move(x, y)
    desk.mouse.down()
    desk.mouse.move(x + 60, y + 10, steps=4)
    desk.mouse.up()
    do(desk, "element")
    assert said(desk)["picked"] is None


def test_without_webgl_it_says_so(page: Page, server: Server, watch: Watch) -> None:
    page.add_init_script(NO_WEBGL)
    page.goto(server.url)
    do(page, "three")
    expect(page.locator(".dd-viewer")).to_contain_text("no WebGL")
    do(page, "none")
    expect(page.locator(".dd-viewer")).to_contain_text("once a search proposes one")
    do(page, "big")
    expect(page.locator(".dd-viewer")).to_contain_text("no WebGL")
    assert watch.errors
    watch.errors.clear()  # three.js complains, rightly


def test_a_viewer_filled_in_a_hidden_place_is_framed_when_shown(desk: Page) -> None:
    host = desk.locator(".dd-viewer")
    host.evaluate("node => { node.style.display = 'none' }")
    do(desk, "three")
    host.and_(desk.locator('[data-drawn="three"]')).wait_for(state="attached")
    host.evaluate("node => { node.style.display = '' }")
    expect(desk.locator(".dd-viewer canvas")).to_have_css("visibility", "visible")
    assert colored(pixels(desk)) > 5000


def test_removal_gives_the_webgl_context_back(desk: Page) -> None:
    of_bokeh = desk.evaluate("window.contexts.length")
    do(desk, "three")
    drawn(desk, "three")
    for _ in range(20):
        do(desk, "toggle")
        desk.locator(".dd-viewer").wait_for(state="detached")
        do(desk, "toggle")
        drawn(desk, "three")
    assert desk.evaluate("window.contexts.length") == of_bokeh + 21
    assert desk.evaluate("window.contexts.filter((gl) => !gl.isContextLost()).length") == of_bokeh + 1
    assert colored(pixels(desk)) > 5000


def test_dark_follows_the_page(desk: Page) -> None:
    do(desk, "three")
    drawn(desk, "three")
    desk.get_by_label("Toggle theme").click()
    expect_said(desk, '"dark": true')
    drawn(desk, "three")
    assert tuple(pixels(desk)[4, 4]) == DARK_CANVAS
    expect(desk.locator(".dd-root:has(.dd-queue)")).to_have_class(re.compile("dd-dark"))


def test_fast_keys_all_arrive_in_order(desk: Page) -> None:
    keys = [*"jkaxdu123456cfqrlnpgjkaxdujk", "Escape", "?"]
    assert len(keys) == 30
    send = (
        "ks => ks.forEach(key => document.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true})))"
    )
    desk.evaluate(send, keys)
    expect_said(desk, '"?"]')
    assert said(desk)["keys"] == keys


def test_modifiers_and_the_browsers_own_keys(desk: Page) -> None:
    for key in ("Shift+A", "Control+z", "Control+Enter", "Control+a", "Alt+d", "j"):
        desk.keyboard.press(key)
    expect_said(desk, '"j"]')
    assert said(desk)["keys"] == ["shift+a", "ctrl+z", "ctrl+Enter", "j"]


def test_keys_are_letters_while_typing(desk: Page) -> None:
    field = desk.locator(".typed input")
    field.click()
    desk.keyboard.type("jax?")
    desk.keyboard.press("Escape")
    desk.keyboard.press("d")
    expect_said(desk, '"keys": ["d"]')
    expect(field).to_have_value("jax?")


def test_a_click_selects_a_card(desk: Page) -> None:
    card = desk.locator('.dd-queue .dd-card[data-id="c-000003"]')
    card.click()
    expect_said(desk, '"selected": "c-000003"')
    expect(card).to_have_attribute("aria-selected", "true")
    expect(desk.get_by_role("option", selected=True)).to_have_count(1)
    desk.keyboard.press("Tab")
    desk.locator(".dd-queue").press("ArrowDown")
    expect_said(desk, '"selected": "c-000004"')
    desk.locator('[data-id="c-000001"]').click(modifiers=["Control"])
    expect_said(desk, '"marked": ["c-000001"]')
    expect(desk.get_by_role("option", checked=True)).to_have_attribute("data-id", "c-000001")


def test_cards_are_patched_in_place(desk: Page) -> None:
    cards = desk.locator(".dd-queue .dd-card")
    expect(cards).to_have_count(6)
    kept = desk.locator('.dd-queue [data-id="c-000003"]')
    kept.evaluate("node => { node.kept = true }")
    do(desk, "change-queue")
    expect(kept).to_contain_text("9 min")
    assert kept.evaluate("node => node.kept") is True
    expect(cards).to_have_count(5)
    sending = desk.locator('.dd-queue [data-id="c-000001"]')
    expect(sending).to_contain_text("SENDING")
    expect(sending).not_to_have_class(re.compile("dd-card"))
    shown = desk.locator(".dd-queue [role=option]").evaluate_all("nodes => nodes.map(n => n.dataset.id)")
    assert shown == ["c-000001", "c-000002", "c-000003", "c-000004", "c-000005", "c-000099"]


def test_long_and_empty_queues(desk: Page) -> None:
    do(desk, "long-queue")
    expect(desk.get_by_text("200 drawn of 250")).to_be_visible()
    do(desk, "select-last")
    expect(desk.locator('[data-id="c-000190"]')).to_be_in_viewport()
    do(desk, "empty-queue")
    expect(desk.get_by_text("Nothing to review.")).to_be_visible()
    expect(desk.locator(".dd-card")).to_have_count(0)


def test_titles_and_messages_stay_text(desk: Page) -> None:
    expect(desk.locator('[data-id="c-000002"] .title')).to_contain_text("<img src=x onerror=")
    do(desk, "toast")
    expect(desk.locator(".dd-toast")).to_contain_text("<img src=x onerror=")
    assert desk.evaluate("window.hacked") is None


def test_toast_offers_one_action_and_leaves(desk: Page) -> None:
    do(desk, "toast")
    toast = desk.locator(".dd-toast")
    expect(toast).to_have_attribute("role", "status")
    toast.get_by_role("button", name="Undo").click()
    expect_said(desk, '"undone"')
    expect(toast).to_have_count(0)


def test_the_tab_says_how_many_wait(desk: Page) -> None:
    do(desk, "title")
    expect(desk).to_have_title("(3) Review – Ag16S8")


def test_panes_inside_the_page_follow_its_theme_alone(desk: Page) -> None:
    chip = desk.locator(".dd-state")
    expect(chip).to_have_css("color", "rgb(79, 91, 208)")
    desk.get_by_label("Toggle theme").click()
    expect(chip).to_have_css("color", "rgb(143, 155, 255)")
