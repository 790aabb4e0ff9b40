"""A toy campaign that a label of costs milliseconds: EMT underneath, EMT with a witness as reference."""

import os
import signal
import subprocess
import sys
from pathlib import Path

TOML = """
name = "toy"
seed = {seed}
budget = {budget}
pace = "{pace}"
[system]
composition = "Cu3Ag2"
cell = [14.0, 14.0, 14.0]
confinement = 8.0
[potential]
name = "ase"
calculator = "ase.calculators.lj:LennardJones"
settings = {{sigma = 2.3, epsilon = 0.4, rc = 6.0, smooth = true}}
[delta]
r_cut = 5.0
forces = true
[[search]]
name = "random-search"
structures = 4
steps = 20
[[search]]
name = "basin-hopping"
walkers = 3
steps = 20
[selection]
batch = 2
cold_start = 2
refit_every = 2
queue = {queue}
pool = 12
probe = 4
[curation]
policy = "{policy}"
hold = {hold}
[reference]
name = "ase"
calculator = "tests.support.witness_emt:WitnessEMT"
settings = {{{reference}}}
parallel = {parallel}
time_limit = {time_limit}
"""

DEFAULTS = {
    "seed": 1,
    "budget": 6,
    "pace": "lockstep",
    "queue": 4,
    "policy": "auto",
    "hold": 0.0,
    "reference": "",
    "parallel": 1,
    "time_limit": 60.0,
}

REPOSITORY = Path(__file__).parents[2]


def make(folder, **changes):
    """Write a toy campaign and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "campaign.toml").write_text(TOML.format(**{**DEFAULTS, **changes}))
    return folder


def environment(folder, **extra):
    """What a process that runs the campaign of `folder` needs to see."""
    return {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "DELTADESK_WITNESS": str(folder / "witness.txt"),
        **extra,
    }


def command(*arguments):
    """The command line as a user types it."""
    return [sys.executable, "-m", "engine.cli", *map(str, arguments)]


def listen_to_ctrl_c():
    """Run in a child before it becomes the program: whoever starts the tests may have SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(folder, *arguments, timeout=300, **extra):
    """Run the command line to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(folder, **extra),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def witnessed(folder):
    """What the reference calculator wrote: (starts, ends), each the list of structures."""
    path = folder / "witness.txt"
    lines = path.read_text().split("\n") if path.exists() else []
    starts = [line.split()[1] for line in lines if line.startswith("start ")]
    ends = [line.split()[1] for line in lines if line.startswith("end ")]
    return starts, ends
