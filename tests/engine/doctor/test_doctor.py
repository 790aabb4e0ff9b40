"""The doctor says what works, what does not, and what to type; one bad probe stops no other."""

import json
import socket
import time

import pytest

from engine.doctor import Finding, examine, probes
from engine.doctor.probes import PROBES
from tests.support.toy import REPOSITORY


def test_what_works_is_found_with_its_version(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path / "not" / "yet"))
    found = {f.name: f for f in examine(["python", "ase", "tblite", "disk", "executors"])}
    assert all(f.works and f.base and f.remedy == "" for f in found.values()), found
    assert found["tblite"].found.endswith("eV")
    assert found["disk"].found.startswith(str(tmp_path))
    assert "local" in found["executors"].found
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import os; os.kill(os.getpid(), 11)", "its process ended with -11"),
        ("raise RuntimeError('no\\nGPU')", "RuntimeError: no"),
        ("import nothing_like_it", "there is no module nothing_like_it"),
    ],
)
def test_a_library_that_is_broken_stops_no_other(tmp_path, monkeypatch, body, words):
    (tmp_path / "nglview.py").write_text(body)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{REPOSITORY}")
    broken, whole = examine(["notebook", "executors"])
    assert (broken.works, broken.found) == (False, words)
    assert broken.remedy == "pip install nglview pandas"
    assert whole.works


def test_a_library_that_hangs_is_given_up(tmp_path, monkeypatch):
    (tmp_path / "nglview.py").write_text("import threading; threading.Event().wait()")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{REPOSITORY}")
    monkeypatch.setattr("engine.doctor.examination.PATIENCE", 2.0)
    started = time.monotonic()
    (finding,) = examine(["notebook"])
    assert (finding.works, finding.found) == (False, "no answer within 2 s")
    assert time.monotonic() - started < 20


def test_a_port_in_use(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        monkeypatch.setattr(probes, "PORT", taken.getsockname()[1])
        (finding,) = examine(["port"])
    assert not finding.works
    assert "in use" in finding.found
    assert "--port" in finding.remedy


@pytest.mark.parametrize("kind", ["nfs4", "9p"])
def test_a_network_disk_is_told_from_a_local_one(tmp_path, monkeypatch, kind):
    listed = tmp_path / "mounts"
    monkeypatch.setattr("engine.disk.MOUNTS", listed)
    monkeypatch.setenv("DELTADESK_HOME", str(tmp_path / "data" / "home"))
    listed.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path}/data {kind} rw 0 0\n")
    (finding,) = examine(["disk"])
    assert not finding.works
    assert f"({kind} at {tmp_path}/data)" in finding.found
    listed.write_text("/dev/sda1 / ext4 rw 0 0\n")
    (finding,) = examine(["disk"])
    assert finding.works
    assert "(ext4)" in finding.found


@pytest.mark.parametrize(("works", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_says_whether_the_demo_can_run(monkeypatch, deltadesk, works, code):
    findings = [
        Finding("torch", "PyTorch", works, True, "2.13[cpu]", "" if works else "pip install torch"),
        Finding("gpaw", "GPAW", False, False, "there is no module gpaw", "pip install gpaw"),
    ]
    monkeypatch.setattr("engine.doctor.examine", lambda: iter(findings))
    status, out, _ = deltadesk("doctor", "--json")
    assert status == code
    said = json.loads(out)
    assert said["works"] is works
    assert said["findings"][1]["remedy"] == "pip install gpaw"
    status, out, _ = deltadesk("doctor")
    assert status == code
    assert "2.13[cpu]" in out
    assert "pip install gpaw" in out


def test_every_probe_has_a_remedy_and_the_demo_its_base():
    assert all(probe.remedy and probe.title for probe in PROBES.values())
    assert {"python", "torch", "chgnet", "tblite", "disk"} <= {n for n, p in PROBES.items() if p.base}
