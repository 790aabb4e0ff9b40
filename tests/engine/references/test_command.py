"""A command of the user's own: each way it can go wrong has its words, and a limit leaves nothing behind."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from ase import Atoms

from engine.config import ReferenceSettings
from engine.references.folder import JobInput, read_result, write_input
from engine.references.job import calculate
from tests.support import history, toy

WATER = Atoms("OH2", [[0, 0, 0], [0, 0.76, 0.59], [0, -0.76, 0.59]], cell=[9, 9, 9])
HEAD = "3\nProperties=species:S:1:pos:R:3:forces:R:3 energy=-14.2\n"
ROWS = "O 0 0 0 0 0 0.1\nH 0 0.76 0.59 0 0 0\nH 0 -0.76 0.59 0 0 -0.1\n"


def write(text):
    return f"import sys; open(sys.argv[2], 'w').write({text!r})"


def job(program, **settings):
    command = [sys.executable, "-c", program, "{structure}", "{result}"]
    line = " ".join("'" + word.replace("'", "'\"'\"'") + "'" for word in command)
    return JobInput.of("c-000001", 1, WATER, ReferenceSettings(name="command", command=line, **settings))


def test_the_label_is_what_the_file_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = calculate(job(write(HEAD + ROWS)))
    assert result.energy == -14.2
    assert result.forces == [[0, 0, 0.1], [0, 0, 0], [0, 0, -0.1]]
    assert "Lattice" in Path("structure.extxyz").read_text()


def test_the_files_may_be_called_as_a_program_wants_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"structure": "POSCAR", "result": "out.xyz"}
    assert calculate(job(write(HEAD + ROWS), settings=names)).energy == -14.2
    assert "Direct" in Path("POSCAR").read_text() or "Cartesian" in Path("POSCAR").read_text()


@pytest.mark.parametrize(
    ("program", "failure", "words"),
    [
        ("raise SystemExit(3)", "crashed", r"ended with exit code 3$"),
        ("import os; os.kill(os.getpid(), 11)", "crashed", r"ended with signal 11$"),
        ("pass", "crashed", r"ended without writing result\.extxyz$"),
        (write(""), "crashed", r"result\.extxyz is empty"),
        (write(HEAD + ROWS[:20]), "crashed", r"result\.extxyz cannot be read .*, it may be truncated"),
        (write(HEAD.replace(" energy=-14.2", "") + ROWS), "crashed", r"result\.extxyz holds no energy$"),
        (write("3\nenergy=1\nO 0 0 0\nH 0 0 1\nH 0 1 0\n"), "crashed", r"result\.extxyz holds no forces$"),
        (write("1\nenergy=1\nO 0 0 0\n"), "crashed", r"holds O, but OH2 was asked for"),
        (write(HEAD.replace("-14.2", "nan") + ROWS), "not-finite", r"not a number"),
        (
            write(HEAD + ROWS.replace("0.59", "0.99", 1)),
            "crashed",
            r"holds another geometry, \d\.\d\d Å from what was asked for",
        ),
    ],
)
def test_each_way_to_fail_has_its_words(tmp_path, monkeypatch, program, failure, words):
    monkeypatch.chdir(tmp_path)
    result = calculate(job(program))
    assert result.failure == failure
    assert re.search(words, result.words), result.words
    assert "\n" not in result.words.strip()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"command": "/no/such/program {structure}"}, "cannot be started: No such file"),
        ({"command": "'open"}, "No closing quotation"),
        ({}, 'needs command = "program {structure} {result}"'),
        (
            {"command": "true", "settings": {"output": "x"}},
            "unknown settings output; known: structure, result",
        ),
    ],
)
def test_a_command_that_cannot_be_used(tmp_path, monkeypatch, settings, words):
    monkeypatch.chdir(tmp_path)
    result = calculate(JobInput.of("c-000001", 1, WATER, ReferenceSettings(name="command", **settings)))
    assert words in result.words


def test_the_time_limit_ends_all_that_the_command_started(tmp_path):
    program = (
        'import os, subprocess, sys, time; sleep = [sys.executable, "-c", "import time; time.sleep(600)"]; '
        'child = subprocess.Popen(sleep); open("part", "w").write(str(child.pid)); os.rename("part", "pid"); '
        "time.sleep(600)"
    )
    write_input(tmp_path, job(program, time_limit=3.0))
    command = [sys.executable, "-m", "engine.references.job", str(tmp_path)]
    started = time.monotonic()
    subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(toy.REPOSITORY)}, check=False, timeout=60
    )
    assert time.monotonic() - started < 30
    result = read_result(tmp_path)
    assert (result.failure, result.words) == ("timeout", "stopped after its limit of 3 s")
    (pid,) = [int((tmp_path / "pid").read_text())]
    _, alive = psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def test_a_campaign_labels_by_command_and_keeps_what_with(tmp_path):
    program = tmp_path / "mine.py"
    program.write_text(
        "import sys, ase.io\nfrom ase.calculators.emt import EMT\na = ase.io.read(sys.argv[1])\n"
        "a.calc = EMT()\na.get_forces()\nase.io.write(sys.argv[2], a)\n"
    )
    folder = toy.make(tmp_path / "toy", budget=1)
    path = folder / "campaign.toml"
    line = f"{sys.executable} {program} {{structure}} {{result}}"
    text = path.read_text().split("[reference]")[0]
    path.write_text(f"{text}[reference]\nname = 'command'\ncommand = '{line}'\n")
    done = toy.run(folder, "run", folder, "--json")
    assert json.loads(done.stdout.splitlines()[-1])["labels"] == 1, done.stderr
    (event,) = [i.event for i in history.events(folder) if i.event.kind == "ReferenceCompleted"]
    assert event.code.startswith("python")
    assert event.settings["command"] == line
    assert event.seconds > 0
    assert event.cores == 1
