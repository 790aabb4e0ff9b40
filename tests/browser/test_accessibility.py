"""axe-core finds nothing serious on any page, light or dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.readiness import HOOKS, serious
from tests.support import large
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(serve, tmp_path_factory):
    root = tmp_path_factory.mktemp("home")
    large.make(root / "few", 3, n_found=20, n_labelled=20, budget=30, paused=True)
    return serve(REPOSITORY / "dashboard", env={"DELTADESK_HOME": str(root)})


OPTIONS = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},  # all that a theme changes
}


@pytest.mark.parametrize("theme", OPTIONS)
def test_no_page_has_a_serious_finding(page, server, theme):
    found = {}
    for name, hook in HOOKS.items():
        page.goto(f"{server.url}?campaign=few&page={name}&theme={theme}")
        expect(page.locator(hook).first).to_be_visible()
        found[name] = serious(Axe().run(page, options=OPTIONS[theme]).response["violations"])
    assert not any(found.values()), found
