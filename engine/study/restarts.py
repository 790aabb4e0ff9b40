"""Run the restarts of a study, one after another; what is finished is never run again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from engine import config
from engine.campaigns import copy_named
from engine.config import Settings
from engine.core import Campaign, RunControlled, fold
from engine.errors import CampaignError, DeltadeskError
from engine.loop import Explorers, Runner
from engine.store import Store
from engine.store.connection import FILENAME as DATABASE
from engine.study.protocol import Arm, Protocol

PROTOCOL = "protocol.json"
"""What a study's folder was begun with."""

Watch = Callable[[Arm, int, Campaign], None]


def run_study(protocol: Protocol, source: Path, folder: Path, watch: Watch = lambda *_: None) -> None:
    """Run what is left: seed by seed, so that the arms stay equally far; called again, it goes on.

    Parameters
    ----------
    protocol : what is asked
    source : folder of the files that it names (start structures, slabs, labels from outside)
    folder : made if missing; holds a folder for each arm, and in that a campaign for each restart
    watch : told of each restart once it is finished

    Raises
    ------
    CampaignError
        if the folder holds something else, or another protocol
    DeltadeskError
        if a restart cannot go on
    """
    begin(protocol, folder, "study")
    explorers = Explorers()
    try:
        for seed in protocol.seeds:
            for arm in protocol.arm:
                place = restart_folder(folder, arm, seed)
                campaign = standing(place)
                if campaign.state != "finished":
                    _make(protocol.campaign(arm, seed), source, place)
                    campaign = _run(place, explorers)
                watch(arm, seed, campaign)
    finally:
        explorers.close()


def restart_folder(folder: Path, arm: Arm, seed: int) -> Path:
    """The campaign folder of a restart."""
    return folder / arm.name / f"seed-{seed:04d}"


def standing(place: Path) -> Campaign:
    """How far a restart is; an empty campaign before it has begun."""
    if not (place / DATABASE).exists():
        return Campaign()
    store = Store(place)
    try:
        return fold(store.events())
    finally:
        store.close()


def begin(protocol: Settings, folder: Path, kind: str) -> None:
    """Make the folder of a study or a race, or see that it was begun with this protocol.

    Raises
    ------
    CampaignError
        if it holds something else, or one of another protocol
    """
    kept, text = folder / PROTOCOL, protocol.model_dump_json(indent=1)
    if kept.exists():
        if kept.read_text() != text:
            raise CampaignError(f"{folder} holds a {kind} of another protocol: name another folder")
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CampaignError(f"{folder} is taken: name a folder that does not exist yet, or an empty one")
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(text)


def _make(text: str, source: Path, place: Path) -> None:
    """Make a restart's folder, whole or not at all; one that is there stays."""
    if (place / config.FILENAME).exists():
        return
    fresh = place.with_name(f".{place.name}")
    shutil.rmtree(fresh, ignore_errors=True)  # of a study that was killed just here
    fresh.mkdir(parents=True)
    (fresh / config.FILENAME).write_text(text, encoding="utf-8")
    copy_named(source, fresh, config.parse(text))
    fresh.rename(place)


def _run(place: Path, explorers: Explorers) -> Campaign:
    runner = Runner(place, config.load(place), explorers)
    campaign = runner.run(RunControlled(action="start", by="study", auth="local"))
    if campaign.state != "finished":
        raise DeltadeskError(f"{place} is {campaign.state} {campaign.state_reason}: mend it, then go on")
    return campaign
