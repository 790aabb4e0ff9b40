"""Families of everything else that a person or a disk hands in: words, folders, files, databases, logs."""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from engine.core import BudgetChanged, CandidateApproved, DecisionUndone, ReferenceSubmitted
from engine.core.events import encode
from engine.labelled import read_labelled
from engine.store import Store
from tests.engine.test_bad_files import ALLOWED, FAMILIES
from tests.fuzz.harness import Case, calls, types

SOUND = 'name = "toy"\n'
DATABASE = "campaign.db"


@cache
def empty_database() -> bytes:
    """A campaign's database without an event, at rest."""
    with tempfile.TemporaryDirectory() as folder:
        Store.create(Path(folder)).close()
        path = Path(folder) / "at-rest.db"
        with (
            closing(sqlite3.connect(Path(folder) / DATABASE)) as written,
            closing(sqlite3.connect(path)) as rests,
        ):
            written.backup(rests)
            rests.execute("PRAGMA journal_mode = DELETE")
        return path.read_bytes()


WORDS: dict[str, tuple[list[str], str]] = {
    "an unknown command": (["rum"], r"No such command 'rum'"),
    "a path for a command": (["../../etc/passwd"], "No such command"),
    "an unprintable command": (["\x1b[31m\u202e"], "No such command"),
    "an unknown option": (["status", "{}", "--jsn"], "No such option: --jsn"),
    "an option without its value": (["run", "{}", "--seed"], "requires an argument"),
    "a flag with a value": (["status", "{}", "--json=yes"], "does not take a value"),
    "nothing to look at": (["status"], "Missing argument 'folder'"),
    "one folder too many": (["status", "{}", "{}"], "unexpected extra argument"),
    "no candidate": (["decide", "{}"], "Missing argument 'candidate'"),
    "no verdict": (["decide", "{}", "c-000001"], "Missing argument 'verdict'"),
    "a verdict of nobody": (["decide", "{}", "c-000001", "maybe"], "'maybe' is not one of"),
    "no file to write": (["export", "{}"], "Missing (argument|option)"),
    "a format of nobody": (["export", "{}", "o.xyz", "--to", "docx"], "'docx' is not one of"),
    "structures of nobody": (
        ["export", "{}", "o", "--to", "csv", "--what", "all"],
        "'all' is not one of",
    ),
    "no archive": (["restore"], "Missing argument 'archive'"),
    "no study": (["study"], "Missing argument 'protocol'"),
    "two ways to sign in": (
        ["serve", "--password-file", "p", "--oauth", "github", "--no-show"],
        "name one of them",
    ),
    "open to all": (["serve", "--address", "0.0.0.0", "--no-show"], "lets other machines in"),
    "an address of nobody": (
        ["serve", "--address", "no.such.host.example", "--no-show"],
        "lets other machines",
    ),
    "no certificate": (["serve", "--ssl-certfile", "/none.pem", "--no-show"], "there is no such file"),
    "no passwords": (["serve", "--password-file", "/none.json", "--no-show"], "is not there"),
    "a campaign that is none": (["serve", "{}/none", "--no-show"], r"none holds no campaign\.toml"),
    "a template of nobody": (["new", "{}/new", "--template", "ag9s9"], "no template is called 'ag9s9'"),
    "a path for a template": (["new", "{}/new", "--template", "../../etc"], "template"),
    "where one is": (["new", "{}"], "is taken: name a folder"),
}


def words() -> Iterator[Case]:
    """Command lines that say what is not there to say."""
    for name, (arguments, pattern) in WORDS.items():
        yield Case(name, pattern, types(*arguments), {"campaign.toml": SOUND})


NUMBERS = ["", "x", "1.5", "1e3", "nan", "--1", "0x10", "１２x", "9" * 5000, "-9999999999999999999999"]
COUNTED = {"run": ("--seed", "--labels"), "new": ("--seed", "--labels"), "serve": ("--port",)}


def numbers() -> Iterator[Case]:
    """Options that are a number, with all that is none."""
    for command, options in COUNTED.items():
        for option in options:
            for value in NUMBERS:
                place = [] if command == "serve" else ["{}/new" if command == "new" else "{}"]
                yield Case(
                    f"{command} {option} {value[:8]!r}",
                    rf"{option}|seed|budget|port|digits",
                    types(command, *place, f"{option}={value}", *["--no-show"] * (command == "serve")),
                    {"campaign.toml": SOUND},
                )


