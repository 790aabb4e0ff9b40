"""Laws that hold for any input at all; hypothesis looks for what breaks them.

A law takes one drawn input and an empty folder. What it hands in may be good or bad: what is bad is one line.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import tomlkit
from hypothesis import strategies as st
from pydantic import ValidationError

from engine import config
from engine.core import commands, events
from engine.errors import DeltadeskError
from engine.labelled import read_labelled
from engine.store import Store
from engine.structures import read_cluster, read_slab
from engine.templates import names
from tests.engine.test_bad_files import SOUND
from tests.fuzz import doors, harness
from tests.fuzz.settings import fields, written
from tests.laws.strategies import commands as any_command

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def one_line(function: Callable[[], object]) -> None:
    """Do it; if that is refused, then in one line that any terminal shows."""
    try:
        function()
    except DeltadeskError as error:
        words = str(error)
        assert words
        assert words.isprintable()


@st.composite
def scribbled(draw: Any, text: str) -> str:
    """A text with a few places cut, doubled or overwritten."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        to = min(len(text), at + draw(st.integers(0, 12)))
        text = text[:at] + draw(st.sampled_from(["", text[at:to] * 2]) | st.text(max_size=6)) + text[to:]
    return text


@st.composite
def settings_texts(draw: Any) -> str:
    """campaign.toml with one setting that is anything, or with scribbles."""
    if draw(st.booleans()):
        place, name, _ = draw(st.sampled_from(list(fields())))
        value = draw(json_values.filter(lambda one: one is not None and "null" not in json.dumps(one)))
        try:
            return written(place, name, tomlkit.item(value).as_string())
        except (ValueError, TypeError):  # what TOML cannot say
            return written(place, name, repr(value))
    return draw(
        scribbled('name = "toy"\nbudget = 6\n[system]\ncomposition = "Cu3Ag2"\n[[search]]\nname = "gofee"\n')
    )


def settings_are_read(text: str, folder: Path) -> None:
    """campaign.toml of any text."""
    (folder / "campaign.toml").write_text(text, encoding="utf-8", errors="surrogatepass")
    one_line(lambda: config.load(folder))


def structures_are_read(text: str, folder: Path) -> None:
    """A structure file of any text, at every door for one."""
    path = folder / "given.xyz"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    for read in (read_cluster, read_slab, read_labelled):
        one_line(lambda read=read: read(path))


def logs_are_read(body: str, folder: Path) -> None:
    """An event of any text: itself again, or one error."""
    try:
        event = events.decode(body)
    except ValidationError:
        return
    assert events.decode(events.encode(event)) == event


def wishes_are_read(bodies: list[str], folder: Path) -> None:
    """An inbox of anything: every row comes out once, in order, as a command or as None."""
    Store.create(folder).close()
    with closing(sqlite3.connect(folder / doors.DATABASE)) as connection, connection:
        rows = [(f"{at}", 1.0, body) for at, body in enumerate(bodies)]
        connection.executemany("INSERT INTO inbox (command_id, time, body) VALUES (?, ?, ?)", rows)
    store = Store(folder)
    try:
        found = store.pending()
    finally:
        store.close()
    assert [wish.command_id for wish in found] == [name for name, _, _ in rows]
    for wish, body in zip(found, bodies, strict=True):
        assert wish.command is None or commands.decode(body) == wish.command


def lines_are_read(arguments: list[str], folder: Path) -> None:
    """A command line of any words: no traceback, and code 2 means one line or the help page."""
    answer = harness.command_line(*arguments)
    assert answer.code in (0, 1, 2)
    if answer.code == 2:
        assert answer.lines
        assert (
            len(answer.lines) == 1 or answer.lines[0].strip().startswith("Usage:") or not any(answer.lines[0])
        )
        assert not any("Traceback" in line for line in answer.lines)


def text_without_zeros(**sizes: int) -> st.SearchStrategy[str]:
    """Text that a system call takes as an argument."""
    return st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), **sizes)


COMMANDS = ["status", "decide", "export", "restore", "new", "backup", "study", "race", "screen", "finetune"]
STOPPED = [["serve", "none"], ["replay", "none"], ["doctor", "none"]]
"""Commands that would start a server, or look at all of this machine, with a word that lets none of them."""
words = st.lists(
    st.sampled_from([*COMMANDS, "--json", "--to", "csv", "--help", "--with", "mace", "--no-show"])
    | st.sampled_from(["--seed", "--labels", "--template", "approve", "c-000001", "-", "--", *names()])
    | text_without_zeros(max_size=12).filter(lambda word: "/" not in word and ".." not in word),
    max_size=5,
)
first = st.just([]) | st.sampled_from([[command] for command in COMMANDS]) | st.sampled_from(STOPPED)
command_lines = st.tuples(first, words).map(lambda parts: [*parts[0], *parts[1]])
bodies = st.lists(
    any_command().map(commands.encode).flatmap(lambda text: st.just(text) | scribbled(text))
    | json_values.map(json.dumps)
    | text_without_zeros(max_size=20),
    max_size=6,
)
event_bodies = st.sampled_from(list(doors.BODIES.values())).flatmap(
    lambda text: scribbled(text) if len(text) < 1000 else st.just(text)
) | json_values.map(json.dumps)

LAWS: dict[str, tuple[Callable[[Any, Path], None], st.SearchStrategy[Any], int]] = {
    "random: campaign.toml": (settings_are_read, settings_texts(), 150),
    "random: structure files": (structures_are_read, scribbled(SOUND), 60),
    "random: events": (logs_are_read, event_bodies, 300),
    "random: inbox": (wishes_are_read, bodies, 30),
    "random: command lines": (lines_are_read, command_lines, 60),
}
"""Each law: what must hold, for what is drawn, and how many are drawn in the short form."""
