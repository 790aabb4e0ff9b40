"""``deltadesk decide``: a person's word on a candidate, whoever runs the campaign."""

from __future__ import annotations

import getpass
import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.words import Folder
from engine.errors import CampaignBusyError, CampaignError, ConfigError, DeltadeskError

if TYPE_CHECKING:
    from engine.core import AnyCommand, Recorded
    from engine.store import Store

ANSWER_PATIENCE = 30.0  # s that `decide` waits for the process that runs the campaign


class Verdict(StrEnum):
    """What `decide` can say of a candidate."""

    approve = "approve"
    veto = "veto"
    defer = "defer"
    retry = "retry"
    cancel = "cancel"
    send = "send"


class Later(StrEnum):
    """What a deferred candidate can wait for."""

    batch = "next batch"
    fit = "next fit"


_DONE = {
    Verdict.approve: "approved",
    Verdict.veto: "vetoed",
    Verdict.defer: "deferred",
    Verdict.retry: "will be calculated again",
    Verdict.cancel: "its calculation ends, at the latest when the campaign runs again",
    Verdict.send: "is sent now",
}


def decide(
    folder: Folder,
    candidate: Annotated[
        str, typer.Argument(help="candidate, e.g. c-000012, or a jump, e.g. j-0001, for all of its frames")
    ],
    verdict: Annotated[Verdict, typer.Argument(help="what to do with it")],
    *,
    reason: Annotated[str, typer.Option(help="why; a veto without one says other")] = "",
    until: Annotated[Later | None, typer.Option(help="for defer: when it waits again, in quotes")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            help="for retry: KEY=VALUE of its settings; or time_limit (s), memory_limit (GB), cores"
        ),
    ] = None,
) -> None:
    """Approve, veto or defer a candidate; send what is held; retry or cancel its calculation."""
    from engine.config import reference_change
    from engine.core import (
        ApproveCandidate,
        CancelReference,
        CommandRefused,
        DeferCandidate,
        RetryReference,
        SendNow,
        VetoCandidate,
        fold,
    )
    from engine.store import Store

    change = reference_change(setting or [])
    if setting and verdict is not Verdict.retry:
        raise ConfigError(f"--setting is for retry, not for {verdict}")
    if until is not None and verdict is not Verdict.defer:
        raise ConfigError(f"--until is for defer, not for {verdict}")
    store = Store(folder)
    who = {"by": getpass.getuser(), "auth": "local"}

    def wish(name: str) -> AnyCommand:
        about = {**who, "candidate": name}
        match verdict:
            case Verdict.approve:
                return ApproveCandidate(**about, reason=reason)
            case Verdict.veto:
                return VetoCandidate(**about, reason=reason or "other")
            case Verdict.defer:
                return DeferCandidate(**about, note=reason, until="" if until is None else until.value)
            case Verdict.retry:
                return RetryReference(**about, change=change, note=reason)
            case Verdict.cancel:
                return CancelReference(**about, note=reason)
            case Verdict.send:
                return SendNow(**about)

    if fold(store.events()).rules is None:  # and a log that cannot be read takes no wish
        raise CampaignError(f"{folder} has not begun: start it with `deltadesk run`")
    frames = {jump.name: jump.frames for jump in store.jumps()}
    refused = False
    for name in frames.get(candidate, (candidate,)):
        refusals = [i.event for i in _ask(store, wish(name)) if isinstance(i.event, CommandRefused)]
        for refusal in refusals:
            typer.echo(f"refused: {refusal.reason}", err=True)
        if not refusals:
            typer.echo(f"{name}: {_DONE[verdict]}")
        refused |= bool(refusals)
    if refused:
        raise typer.Exit(1)


def _ask(store: Store, command: AnyCommand) -> list[Recorded]:
    """Post a wish; if nobody runs the campaign, be its writer for a moment."""
    from engine.store import folder_lock
    from engine.store.connection import LOCK

    command_id = store.post(command, time.time())
    patience = time.monotonic() + ANSWER_PATIENCE
    while (answer := store.answer(command_id)) is None:
        with suppress(CampaignBusyError), folder_lock(store.folder / LOCK):
            _answer_all(store)
            continue
        if time.monotonic() > patience:
            raise DeltadeskError("the process that runs this campaign does not answer; the wish stays posted")
        time.sleep(0.05)
    return answer


def _answer_all(store: Store) -> None:
    from engine import core
    from engine.loop.ruling import flag_waiting
    from engine.loop.writer import writing

    campaign = core.fold(store.events())
    with writing(store, campaign, max(time.time(), campaign.time)) as writer:
        for wish in store.pending():
            if wish.command is not None:
                for event in core.decide(writer.campaign, wish.command, writer.now):
                    writer.append(event, wish.command_id)
                    if isinstance(event, core.VetoRuleAdopted):
                        flag_waiting(store, writer)
            writer.rows.consume(wish.id)