READERS = {
    "status": ["status", "{}"],
    "run": ["run", "{}"],
    "decide": ["decide", "{}", "c-000001", "approve"],
    "export": ["export", "{}", "{}/out.csv", "--to", "csv"],
    "backup": ["backup", "{}", "{}/out.zip"],
}
"""Commands that read a campaign."""


PLACES = {
    "is not there": ("{}/none", r"none holds no campaign\.toml: make a campaign with"),
    "is a file": ("{}/file", r"campaign\.toml cannot be read: Not a directory"),
    "is empty": ("{}/empty", r"empty holds no campaign\.toml: make a campaign with"),
    "has a folder for campaign.toml": ("{}/inside", r"campaign\.toml cannot be read: Is a directory"),
    "has a long name": ("{}/" + "x" * 300, "File name too long$"),
    "has a zero in its name": ("{}/a\0b", "Invalid value for 'folder': .*embedded null byte"),
    "is a ring of links": ("{}/ring", r"campaign\.toml cannot be read: Too many levels of symbolic links"),
}
"""Each with what is said by commands that look for campaign.toml; `decide` looks for a log only."""


def folders() -> Iterator[Case]:
    """Places that are no campaign."""
    for command, arguments in READERS.items():
        for name, (place, pattern) in PLACES.items():
            no_log = command == "decide" and "campaign" in pattern
            yield Case(
                f"{command}: {name}",
                r"holds no campaign\.db: start the campaign with" if no_log else pattern,
                types(*(part.replace("{}", place, 1) if part == "{}" else part for part in arguments)),
                {"file": "x"},
                _places,
            )


def _places(folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "inside" / "campaign.toml").mkdir(parents=True)
    (folder / "ring").symlink_to("ring")


def _other_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "other.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE events (seq, mood)")
        connection.close()
        return path.read_bytes()


