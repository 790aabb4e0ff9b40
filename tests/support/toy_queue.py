"""A queue like Slurm's in one folder: what `sbatch`, `squeue` and `scancel` say, without the machines.

Files of that name in the folder change its mood: `held`, no job begins; `silent`, it answers nobody; `deaf`,
it takes a job and says that it has not.
"""

import os
import subprocess
import sys
from pathlib import Path

import psutil

COMMANDS = ("sbatch", "squeue", "scancel")


def install(folder):
    """Make the commands, and return the folder to put on the PATH."""
    (folder / "jobs").mkdir(parents=True)
    for name in COMMANDS:
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec {sys.executable} {__file__} {folder} {name} "$@"\n')
        command.chmod(0o755)
    return folder


def begin(folder):
    """Start all jobs that were held."""
    (folder / "held").unlink(missing_ok=True)
    for script in sorted((folder / "jobs").glob("*.script")):
        _start(script)


def forget(folder):
    """Lose all jobs, as when the machines went down."""
    for script in (folder / "jobs").glob("*.script"):
        _end(script)
        script.unlink()


def kill(folder):
    """End all jobs as at their limit of time; the queue says so for as long as it knows them."""
    for script in (folder / "jobs").glob("*.script"):
        script.with_suffix(".killed").touch()
        _end(script)


def _start(script):
    process = subprocess.Popen(
        ["/bin/bash", str(script)],
        env={**os.environ, "SLURM_JOB_ID": script.stem, "SLURM_JOB_NODELIST": "here"},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    script.with_suffix(".pid").write_text(str(process.pid))


def _alive(script):
    pid = script.with_suffix(".pid")
    if not pid.exists():
        return False
    try:
        return Path(f"/proc/{pid.read_text()}/stat").read_text().rsplit(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _end(script):
    """A job leads a session of its own, which a queue finds all the same."""
    if _alive(script):
        process = psutil.Process(int(script.with_suffix(".pid").read_text()))
        for each in [process, *process.children(recursive=True)]:
            each.kill()


def _sbatch(folder, script):
    kept = folder / "jobs" / f"{len(list((folder / 'jobs').glob('*.script'))) + 1}.script"
    kept.write_text(Path(script).read_text())
    if not (folder / "held").exists():
        _start(kept)
    if (folder / "deaf").exists():
        sys.exit("sbatch: error: Batch job submission failed: Socket timed out on send/recv operation")
    print(f"Submitted batch job {kept.stem}")


def _squeue(folder):
    print("ARRAY_JOB_ID  ST  REASON")
    for script in (folder / "jobs").glob("*.script"):
        if script.with_suffix(".killed").exists():
            print(f"{script.stem}  TO  TimeLimit")
        elif not script.with_suffix(".pid").exists():
            print(f"{script.stem}  PD  Priority")
        elif _alive(script):
            print(f"{script.stem}  R  None")


def _scancel(folder, native_id):
    with (folder / "cancelled").open("a") as file:
        file.write(f"{native_id}\n")
    script = folder / "jobs" / f"{native_id}.script"
    _end(script)
    script.unlink(missing_ok=True)


def main():
    """One call of one command."""
    folder, command, *words = Path(sys.argv[1]), *sys.argv[2:]
    if (folder / "silent").exists():
        sys.exit(f"{command}: error: Unable to contact slurm controller (connect failure)")
    match command:
        case "sbatch":
            _sbatch(folder, words[-1])
        case "squeue":
            _squeue(folder)
        case "scancel":
            _scancel(folder, words[-1])


if __name__ == "__main__":
    main()
