"""The desk for whoever sees, hears or types otherwise: axe-core, class mode, the Tab key, words, the tour."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard import preferences
from dashboard.people import Person
from dashboard.typography import LEAST
from tests.browser.looking import CANVAS_TYPE, SMALL_TYPE, tab_through
from tests.browser.readiness import HOOKS, serious, whole
from tests.support import large
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser
ME = Person("local", "local")
NARROW = {"width": 400, "height": 800}
ALL = {"resultTypes": ["violations"]}
CONTRAST = {**ALL, "runOnly": ["color-contrast"]}  # all that a theme or a size changes
NOTIFICATIONS = """
  window.told = []
  window.answers = ["default", "granted"]
  window.Notification = class {
    static permission = "default"
    static requestPermission = async () => (Notification.permission = window.answers.shift())
    constructor(title, {body}) { window.told.push([title, body]) }
  }
"""
"""A browser without a desktop has nowhere to show one: it is written down, and permission comes late."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    root = tmp_path_factory.mktemp("home")
    large.make(root / "few", 3, n_found=20, n_labelled=20, budget=30, paused=True)
    large.make(root / "none", 0, paused=True)
    large.make(root / "many", 250, paused=True)
    large.make(root / "broken", 2, n_labelled=5, budget=30, paused=True)  # its model is no file
    return root


@pytest.fixture(scope="module")
def server(serve, home):
    return serve(REPOSITORY / "dashboard", env={"DELTADESK_HOME": str(home)})


@pytest.fixture
def toured(home, monkeypatch):
    """Say whether the person has seen the tour."""
    monkeypatch.setenv("DELTADESK_HOME", str(home))
    return lambda seen: preferences.change(ME, toured=seen)


def look(page, server, name, **asked):
    query = "".join(f"&{key}={value}" for key, value in {"campaign": "few", **asked}.items())
    page.goto(f"{server.url}?page={name}{query}")
    whole(page)
    expect(page.locator(HOOKS[name]).first).to_be_visible()


def findings(page, options):
    return serious(Axe().run(page, options=options).response["violations"])


def test_no_page_has_a_serious_finding_and_all_of_it_is_reached_by_keys(page, server, toured):
    toured(True)
    found = {}
    for name in HOOKS:
        look(page, server, name, theme="light")
        found[name] = [*findings(page, ALL), *tab_through(page)]
        look(page, server, name, theme="dark")
        found[name] += findings(page, CONTRAST)
    assert not any(found.values()), found


def test_class_mode_is_large_and_rich_in_contrast_everywhere(page, server, toured):
    toured(True)
    page.add_init_script(CANVAS_TYPE)
    found = {}
    for name in HOOKS:
        look(page, server, name, theme="light", **{"class": 1})
        found[name] = [*page.evaluate(SMALL_TYPE, LEAST), *findings(page, CONTRAST)]
        look(page, server, name, theme="dark", **{"class": 1})
        found[name] += findings(page, CONTRAST)
    assert not any(found.values()), found


@pytest.mark.parametrize(("campaign", "hook"), [("none", ".dd-review .empty"), ("many", ".dd-card")])
def test_an_empty_queue_and_a_long_one_have_no_serious_finding(page, server, campaign, hook):
    page.goto(f"{server.url}?campaign={campaign}&page=review")
    expect(page.locator(hook).first).to_be_visible()
    assert not findings(page, ALL)


OPENED = {
    "reasons of a veto": (["x"], ".dd-reason-1"),
    "several chosen": (["v", "Shift+J", "Shift+A"], ".dd-bulk"),
    "compared": (["c"], ".dd-compare"),
    "edited": (["e"], ".dd-editing"),
    "forces": (["f", "q"], ".dd-viewer .legend"),
    "help": (["?"], "dialog.dd-help"),
}
"""What keys open on Review."""


def test_what_keys_open_on_review_has_no_serious_finding(page, server, toured):
    toured(True)
    found = {}
    for name, (keys, hook) in OPENED.items():
        for theme in ("light", "dark"):
            look(page, server, "review", theme=theme)
            for key in keys:
                page.keyboard.press(key)
            expect(page.locator(hook).first).to_be_visible()
            found[name, theme] = findings(page, ALL if theme == "light" else CONTRAST)
    assert not any(found.values()), found


