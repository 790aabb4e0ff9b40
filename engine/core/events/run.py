"""The run: how it began, by which rules, and who held or ended it."""

from __future__ import annotations

from typing import Any, Literal

from engine.core.events.fact import Auth, Fact


class Rules(Fact):
    """The settings that decisions, budgets and refits follow (see campaign.toml for their meaning)."""

    budget: int
    pace: Literal["live", "lockstep"]
    policy: str
    hold: float
    batch: int
    queue: int
    pool: int
    cold_start: int
    refit_every: int
    parallel: int
    attempts: int
    pause_after: int = 3
    quarantine_after: int = 1
    stop_error: float = 0.0
    stop_entropy: float = 0.0
    stop_cycles: int = 2
    stop_acceptance: float = 0.0
    stop_quiet: int = 0
    control: float = 0.0
    control_budget: int = 0


class CampaignStarted(Fact):
    """The first event: everything campaign.toml said."""

    kind: Literal["CampaignStarted"] = "CampaignStarted"
    name: str
    seed: int
    rules: Rules
    settings: dict[str, Any]


class SettingsChanged(Fact):
    """campaign.toml was edited between two runs."""

    kind: Literal["SettingsChanged"] = "SettingsChanged"
    rules: Rules
    settings: dict[str, Any]
    changed: tuple[str, ...]


class RunControlled(Fact):
    """The run was started, held or ended, by a person, a budget or an error."""

    kind: Literal["RunControlled"] = "RunControlled"
    action: Literal["start", "pause", "resume", "stop", "crash", "finish"]
    by: str
    auth: Auth
    reason: str = ""


class BudgetChanged(Fact):
    """The number of reference calculations that may be spent."""

    kind: Literal["BudgetChanged"] = "BudgetChanged"
    budget: int
    by: str
    auth: Auth


class CommandRefused(Fact):
    """A wish that could not be granted, with the reason its author is told."""

    kind: Literal["CommandRefused"] = "CommandRefused"
    command: str
    candidate: str | None = None
    by: str
    auth: Auth
    reason: str