def databases() -> Iterator[Case]:
    """What lies where campaign.db should be."""
    sound = empty_database()
    contents: dict[str, bytes] = {
        "nothing in it": b"",
        "text": b"a thesis\n" * 200,
        "zeros": bytes(8192),
        "half of it": sound[: len(sound) // 2],
        "one page of it": sound[:4096],
        "a head and noise": sound[:100] + bytes(range(256)) * 64,
        "a zip file": _zip({"a": b"b"}),
        "another program's": _other_database(),
        "scribbled over": sound[:3000] + b"\xff" * 9000 + sound[12_000:],
    }
    for command in ("status", "decide", "export", "backup"):
        for name, content in contents.items():
            yield Case(
                f"{command}: {name}",
                r"campaign\.db.*(damaged|not a campaign's database|never|no database|is empty|begun)",
                types(*READERS[command]),
                {"campaign.toml": SOUND, DATABASE: content},
            )


def _events(*bodies: str) -> bytes:
    """A database whose log says this."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE
        path.write_bytes(empty_database())
        with sqlite3.connect(path) as connection:
            for body in bodies:
                connection.execute(
                    "INSERT INTO events (time, schema_version, command_id, kind, body) "
                    "VALUES (1.0, 1, NULL, 'x', ?)",
                    (body,),
                )
        connection.close()
        return path.read_bytes()


WHO = {"by": "ada", "auth": "local"}
BODIES = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "a number": "17",
    "null": "null",
    "no kind": "{}",
    "an unknown kind": '{"kind": "CandidateTeleported"}',
    "a kind that is a list": '{"kind": ["BudgetChanged"]}',
    "a field too many": '{"kind": "BudgetChanged", "budget": 3, "by": "a", "auth": "local", "mood": 1}',
    "a field too few": '{"kind": "BudgetChanged", "budget": 3}',
    "NaN": '{"kind": "BudgetChanged", "budget": NaN, "by": "a", "auth": "local"}',
    "text for a number": '{"kind": "BudgetChanged", "budget": "many", "by": "a", "auth": "local"}',
    "deep": "[" * 100_000,
    "a surrogate": '{"kind": "BudgetChanged", "budget": 3, "by": "\\ud800", "auth": "local"}',
    "bytes": "\x00\x01",
    "an approval of nobody": encode(CandidateApproved(candidate="c-000009", hold_s=0.0, **WHO)),
    "an undo of nobody": encode(DecisionUndone(candidate="c-000009", **WHO)),
    "a job of nobody": encode(ReferenceSubmitted(candidate="c-000009", attempt=1, folder="references/x")),
    "a budget before the start": encode(BudgetChanged(budget=3, **WHO)),
}


def logs() -> Iterator[Case]:
    """Events that no engine wrote, or in an order that none wrote them."""
    for name, body in BODIES.items():
        for command in ("status", "decide", "export"):
            yield Case(
                f"{command}: {name}",
                r"event 1( is not readable| \(\w+\): c-000009|: a budget before the campaign)",
                types(*READERS[command]),
                {"campaign.toml": SOUND, DATABASE: _events(body)},
            )


STARTS = {
    "start": '[system]\nstart = "given.xyz"\n',
    "slab": '[system]\ncomposition = "S"\n[system.slab]\nsurface = "file"\nfile = "given.xyz"\n',
    "pretraining": '[[pretraining]]\nsource = "given.xyz"\n',
}


def _zip(entries: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return packed.getvalue()


def archives() -> Iterator[Case]:
    """What is no backup, or a backup with something that must not get out of it."""
    whole = {"campaign.toml": SOUND.encode(), DATABASE: empty_database()}
    no_zip = r"given\.zip is not a whole backup: File is not a zip file"
    not_ours = r"given\.zip holds no campaign: `deltadesk backup` did not make it"
    elsewhere = r"given\.zip holds a file that belongs elsewhere: it is no backup"
    contents: dict[str, tuple[bytes, str]] = {
        "nothing": (b"", no_zip),
        "text": (b"a thesis" * 100, no_zip),
        "half": (_zip(whole)[:-200], no_zip),
        "a broken middle": (
            _zip(whole).replace(b"SQLite format 3", b"XXXXXX format 3"),
            r"given\.zip is not a whole backup: Bad CRC-32 for file 'campaign\.db'",
        ),
        "an empty archive": (_zip({}), not_ours),
        "no database": (_zip({"campaign.toml": SOUND.encode()}), not_ours),
        "no settings": (_zip({DATABASE: empty_database()}), not_ours),
        "settings that are none": (
            _zip({**whole, "campaign.toml": b"seed = "}),
            r"given\.zip: campaign\.toml is not valid TOML: Invalid value",
        ),
        "a database that is none": (
            _zip({**whole, DATABASE: b"a thesis"}),
            r"is not a whole backup: the database in it is damaged; take another one",
        ),
        "a way out": (_zip({**whole, "../../escaped": b"x"}), elsewhere),
        "an absolute path": (_zip({**whole, "/tmp/escaped-from-a-backup": b"x"}), elsewhere),
        "a way out on Windows": (_zip({**whole, "..\\..\\escaped": b"x"}), elsewhere),
    }
    ask = types("restore", "{}/given.zip", "{}/new")
    for name, (content, pattern) in contents.items():
        yield Case(name, pattern, ask, {"given.zip": content})
    yield Case("not there", r"there is no file .*given\.zip$", ask)
    yield Case("a folder", r"given\.zip cannot be unpacked: Is a directory", ask, {}, _a_folder)


def _a_folder(folder: Path) -> None:
    (folder / "given.zip").mkdir()


PASSWORDS: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "cannot be read as JSON"),
    "text": ("ada: hunter2", "cannot be read as JSON"),
    "latin-1": ('{"\xe9": "a long password"}'.encode("latin-1"), "cannot be read as JSON"),
    "deep": ("[" * 100_000, "cannot be read as JSON"),
    "a list": ('["ada"]', "holds no table"),
    "a number": ("5", "holds no table"),
    "empty": ("{}", "holds no table"),
    "a short password": ('{"ada": "short"}', "shorter than"),
    "a password that is a number": ('{"ada": 12345678}', "shorter than"),
    "a password that is null": ('{"ada": null}', "shorter than"),
    "no name": ('{"": "a long password"}', "cannot be a name"),
    "blanks for a name": ('{" ada": "a long password"}', "cannot be a name"),
    "a name of two lines": ('{"a\\nb": "a long password"}', "cannot be a name"),
    "a long name": (json.dumps({"a" * 100: "a long password"}), "cannot be a name"),
    "a surrogate for a name": ('{"\\ud800": "a long password"}', "cannot be a name"),
    "the guest": ('{"guest": "a long password"}', "cannot be a name"),
}


def passwords() -> Iterator[Case]:
    """Files of names and passwords."""
    for name, (content, pattern) in PASSWORDS.items():
        yield Case(
            name,
            pattern,
            types("serve", "--no-show", "--password-file", "{}/p.json"),
            {"p.json": content},
            lambda folder: (folder / "p.json").chmod(0o600),
        )
    yield Case(
        "open to others",
        "chmod 600",
        types("serve", "--no-show", "--password-file", "{}/p.json"),
        {"p.json": '{"ada": "a long password"}'},
        lambda folder: (folder / "p.json").chmod(0o644),
    )


_UNREADABLE = "cannot be read as a structure, it may be truncated "
STRUCTURES = {
    "empty": "is empty$",
    "only blanks": "holds no structure$",
    "truncated": _UNREADABLE + r"\(it ends inside of structure 0\)",
    "cut between structures": _UNREADABLE + r"\(it ends inside of structure 1\)",
    "a thesis": _UNREADABLE + r"\(structure 0 begins with no number of atoms\)",
    "binary": _UNREADABLE + r"\(structure 0 begins with no number of atoms\)",
    "NaN positions": "holds a position that is not a number: atom 1",
    "NaN energy": "holds an energy that is not a number: nan",
    "NaN forces": "holds a force that is not a number: atom 0",
    "infinite": "holds a position that is not a number: atom 1",
    "in another unit": "reaches beyond 10000 Å: positions and cells are in Å",
    "one atom": "holds one atom: there is nothing to search",
    "no atoms": "holds no atoms: there is nothing to search",
    "on top of each other": "holds atoms on top of each other: Cu0 and Cu1 are 0.10 Å apart",
    "on top of an image": "holds atoms on top of each other: Cu0 and Cu2 are 0.10 Å apart",
    "100000 atoms": "structure 0: holds 100000 atoms: at most 1000 can be used",
    "unknown species": _UNREADABLE + r"\('Xq'\)",
    "no species": "holds an unknown species: atom 0 is X",
    "mixed cells": "holds 2 structures with different cells: a search starts from one",
    "no cell": "is periodic along a direction in which it has no cell",
    "no energy": "holds no energy: a label is an energy in eV, best with forces",
}
"""What is said of each family of broken files."""


def structures() -> Iterator[Case]:
    """Every broken structure file, where campaign.toml names one."""
    for door, text in STARTS.items():
        for name, content in FAMILIES.items():
            if name in ALLOWED[door]:
                continue
            files = {"campaign.toml": text, "given.xyz": content}
            # labels are read in a worker, which takes seconds to start: two of them by the command
            by_command = door != "pretraining" or name in ("truncated", "NaN energy")
            ask = types("run", "{}") if by_command else calls(lambda at: read_labelled(at / "given.xyz"))
            yield Case(f"{door}: {name}", rf"given\.xyz,? .*{STRUCTURES[name]}", ask, files)


STUDY = 'name = "toy"\ntemplate = "ag8s4"\nbudget = 5\nbaseline = "a"\n'
ARMS = '[[arm]]\nname = "a"\n[[arm]]\nname = "b"\n'
STUDIES: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "'name' is missing"),
    "no TOML": ("restarts = ", "is not valid TOML: Invalid value"),
    "latin-1": ('name = "\xe9"'.encode("latin-1"), "is not valid TOML: 'utf-8' codec can't decode"),
    "an unknown setting": (f"{STUDY}restart = 5\n{ARMS}", "unknown setting 'restart'; known: name, "),
    "no arm": (STUDY, "'arm' is missing"),
    "one arm": (f'{STUDY}[[arm]]\nname = "a"', "arm: "),
    "an arm that is a number": (f"{STUDY}arm = [5, 5]", r"arm\.0: "),
    "two arms of one name": (f"{STUDY}{ARMS}".replace('"b"', '"a"'), "each arm has a name of its own"),
    "a baseline of nobody": (
        f"{STUDY}{ARMS}".replace('baseline = "a"', 'baseline = "c"'),
        "no arm is called",
    ),
    "a template of nobody": (f"{STUDY}{ARMS}".replace("ag8s4", "ag9s9"), "no template is called 'ag9s9'"),
    "a negative count": (f"{STUDY}restarts = -2\n{ARMS}", "restarts: "),
    "a table for a number": (f"{STUDY}restarts = {{ a = 1 }}\n{ARMS}", "restarts: "),
    "many digits": ("restarts = " + "9" * 5000, "is not valid TOML: Exceeds the limit"),
    "deep": ("a = " + "[" * 900 + "]" * 900, "is not valid TOML: maximum recursion depth exceeded"),
}


def studies() -> Iterator[Case]:
    """Protocols of no study."""
    ask = types("study", "{}/study.toml", "{}/out")
    for name, (content, pattern) in STUDIES.items():
        yield Case(name, rf"study\.toml:? .*{pattern}", ask, {"study.toml": content})
    yield Case("not there", r"study\.toml cannot be read: No such file or directory", ask)
