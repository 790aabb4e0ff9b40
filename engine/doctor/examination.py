"""Ask every probe, a few at a time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from engine.doctor.probes import PROBES, attempt

PATIENCE = 60.0  # s for one probe: a cold disk takes long to import torch
AT_ONCE = 3


@dataclass(frozen=True)
class Finding:
    """What one probe found.

    Attributes
    ----------
    works : whether it can be used
    base : whether the demo needs it
    found : version, place, or what is wrong
    remedy : what to type, "" where it works
    """

    name: str
    title: str
    works: bool
    base: bool
    found: str
    remedy: str


def examine(names: Sequence[str] = tuple(PROBES)) -> Iterator[Finding]:
    """Findings in the order of `names`, each as soon as it and those before it are there."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(_ask, names)


def _ask(name: str) -> Finding:
    probe = PROBES[name]
    works, found = _apart(name) if probe.apart else attempt(name)
    return Finding(name, probe.title, works, probe.base, found, "" if works else probe.remedy)


def _apart(name: str) -> tuple[bool, str]:
    command = [sys.executable, "-m", "engine.doctor", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return False, f"no answer within {PATIENCE:g} s"
    if done.returncode:
        words = [f"its process ended with {done.returncode}", *done.stderr.strip().splitlines()[-1:]]
        return False, ": ".join(words)
    works, found = json.loads(done.stdout.splitlines()[-1])
    return works, found
