"""The pages with plots: what is drawn, one selection through all views, and words where there is nothing."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import ase.io
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from engine.store import Barrier, Store
from tests.browser.readiness import serious
from tests.support import dynamics, large, screened, silicon, walked, watched
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser
FIGURE = """(name) => {
  const document = Bokeh.documents.find((d) => d.get_model_by_name(name))
  return document && Bokeh.index.find_one(document.get_model_by_name(name))
}"""
PLACE = f"""([name, across, up, x, y]) => {{
  const view = ({FIGURE})(name)
  const box = view.el.getBoundingClientRect()
  return [box.x + view.frame.x_scale.compute(x), box.y + view.frame.y_scale.compute(y)]
}}"""
STILL = f"""async (point) => {{
  let [last, frames] = ["", 0]
  while (frames < 30) {{
    await new Promise(requestAnimationFrame)
    const now = JSON.stringify(({PLACE})(point))
    frames = now === last ? frames + 1 : 0
    last = now
  }}
  return JSON.parse(last)
}}"""
"""Where a point is, once it has stood there for half a second."""
POINTS = f"""(name) => {{
  const view = ({FIGURE})(name)
  if (!view) return null
  const get = (data, key) => data.get ? data.get(key) : data[key]
  const has = (data) => ["number", "label"].some((key) => get(data, key) !== undefined)
  const data = view.model.renderers.map((r) => r.data_source.data).find(has)
  const column = (key) => Array.from(get(data, key) ?? [])
  const names = ["x", "y", "number", "label", "predicted", "candidate"]
  return Object.fromEntries(names.map((key) => [key, column(key)]))
}}"""


@pytest.fixture(scope="module")
def server(serve, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    large.make(home / "large", 6, n_found=200, n_labelled=12, paused=True)
    join(home / "large")
    large.make(home / "bare", 0, paused=True)
    silicon.make(home / "si", n_each=20)
    silicon.make_race(home / "race")
    dynamics.make(home / "md")
    watched.story(home / "well").close()
    screened.make(home / "metals")
    walked.make(home / "walkers")
    return serve(REPOSITORY / "dashboard", env={"DELTADESK_HOME": str(home)})


def join(folder):
    """Give a campaign barriers between neighbours among its lowest structures."""
    store = Store(folder)
    summaries = sorted(store.summaries(), key=lambda one: one.base_energy)[:5]
    names = [one.candidate for one in summaries]
    with store.transaction(store.events()[-1].seq, 0.0) as rows:
        for k, pair in enumerate(pairwise(names)):
            rows.barrier(Barrier(*sorted(pair), "m-0001", (1.0 + k, 1.0 + k), k > 0, 1.0))
    store.close()


def row(page, candidate):
    return page.locator(f'.dd-row[data-id="{candidate}"]')


def colored(locator):
    """Number of pixels that are not grey: points in colours."""
    picture = np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB")).astype(int)
    return int((np.ptp(picture, axis=-1) > 60).sum())


LEAF = f"""() => {{
  const view = ({FIGURE})("landscape-tree")
  view.el.scrollIntoView({{block: "center"}})
  const get = (data, key) => data.get ? data.get(key) : data[key]
  const data = view.model.renderers.map((r) => r.data_source.data).find((d) => get(d, "candidate"))
  return ["candidate", "place", "above"].map((key) => Array.from(get(data, key)).at(-1))
}}"""


def points(page, name, column):
    """The points of a figure once it has some."""
    page.wait_for_function(f"(name) => ((({POINTS})(name) ?? {{}})['{column}'] ?? []).length > 0", arg=name)
    return page.evaluate(POINTS, name)


def test_one_selection_goes_through_the_whole_landscape(server, page):
    page.goto(f"{server.url}?campaign=large&page=landscape")
    page.locator(".dd-landscape").wait_for()
    expect(page.locator(".dd-landscape")).to_contain_text("218 drawn of 218 structures")
    drawn = points(page, "landscape-map", "x")
    assert len(drawn["x"]) == 218
    expect(page.locator(".dd-key")).to_contain_text("labelled 12")
    assert colored(page.locator(".bk-Figure").first) > 500

    # a click on the loneliest point of the map
    places = np.array([drawn["x"], drawn["y"]]).T / np.ptp([drawn["x"], drawn["y"]], axis=1)
    far = np.linalg.norm(places[:, None] - places, axis=-1) + np.diag(np.full(218, np.inf))
    lonely = int(far.min(axis=1).argmax())
    candidate = f"c-{drawn['number'][lonely]:06d}"
    at = page.evaluate(PLACE, ["landscape-map", "x", "y", drawn["x"][lonely], drawn["y"][lonely]])
    page.mouse.click(*at)
    expect(page.locator(".dd-why .head")).to_contain_text(candidate)
    expect(page.locator(f'.dd-viewer[data-drawn="{candidate}"]')).to_be_visible()
    expect(page).to_have_url(re.compile(f"candidate={candidate}"))

    # a row of the list of minima, and back by key
    page.locator(".dd-row").nth(1).click()
    second = page.locator(".dd-row").nth(1).get_attribute("data-id")
    expect(page.locator(f'.dd-viewer[data-drawn="{second}"]')).to_be_visible()
    page.keyboard.press("k")
    first = page.locator(".dd-row").nth(0).get_attribute("data-id")
    expect(row(page, first)).to_have_attribute("aria-current", "true")
    expect(page.locator(".dd-why .head")).to_contain_text(first)

    # a leaf of the tree, kept in the tray
    expect(page.locator(".dd-landscape")).to_contain_text("5 of 218 minima, 4 merges")
    leaf, place, above = page.evaluate(LEAF)
    page.mouse.click(*page.evaluate(PLACE, ["landscape-tree", "x", "y", place, above]))
    expect(page.locator(".dd-why .head")).to_contain_text(leaf)
    page.locator(".dd-pin button").click()
    expect(page.locator(".dd-tray .pick")).to_contain_text(leaf)
    page.locator(".dd-row").nth(0).click()
    page.locator(".dd-tray .pick").click()
    expect(page.locator(f'.dd-viewer[data-drawn="{leaf}"]')).to_be_visible()
    page.locator(".dd-tray .drop").click()
    expect(page.locator(".dd-tray")).to_have_count(0)

    # neighbours, laid out in a worker: the same points elsewhere, and the selection goes along
    page.locator(".dd-map").get_by_role("combobox").click()
    page.get_by_role("menuitem", name="neighbours (UMAP)").click()
    expect(page.locator(".dd-landscape")).to_contain_text("218 structures are being laid out in a worker")
    expect(page.locator(".dd-landscape")).to_contain_text("What lies together is alike", timeout=120_000)
    laid = points(page, "landscape-map", "x")
    assert laid["number"] == drawn["number"]
    assert np.isfinite([laid["x"], laid["y"]]).all()
    assert not np.allclose(laid["x"], drawn["x"])
    expect(page.locator(".dd-landscape")).to_contain_text("neighbours laid out from 218")
    page.mouse.click(*page.evaluate(PLACE, ["landscape-map", "x", "y", laid["x"][lonely], laid["y"][lonely]]))
    expect(page.locator(".dd-why .head")).to_contain_text("c-")
    page.locator(".dd-map").get_by_role("combobox").click()
    page.get_by_role("menuitem", name="principal plane").click()
    page.wait_for_function(f"(x) => ({POINTS})('landscape-map').x[0] === x", arg=drawn["x"][0])

    # colours, and a figure that was moved does not jump back
    page.locator(".dd-color").get_by_role("combobox").click()
    page.get_by_role("menuitem", name="σ (eV)").click()
    expect(page.locator(".dd-key")).to_contain_text("σ of the energy (eV)")
    page.mouse.move(*at)
    page.mouse.wheel(0, -200)
    expect(page.locator(".dd-follow input")).not_to_be_checked()


def test_review_and_landscape_show_the_same_candidate(server, page):
    page.goto(f"{server.url}?campaign=large&page=review")
    page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
    waiting = page.locator('.dd-queue [aria-selected="true"]').get_attribute("data-id")
    expect(page.locator(f'.dd-viewer[data-drawn="{waiting}"]')).to_be_visible()
    page.locator("body").click(position={"x": 600, "y": 5})
    page.keyboard.press("l")
    expect(page.locator(".dd-landscape .dd-why .head")).to_contain_text(waiting)
    expect(page.locator(f'.dd-viewer[data-drawn="{waiting}"]')).to_be_visible()
    for key, hook in (("d", ".dd-data"), ("s", ".dd-landscape"), ("v", ".dd-review")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page.locator(hook)).to_be_visible()
    expect(page.locator('.dd-queue [aria-selected="true"]')).to_have_attribute("data-id", waiting)


def test_data_and_model(server, page):
    page.goto(f"{server.url}?campaign=large&page=data")
    page.locator(".dd-data").wait_for()
    expect(page.locator(".dd-row")).to_have_count(12)
    expect(page.locator(".dd-data")).to_contain_text("over 12")
    expect(page.locator(".dd-data")).to_contain_text(re.compile("of 12 labels lie within 1σ"))
    expect(page.locator(".dd-data")).to_contain_text("nats after 10 labels")
    drawn = points(page, "parity", "label")
    lowest = int(np.argmin(drawn["label"]))
    candidate = drawn["candidate"][lowest]
    point = ["parity", "label", "predicted", drawn["label"][lowest], drawn["predicted"][lowest]]
    page.mouse.click(*page.evaluate(STILL, point))  # words above may still push the figure down
    expect(row(page, candidate)).to_have_attribute("aria-current", "true")
    expect(page.locator(f'.dd-viewer[data-drawn="{candidate}"]')).to_be_visible()

    # sorted by the label: the lowest is the first, then the last
    head = page.get_by_role("button", name="label (eV)")
    head.click()
    expect(page.locator(".dd-row").first).to_have_attribute("data-id", candidate)
    head.click()
    expect(page.locator(".dd-row").last).to_have_attribute("data-id", candidate)
    page.locator(".dd-row").first.click()
    other = page.locator(".dd-row").first.get_attribute("data-id")
    expect(page.locator(f'.dd-viewer[data-drawn="{other}"]')).to_be_visible()

    # the same labels after a refit
    page.locator(".dd-model").get_by_role("combobox").click()
    page.get_by_role("menuitem", name="m-0002, 10 labels").click()
    expect(page.locator(".dd-data")).to_contain_text("Labels it was fitted to: MAE")


def test_each_section_opens_by_address_by_tab_and_by_key(server, page):
    def is_shown(name, words):
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        expect(page.locator(".dd-data")).to_contain_text(re.compile(words))

    page.goto(f"{server.url}?campaign=si&page=data&section=rules")
    is_shown("Rules", "saves labels")
    expect(page.get_by_role("tab")).to_have_text(
        ["Model", "Properties", "Data", "Decisions", "Rules", "Screening", "Export"]
    )
    assert serious(Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]) == []

    page.get_by_role("tab", name="Model").click()
    is_shown("Model", r"Labels until 20 meV/atom: (about|on target|cannot tell)")
    page.get_by_role("tab", name="Properties").click()
    is_shown("Properties", r"Reference: V₀ 20\.02 ± 0\.00 Å³/atom, B₀ 101\.4")
    is_shown("Properties", "GPa after 40 labels")
    expect(page.locator(".dd-data")).not_to_contain_text("saves labels")
    expect(page).to_have_url(re.compile("section=properties"))

    page.get_by_role("tab", name="Properties").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    is_shown("Data", "nats after 40 labels; the last fifth of them added")
    is_shown("Data", "37 of 37 descriptors drawn; 0 never move")
    assert serious(Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]) == []
    page.locator(".dd-compared").get_by_role("combobox").click()
    page.get_by_role("menuitem", name="labels 6 to 10").click()
    is_shown("Data", "labels 6 to 10, 40 rows")


def test_a_trajectory_is_played_and_a_click_on_a_curve_jumps_to_its_frame(server, page):
    page.goto(f"{server.url}?campaign=md&page=review&candidate=c-000001")
    expect(page.locator(".dd-why")).to_contain_text("was drawn")
    expect(page.locator(".dd-why figure")).to_have_count(2)
    expect(page.locator('.dd-viewer[data-drawn="c-000001"]')).to_be_visible()
    page.locator(".dd-show-trajectory").click()
    viewer = page.locator(".dd-dynamics .dd-viewer[data-drawn]")
    expect(page.locator(".dd-frame")).to_contain_text("proposed: c-000001")
    assert serious(Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]) == []
    viewer.evaluate("host => { host.kept = host.buffers.atoms }")

    page.mouse.click(*page.evaluate(STILL, ["dynamics-energy", "x", "y", 0.44, 0]))
    # 20 ms from frame to frame, and the first twelve were the measure
    expect(page.locator(".dd-frame")).to_contain_text("Frame 10 of 36, 0.440 ps")
    expect(page.locator('.dd-viewer[data-drawn$="-9"]')).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator('.dd-viewer[data-drawn$="-8"]')).to_be_visible()
    page.locator("body").click(position={"x": 600, "y": 5})
    page.keyboard.press(" ")
    expect(page.locator(".dd-frame")).to_contain_text("Frame 36 of 36")
    expect(page.locator('.dd-viewer[data-drawn$="-35"]')).to_be_visible()
    assert viewer.evaluate("host => host.kept === host.buffers.atoms"), "only coordinates were sent"


def test_a_jump_is_a_card_and_one_press_approves_its_frames(server, page):
    page.goto(f"{server.url}?campaign=well&page=data&section=states")
    cards = page.locator(".dd-jump")
    expect(cards).to_have_count(2)
    first, last = cards.filter(has_text="j-0001"), cards.filter(has_text="j-0002")
    expect(first).to_contain_text("invented")
    expect(first.locator("img")).to_have_count(3)
    expect(last).to_contain_text("not classed yet")
    expect(last).to_contain_text("3 reference calculations wait for a word")
    expect(page.locator(".dd-watched-model")).to_contain_text("m-0002")
    assert serious(Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]) == []
    page.locator(".dd-approve-jump button:visible").click()
    expect(page.locator(".dd-approve-jump button:visible")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Audit")).click()
    expect(page.locator('.dd-audit tr[data-kind="approve"]')).to_have_count(6)
    page.goto(f"{server.url}?campaign=well&page=data&section=states")
    page.locator(".dd-look-after button").last.click()  # of the oldest
    expect(page).to_have_url(re.compile("page=landscape&candidate=c-0000"))
    expect(page.locator('.dd-landscape .dd-viewer[data-atoms="2"]')).to_be_visible()


def test_a_screening_is_two_histograms_and_those_who_are_suspicious(server, page):
    page.goto(f"{server.url}?campaign=md&page=data&section=screening")
    expect(page.locator(".dd-data")).to_contain_text("8 of 8 materials; 2 of them suspicious")
    expect(page.locator(".dd-data")).to_contain_text("forces are wrong by 200 % of their size")
    expect(page.locator(".bk-Figure:visible")).to_have_count(2)
    assert serious(Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]) == []


def test_where_there_is_nothing_words_say_what_will_appear(server, page):
    page.goto(f"{server.url}?campaign=bare&page=landscape")
    page.locator(".dd-landscape").wait_for()
    expect(page.locator(".dd-landscape")).to_contain_text("appear here with the first step of the search")
    page.get_by_role("button", name="Data & model").click()
    expect(page.locator(".dd-data")).to_contain_text("appear here with the first label")
    expect(page.locator(".dd-data .dd-next button")).to_have_text("Resume")


def test_the_data_are_taken_away_from_the_page_and_a_paragraph_says_what_was_done(page, server):
    page.goto(f"{server.url}?campaign=si&page=data&section=export")
    expect(page.locator(".dd-methods")).to_contain_text("was studied with deltadesk")
    expect(page.locator(".dd-download")).to_be_hidden()
    page.locator(".dd-write button").click()
    button = page.locator(".dd-download button, .dd-download a").first
    expect(button).to_contain_text(re.compile(r"Download si-labels\.xyz \([\d.]+ .B\)"), timeout=60_000)
    with page.expect_download() as download:
        button.click()
    frames = ase.io.read(download.value.path(), ":", format="extxyz")
    expect(page.locator(".dd-data .dd-hint").first).to_contain_text(f"{len(frames)} structures, as of now.")
    assert {frame.info["deltadesk"]["campaign"] for frame in frames} != {None}
    page.locator(".dd-format .MuiSelect-select").click()
    page.locator(".MuiMenuItem-root", has_text="Potential").click()
    expect(page.locator(".dd-download")).to_be_hidden()
    page.locator(".dd-write button").click()
    expect(page.locator(".dd-data .bad")).to_contain_text("is missing")


FRAMES = f"""(names) => names.map((name) => {{
  const {{el, frame}} = ({FIGURE})(name)
  return [el.getBoundingClientRect().x + frame.bbox.left, el.getBoundingClientRect().x + frame.bbox.right]
}})"""
WALK = f"""(name) => {{
  const view = ({FIGURE})(name)
  const get = (data, key) => data.get ? data.get(key) : data[key]
  const data = view?.model.renderers.map((r) => r.data_source.data).find((d) => get(d, "candidate"))
  return data && ["candidate", "step", "energy"].map((key) => Array.from(get(data, key)))
}}"""


def walk(page, length, *, but=""):
    """Candidates, steps and energies of the chosen walker, once they are so many and others than before."""
    there = (
        f"([n, but]) => (([all]) => all.length === n && all.at(-1) !== but)(({WALK})('walks-energy') ?? [[]])"
    )
    page.wait_for_function(there, arg=[length, but])
    return page.evaluate(WALK, "walks-energy")


def test_walkers_are_followed_and_a_click_goes_back_to_one_structure(server, page):
    page.goto(f"{server.url}?campaign=walkers&page=live")
    panel = page.locator(".dd-walkers")
    followed = lambda name: expect(panel.locator(f'.dd-viewer[data-drawn="{name}"]')).to_be_visible()  # noqa: E731
    first, *_ = walk(page, 30)
    expect(panel).to_contain_text(f"{first[-1]}, not asked about · step 29 · σ ")
    followed(first[-1])
    edges = np.array(page.evaluate(FRAMES, ["walks-std", "walks-energy"]))
    np.testing.assert_allclose(edges[0], edges[1], atol=4)  # steps stand below one another

    panel.locator(".dd-walker").get_by_role("combobox").click()
    page.get_by_role("menuitem", name="3 of 3").click()
    expect(page.get_by_role("menuitem")).to_have_count(0)  # until it is gone it takes all clicks
    third, steps, energies = walk(page, 30, but=first[-1])
    followed(third[-1])

    page.evaluate(f"({FIGURE})('walks-energy').el.scrollIntoView({{block: 'center'}})")
    page.mouse.click(*page.evaluate(STILL, ["walks-energy", "step", "energy", steps[11], energies[11]]))
    expect(panel).to_contain_text(f"{third[11]}, not asked about · step 11 · σ ")
    followed(third[11])
    panel.get_by_role("button", name="Newest").click()
    followed(third[-1])
    assert serious(Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]) == []

    for key in "gagl":  # to Audit and back: what was chosen here stays
        page.keyboard.press(key)
        if key == "a":
            expect(page.locator(".dd-audit")).to_be_visible()
    followed(third[-1])
    expect(panel.locator(".dd-walker")).to_contain_text("3 of 3")
