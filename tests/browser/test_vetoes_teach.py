"""Vetoes suggest a rule: a click switches it on, what waits is flagged, and Data & model has the report."""

import numpy as np
import pytest
from playwright.sync_api import expect

from engine.core import CandidateFlagged, VetoRuleAdopted, VetoRuleDropped
from tests.support import history, vetoed
from tests.support.toy import REPOSITORY

pytestmark = pytest.mark.browser
APP = REPOSITORY / "dashboard"
WORKER_MS = 120_000  # a worker starts, and imports scikit-learn or the potentials


def test_a_rule_is_made_of_vetoes_and_switched_off_again(page, serve, tmp_path):
    short, long = np.linspace(1.6, 1.85, 10), np.linspace(2.05, 3.0, 18)
    folder = vetoed.make(tmp_path / "sulphur", short, long, (1.7001, 2.5001))
    server = serve(APP, env={"DELTADESK_HOME": str(tmp_path)})
    page.goto(f"{server.url}?campaign=sulphur&page=review")
    rule = page.locator(".dd-veto-rule")
    expect(rule).to_contain_text(
        "10 of 10 decided candidates with S–S below 2 Å were vetoed.", timeout=WORKER_MS
    )
    expect(rule).to_contain_text("0 of 18 approved ones and 1 that wait")
    page.get_by_role("button", name="Make it a rule").click()
    flagged, clean = page.locator(".dd-card").nth(0), page.locator(".dd-card").nth(1)
    expect(flagged).to_contain_text("FLAG")
    expect(clean).not_to_contain_text("FLAG")
    expect(page.get_by_role("button", name="Make it a rule")).to_have_count(0)
    flagged.click()
    expect(page.locator(".dd-why").first).to_contain_text("S–S 1.7 Å, below 2: rule of local")
    events = [item.event for item in history.events(folder)]
    (adopted,) = [event for event in events if isinstance(event, VetoRuleAdopted)]
    assert (adopted.trait, adopted.side, adopted.limit) == ("distance S-S", "below", 2.0)
    assert "10 of 10 vetoed candidates" in adopted.reason
    assert sum(isinstance(event, CandidateFlagged) for event in events) == 1

    page.goto(f"{server.url}?campaign=sulphur&page=data&section=decisions")
    expect(page.locator(".dd-regret")).to_contain_text("ada", timeout=WORKER_MS)
    expect(rule).to_contain_text("S–S below 2 Å is flagged: rule of local")
    page.get_by_role("button", name="Switch it off").click()
    expect(rule).not_to_contain_text("is flagged")
    assert any(isinstance(item.event, VetoRuleDropped) for item in history.events(folder))
