import pytest
from immutables import Map

from engine.config import CampaignSettings
from engine.core import Campaign, SettingsChanged
from engine.errors import ConfigError
from engine.loop.opening import opening_events, rules_of

SETTINGS = CampaignSettings()


def begun(said):
    return Campaign(seq=1, rules=rules_of(SETTINGS), settings=Map(said))


def test_the_same_settings_say_nothing_new():
    assert opening_events(begun(SETTINGS.model_dump(mode="json")), SETTINGS) == []


def test_a_log_of_an_older_version_opens():
    """It lacks what has come since and has one search: what must stay fixed has stayed."""
    said = SETTINGS.model_dump(mode="json")
    for section, key in (("system", "start"), ("reference", "command")):
        said[section].pop(key, None)
    said["search"] = said["search"][0]
    del said["checks"]
    (event,) = opening_events(begun(said), SETTINGS)
    assert isinstance(event, SettingsChanged)
    assert set(event.changed) == {"search"}


def test_a_setting_that_an_older_version_lacked_is_no_edit():
    said = SETTINGS.model_dump(mode="json")
    del said["delta"]["forces"], said["delta"]["noise_force"]
    del said["system"]["crystal"]["u"]
    assert opening_events(begun(said), SETTINGS) == []


def test_the_model_of_a_campaign_is_kept():
    edited = SETTINGS.model_copy(update={"delta": SETTINGS.delta.model_copy(update={"forces": True})})
    with pytest.raises(ConfigError, match="delta changed since this campaign began"):
        opening_events(begun(SETTINGS.model_dump(mode="json")), edited)
