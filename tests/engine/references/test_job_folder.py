"""A job folder that a power cut or a full disk went over: what is half written is set aside, in words."""

import json
import signal

import pytest
from ase.build import molecule

from engine.config import ReferenceSettings
from engine.core import ReferenceFailed
from engine.loop import jobs
from engine.references.folder import (
    ABANDONED,
    JobInput,
    JobResult,
    abandon,
    read_result,
    write_input,
    write_result,
)
from tests.support import history, toy

LABEL = JobResult(energy=-1.0, forces=[[0.0, 0.0, 0.1]], stress=[0.0] * 6)
WHOLE = LABEL.model_dump_json()
HALVES = {
    "nothing": "",
    "half": WHOLE[: len(WHOLE) // 2],
    "zeros": "\0" * len(WHOLE),
    "no text": b"\xff\xfe\x00",
    "another's": '{"mood": 7}',
    "neither label nor failure": "{}",
    "no forces": '{"energy": -1.0}',
    "flat forces": '{"energy": -1.0, "forces": [[0.0]]}',
    "no number": '{"energy": NaN, "forces": [[0.0, 0.0, 0.0]]}',
    "half a stress": '{"energy": -1.0, "forces": [[0.0, 0.0, 0.0]], "stress": [1.0]}',
    "an unknown failure": '{"failure": "tired"}',
    "deep": "[" * 100_000,
}


def lay(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def job(**settings):
    settings = {"name": "ase", "calculator": "ase.calculators.emt:EMT", **settings}
    return JobInput.of("c-000001", 1, molecule("N2"), ReferenceSettings(**settings))


@pytest.mark.parametrize("content", HALVES.values(), ids=HALVES)
def test_a_result_that_cannot_be_read_is_kept_and_the_job_has_failed(tmp_path, content):
    lay(tmp_path / "result.json", content)
    handle = jobs.adopt(tmp_path)
    assert jobs.poll(handle) is jobs.Poll.FINISHED
    result = jobs.collect(handle)
    assert result.failure == "crashed"
    assert result.words == "result.json cannot be read: it is kept as result.json.set-aside-1"
    lay(tmp_path / "again", content)
    assert (tmp_path / "result.json.set-aside-1").read_bytes() == (tmp_path / "again").read_bytes()
    assert read_result(tmp_path) == result


def test_a_whole_result_is_read_as_it_was_written(tmp_path):
    assert read_result(tmp_path) is None
    write_result(tmp_path, LABEL)
    assert read_result(tmp_path) == LABEL
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


@pytest.mark.parametrize("content", ["", "{", b"\xff\xfe", "{}"])
def test_an_input_that_cannot_be_read_is_set_aside_for_the_new_one(tmp_path, content):
    folder = tmp_path / "c-000001-1"
    folder.mkdir()
    lay(folder / "input.json", content)
    write_input(folder, job())
    assert json.loads((folder / "input.json").read_text())["candidate"] == "c-000001"
    assert (tmp_path / "c-000001-1.set-aside-1" / "input.json").exists()


def test_an_attempt_that_is_given_anew_may_start_although_an_older_copy_abandoned_it(tmp_path):
    write_input(tmp_path, job())
    assert abandon(tmp_path)
    write_input(tmp_path, job())
    assert not (tmp_path / ABANDONED).exists()


def test_a_campaign_goes_on_over_a_half_result(tmp_path):
    folder = toy.make(tmp_path / "toy", budget=3)
    killed = toy.run(folder, "run", folder, "--json", DELTADESK_CRASH="collected:1")
    assert killed.returncode == -signal.SIGKILL
    (result,) = folder.glob("references/*/result.json")
    result.write_bytes(result.read_bytes()[:100])
    done = toy.run(folder, "run", folder, "--json")
    assert done.returncode == 0, done.stderr
    (failed,) = [item.event for item in history.events(folder) if isinstance(item.event, ReferenceFailed)]
    assert failed.failure == "crashed"
    assert "result.json cannot be read: it is kept as result.json.set-aside-1" in failed.log
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["labels"], summary["failures"], summary["state"]) == (2, 1, "finished")
