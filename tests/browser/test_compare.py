"""Compare: the nearest label beside the candidate, cameras locked, atoms linked; what was shown is kept."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from engine.store import Store
from tests.support import large
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory):
    made = tmp_path_factory.mktemp("home")
    large.make(made / "pairs", 4, n_labelled=7, paused=True)
    return made


@pytest.fixture
def desk(page: Page, serve, home) -> Page:
    server = serve(REPOSITORY / "dashboard", env={"DELTADESK_HOME": str(home)})
    page.goto(f"{server.url}?campaign=pairs&page=review")
    page.locator(".dd-hotkeys[data-ready]").wait_for(state="attached")
    expect(page.locator(".dd-viewer[data-drawn]")).to_have_count(1)
    return page


def turned(viewer: Locator) -> np.ndarray:
    numbers = np.array([float(x) for x in str(viewer.get_attribute("data-camera")).split()])
    return numbers.reshape(4, 4)[:3, :3]


def test_compare_and_decide(desk: Page, home) -> None:
    viewers, words = desk.locator(".dd-viewer[data-drawn]"), desk.locator(".dd-compare")
    first = turned(viewers.first)
    desk.keyboard.press("c")
    expect(viewers).to_have_count(2)
    expect(words).to_contain_text(re.compile(r"Predicted \(σ .* eV\) to lie .* the label of c-0000"))
    expect(words).to_contain_text(re.compile(r"RMSD \d\.\d\d Å; atom \d+ \((Ag|S)\) lies farthest"))
    expect(viewers.last.locator(".legend")).to_contain_text("displacement (Å)")
    expect(viewers.last.locator(".legend")).to_contain_text("longest arrow")
    # the newcomer looks as the first one did, and turns it no more than the first turned itself
    expect(viewers.last).to_have_attribute("data-camera", re.compile(r"\d"))
    for viewer in (viewers.first, viewers.last):
        now = turned(viewer)
        np.testing.assert_allclose(now / np.linalg.norm(now[0]), first / np.linalg.norm(first[0]), atol=0.01)

    box = viewers.last.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    before = str(viewers.first.get_attribute("data-camera"))
    desk.mouse.move(*middle)
    desk.mouse.down()
    desk.mouse.move(middle[0] + 60, middle[1] + 20, steps=4)
    desk.mouse.up()
    expect(viewers.first).not_to_have_attribute("data-camera", before)
    expect(viewers.last).to_have_attribute("data-camera", str(viewers.first.get_attribute("data-camera")))

    row = desk.locator(".dd-atoms tbody tr").nth(2)
    row.click()
    expect(row).to_have_attribute("aria-selected", "true")
    for viewer in (viewers.first, viewers.last):
        expect(viewer.locator(".atom")).to_contain_text(f"atom {row.get_attribute('data-atom')}")
    expect(row).to_be_focused()
    expect(desk.locator(".dd-atoms thead")).to_contain_text("moved (Å)")
    desk.get_by_role("button", name="Show all 12").click()
    expect(desk.locator(".dd-atoms tbody tr")).to_have_count(12)

    desk.locator(".dd-compare-with").get_by_text("parent").click()
    expect(desk.locator(".dd-viewer .empty").last).to_contain_text("came from no other candidate")
    desk.keyboard.press("c")
    expect(words).to_be_hidden()
    desk.locator(".dd-compare-nearest").click()
    expect(words).to_contain_text("% of the SOAP vector away")

    expect(desk.locator(".dd-depth")).to_contain_text("without uncertainty")
    expect(desk.locator(".dd-depth")).to_contain_text("Expected improvement")
    expect(desk.locator(".dd-depth")).to_contain_text("80 % of 7 labels of 12 atoms took")
    desk.locator(".dd-veto").click()
    desk.locator(".dd-reason-3").click()
    expect(desk.locator(".dd-card")).to_have_count(3)
    desk.keyboard.press("g")
    desk.keyboard.press("a")
    row = desk.locator(".dd-audit tr[data-kind=veto]")
    row.locator("summary").click()
    expect(row).to_contain_text(
        re.compile(r"predicted −?-?\d+\.\d{3} ± .*nearest label c-0000\d\d, .*cost about")
    )
    store = Store(home / "pairs")
    (event,) = [item.event for item in store.events() if item.event.kind == "CandidateVetoed"]
    store.close()
    assert event.shown.terms.keys() == {"promise", "uncertainty", "diversity", "checks"}
