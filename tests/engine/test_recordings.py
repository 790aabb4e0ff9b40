"""The campaigns that come recorded: small, whole, finished, and readable at any event."""

import pytest

from assets import asset
from engine import campaigns, recordings
from engine.errors import CampaignError
from engine.loop import Replay

NAMES = [recording.name for recording in recordings.known()]
LARGEST = 5e5  # bytes, each


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(campaigns.HOME, str(tmp_path / "home"))


def test_each_has_its_file_and_each_file_its_words():
    files = {path.stem for path in asset("recordings").glob("*.zip")}
    assert files == set(NAMES)
    assert all(recording.title and recording.words.endswith(".") for recording in recordings.known())


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_finished_and_no_campaign_of_the_home(name):
    assert asset(f"recordings/{name}.zip").stat().st_size < LARGEST
    folder = recordings.unpacked(name)
    assert recordings.unpacked(name) == folder
    assert campaigns.in_home() == []
    replay = Replay(folder)
    replay.seek(len(replay.events))
    assert replay.campaign.state == "finished"
    assert len(replay.campaign.labels) >= 10
    assert replay.campaign.models
    assert replay.store.count_proposals() >= len(replay.campaign.labels)
    replay.seek(len(replay.events) // 2)
    assert len(replay.campaign.labels) > 0
    replay.close()


def test_what_is_not_there_is_said():
    with pytest.raises(CampaignError, match="no recording is called 'gold'"):
        recordings.unpacked("gold")


def test_a_home_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(CampaignError, match="cannot be made"):
        recordings.unpacked(NAMES[0])
