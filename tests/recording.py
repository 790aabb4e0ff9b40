"""Record a finished campaign for the page Runs: ``python -m tests.recording CAMPAIGN NAME``.

Writes ``assets/recordings/NAME.zip``: a backup without models and calculations, and of molecular dynamics
what the pages show. A replay never runs, so what only the next step would need is left out, and of most
frames the picture; energies of models are kept in single precision.
"""

import argparse
import json
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np

from assets import asset
from engine.coordinates import packed, unpacked
from engine.store import backup

EVERY = 8  # frames of which one keeps its positions
DIGITS = 3  # of a walker's positions (Å)


def thinned(state):
    """What is left of a molecular dynamics' state."""
    frames = state["frames"]
    if frames is not None and "positions" in frames:
        n_atoms = len(state["walkers"][0]["numbers"])
        stays = [k for k, at in enumerate(frames["kept"]) if k % EVERY == 0 or at in frames["proposed"]]
        of = [frames["trajectory"][at] for at in frames["kept"]]
        positions = []
        for number, text in enumerate(frames["positions"]):
            mine = [k for k, whose in enumerate(of) if whose == number]
            chosen = [mine.index(k) for k in stays if k in mine]
            positions.append(packed(unpacked(text, n_atoms)[chosen]))
        columns = {
            name: values if name == "energy" else [_short(v) for v in values]
            for name, values in frames["columns"].items()
        }
        kept = [frames["kept"][k] for k in stays]
        frames = {**frames, "kept": kept, "positions": positions, "columns": columns}
    walkers = [
        {**one, "positions": [[round(x, DIGITS) for x in atom] for atom in one["positions"]]}
        for one in state["walkers"]
    ]
    return {
        **state,
        "frames": frames,
        "walkers": walkers,
        "test": [None] * len(state["test"]),
        "proposed": [],
        "velocities": None,
    }


def _short(value):
    return None if value is None else float(f"{value:.4g}")


def record(campaign, path):
    """Write a campaign's recording."""
    with tempfile.TemporaryDirectory() as place:
        whole, folder = Path(place) / "whole.zip", Path(place) / "folder"
        backup.backup(campaign, whole)
        backup.restore(whole, folder)
        with closing(sqlite3.connect(folder / "campaign.db", isolation_level=None)) as database:
            rows = database.execute("SELECT generator, step, state FROM steps").fetchall()
            for generator, step, text in rows:
                if "trajectory" in text and "velocities" in text:
                    said = json.dumps(thinned(json.loads(text)), separators=(",", ":"))
                    database.execute(
                        "UPDATE steps SET state = ? WHERE generator = ? AND step = ?", (said, generator, step)
                    )
            database.create_function(
                "short", 1, lambda value: None if value is None else float(np.float32(value))
            )
            database.execute("UPDATE scores SET energy = short(energy), energy_std = short(energy_std)")
            database.execute("VACUUM")
        backup.backup(folder, whole, force=True)
        with (
            zipfile.ZipFile(whole) as all_of_it,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as kept,
        ):
            for name in all_of_it.namelist():
                if not name.startswith(("features/", "models/", "references/")):
                    kept.writestr(name, all_of_it.read(name))


def main():
    """Record, and say how large it became."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("campaign", type=Path)
    parser.add_argument("name")
    given = parser.parse_args()
    path = asset("recordings") / f"{given.name}.zip"
    record(given.campaign, path)
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB; its title and words belong in about.toml")


if __name__ == "__main__":
    main()
