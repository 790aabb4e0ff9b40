"""The state in the top bar, and what goes on besides."""

from dashboard.panels.header import state_html
from tests.engine.core.test_curation import C, running, send
from tests.engine.core.test_due import refitted


def test_a_fit_that_a_worker_is_at_is_told_beside_the_state():
    world = running(budget=8, cold_start=2, refit_every=2)
    assert "refitting" not in state_html(world.campaign, world.now)
    for name in C[:2]:
        send(world, name)
    world.now += 10
    for name in C[:2]:
        world.submit_due()
        assert "reference running" in state_html(world.campaign, world.now).lower()
        world.finish(name)
    said = state_html(world.campaign, world.now)
    assert "refitting" in said
    assert "fits the Δ-model to 2 labels" in said
    refitted(world)
    assert "refitting" not in state_html(world.campaign, world.now)
