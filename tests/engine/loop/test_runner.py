"""Who owns a folder."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import campaigns
from engine.errors import CampaignBusyError
from engine.loop import Explorers, Runner, runner
from engine.store import folder_lock
from engine.store.connection import LOCK
from tests.support.locks import refusals


@pytest.fixture
def owner(tmp_path):
    """One that leaves as soon as the folder is its own."""
    made = Runner(tmp_path, campaigns.new(tmp_path), Explorers(1))
    made.close()
    return made


def test_a_run_waits_for_who_answers_a_decision_at_this_moment(owner, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "BRIEF", 60.0)
    refused = refusals(monkeypatch)
    with ThreadPoolExecutor(1) as thread:
        with folder_lock(tmp_path / LOCK):
            waiting = thread.submit(owner.run)
            assert refused.wait(60)
        assert waiting.result(60).rules is None


def test_a_folder_that_is_run_elsewhere_is_left_alone(owner, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "BRIEF", 0.1)
    with folder_lock(tmp_path / LOCK), pytest.raises(CampaignBusyError, match="run by another process"):
        owner.run()
