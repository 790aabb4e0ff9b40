"""A case of bad input: what lies in a folder, who is asked to use it, and what must be said."""

from __future__ import annotations

import hashlib
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import DeltadeskError

PATIENCE = 60  # s after which a command that took bad input for good is interrupted


@dataclass(frozen=True)
class Answer:
    """What came of it: exit code and lines of error."""

    code: int
    lines: list[str]


Ask = Callable[[Path], Answer]


@dataclass(frozen=True)
class Case:
    """Bad input.

    Attributes
    ----------
    name : of the case, in its family
    pattern : of the one line that must be said
    ask : hands it to the program
    files : what lies in the folder before, by name
    prepare : does what files cannot tell
    """

    name: str
    pattern: str
    ask: Ask
    files: dict[str, str | bytes] = field(default_factory=dict)
    prepare: Callable[[Path], object] = lambda _: None

    def lay(self, folder: Path) -> None:
        """Put everything where it belongs."""
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        self.prepare(folder)


def refuses(case: Case, folder: Path) -> None:
    """Assert that the case is refused in one line that says why, with code 2, and changes nothing."""
    case.lay(folder)
    before = fingerprint(folder)
    answer = case.ask(folder)
    assert fingerprint(folder) == before, f"{case.name}: the folder changed"
    assert len(answer.lines) == 1, f"{case.name}: {answer.lines}"
    (line,) = answer.lines
    assert re.search(case.pattern, line), f"{case.name}: {case.pattern!r} is not in {line!r}"
    assert line.isprintable(), f"{case.name}: {line!r}"
    assert answer.code == 2, f"{case.name}: exit code {answer.code}, {line!r}"


def failures(cases: Iterable[Case], place: Path) -> list[str]:
    """What is wrong with the answers to these cases, a line each; they lie in ``cases`` of `place`."""
    wrong = []
    for number, case in enumerate(cases):
        try:
            refuses(case, place / "cases" / f"{number}")
        except AssertionError as error:
            wrong.append(str(error).splitlines()[0])
        except Exception as error:  # the program's own: a person would see its traceback
            wrong.append(f"{case.name}: {type(error).__name__}: {error}"[:200])
    return wrong


def fingerprint(folder: Path) -> str:
    """SHA-256 over names, kinds, modes and contents of all that lies in a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        kind = path.lstat().st_mode
        total.update(f"{os.fsencode(path.relative_to(folder))!r} {kind:o}\n".encode())
        if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
            total.update(path.read_bytes())
    return total.hexdigest()


def types(*arguments: str) -> Ask:
    """Ask as someone who types this command line; ``{}`` stands for the folder."""
    return lambda folder: command_line(*(part.replace("{}", str(folder)) for part in arguments))


def calls(function: Callable[[Path], object]) -> Ask:
    """Ask as a program or a page does: its error is the line, as the command line would say it."""

    def ask(folder: Path) -> Answer:
        try:
            function(folder)
        except DeltadeskError as error:
            return Answer(2, str(error).splitlines())
        return Answer(0, ["taken"])

    return ask


def command_line(*arguments: str) -> Answer:
    """Run ``deltadesk`` in this process; if it begins to work, Ctrl-C comes after a while."""
    from engine.cli import main

    said, before = io.StringIO(), sys.argv
    sys.argv = ["deltadesk", *arguments]
    try:
        with redirect_stderr(said), redirect_stdout(io.StringIO()), _interrupted(PATIENCE):
            main()
    except SystemExit as stopped:
        code = stopped.code
        return Answer(code if isinstance(code, int) else int(code is not None), said.getvalue().splitlines())
    finally:
        sys.argv = before
    return Answer(0, said.getvalue().splitlines())


@contextmanager
def _interrupted(seconds: int) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