@pytest.mark.parametrize(
    ("section", "hook"), [("data", ".dd-compared"), ("decisions", ".dd-ledger"), ("export", ".dd-methods")]
)
def test_no_section_of_the_data_has_a_serious_finding(page, server, toured, section, hook):
    toured(True)
    page.goto(f"{server.url}?campaign=few&page=data&section={section}&theme=light")
    whole(page)
    expect(page.locator(hook).first).to_be_visible(timeout=120_000)
    assert not findings(page, ALL)


def test_a_replay_has_no_serious_finding_and_its_controls_are_reached_by_keys(page, server, toured):
    toured(True)
    look(page, server, "live", theme="light", at=9)
    expect(page.locator(".dd-replay")).to_be_visible()
    assert not [*findings(page, ALL), *tab_through(page)]


def test_the_tour_comes_once_and_takes_no_key_from_the_page(page, server, toured):
    toured(False)
    look(page, server, "review")
    tour = page.get_by_role("dialog", name="What waits, and where")
    expect(tour).to_contain_text("1 of 4")
    expect(tour).to_be_focused()
    first = page.locator('.dd-queue [aria-selected="true"]').get_attribute("data-id")
    page.keyboard.press("j")
    expect(page.locator('.dd-queue [aria-selected="true"]')).not_to_have_attribute("data-id", first)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name="Read why")).to_contain_text("2 of 4")
    page.get_by_role("button", name="Back").click()
    expect(tour).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".dd-tour")).to_be_hidden()
    expect(page.locator(".dd-queue")).to_be_focused()
    look(page, server, "review")
    expect(page.locator(".dd-tour")).to_be_hidden()


def test_the_tour_is_shown_again_and_stays_in_a_narrow_window(page, server, toured):
    toured(True)
    page.set_viewport_size(NARROW)
    look(page, server, "settings")
    page.locator(".dd-keys").click()
    page.keyboard.press("?")
    page.locator("dialog.dd-help").get_by_role("button", name="Show the tour").click()
    for number in range(1, 5):
        card = page.locator(".dd-tour")
        expect(card).to_contain_text(f"{number} of 4")
        box = card.bounding_box()
        assert min(box["x"], box["y"]) >= 0
        assert box["x"] + box["width"] <= NARROW["width"]
        assert box["y"] + box["height"] <= NARROW["height"]
        card.get_by_role("button", name="Next" if number < 4 else "Done").click()
    expect(page.locator(".dd-tour")).to_be_hidden()


def test_class_mode_is_switched_on_and_remembered(page, server, toured):
    toured(True)
    look(page, server, "settings")
    page.locator(".dd-class-mode input").check()
    chip = page.locator(".dd-state .dd-chip").first
    expect(chip).to_have_css("font-size", f"{LEAST}px")
    look(page, server, "settings")
    expect(chip).to_have_css("font-size", f"{LEAST}px")
    page.keyboard.press("?")
    page.locator("dialog.dd-help").get_by_role("button", name="Leave class mode").click()
    expect(chip).not_to_have_css("font-size", f"{LEAST}px")


def test_who_does_not_look_is_told(page, server):
    """By the browser in words when it gives no permission, by a notification, and by a screen reader."""
    page.add_init_script(NOTIFICATIONS)
    look(page, server, "settings", campaign="broken")
    expect(page.locator(".dd-said-polite")).to_have_text("Ag8S4 is paused. 2 candidates wait for you.")
    button = page.get_by_role("button", name="Turn notifications on")
    button.click()
    expect(page.locator(".dd-notify")).to_contain_text("This browser gave no permission")
    button.click()
    expect(page.locator(".dd-notify")).to_contain_text("You are told when candidates wait")
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    page.locator(".dd-resume button").click()
    expect(page.locator(".dd-said-assertive")).to_contain_text("The engine stopped")
    page.wait_for_function("window.told.length > 0")
    assert page.evaluate("window.told") == [["broken", "The engine stopped."]]


def test_the_first_stop_leads_past_the_rail(page, server, toured):
    toured(True)
    look(page, server, "audit")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit – few")
    expect(page).to_have_title("(3) Audit – few")
    assert page.evaluate("document.documentElement.lang") == "en"
