"""One potential on many materials: where it differs from the reference, and by how much.

Kang, Purcell, Carbogno, Scheffler, arXiv 2409.11808, Fig. 4. Two potentials count energies from different
zeros, so an energy is compared after the mean difference of its material is taken off.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from contextlib import chdir
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from ase import Atoms

from engine.config import PotentialSettings, ReferenceSettings
from engine.datasets import DATASETS
from engine.loop import Explorers
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.saved import make_base
from engine.protocols import FloatArray, Potential, Prediction
from engine.references.making import make_reference
from engine.space import crystal_of
from engine.study.restarts import begin
from engine.study.screen_protocol import Material, ScreenProtocol
from engine.whole import write_whole


@dataclass(frozen=True)
class Screened:
    """One material.

    Attributes
    ----------
    structures, n_atoms : how many were compared, and the atoms of each
    energy : mean absolute error without the mean difference (eV/atom)
    forces : mean absolute error of a component (eV/Å)
    force_size : mean absolute component of the reference's forces (eV/Å)
    spread : mean standard deviation of a component over the members (eV/Å); of one potential None
    trouble : why there is no number, in words; empty if there is
    """

    name: str
    structures: int
    n_atoms: int
    energy: float | None = None
    forces: float | None = None
    force_size: float | None = None
    spread: float | None = None
    trouble: str = ""


Watch = Callable[[Screened], None]


def run_screen(screen: ScreenProtocol, folder: Path, watch: Watch = lambda _: None) -> list[Screened]:
    """Screen what is left, in worker processes; called again, it goes on.

    Parameters
    ----------
    screen : what is asked
    folder : made if missing; holds a JSON file for each material that is finished
    watch : told of each of them

    Returns
    -------
    all of them, in the protocol's order

    Raises
    ------
    CampaignError
        if the folder holds something else, or another screening
    """
    begin(screen, folder, "screening")
    for done in screened(screen, folder):
        watch(done)
    explorers = Explorers()
    try:
        left = [material for material in screen.material if not material_file(folder, material).exists()]
        working = [explorers.submit(_work, screen, folder, material) for material in left]
        for future in as_completed(working):
            watch(future.result())
    finally:
        explorers.close()
    return screened(screen, folder)


def screened(screen: ScreenProtocol, folder: Path) -> list[Screened]:
    """What is finished so far, in the protocol's order."""
    files = [material_file(folder, material) for material in screen.material]
    return [Screened(**json.loads(file.read_text(encoding="utf-8"))) for file in files if file.exists()]


def material_file(folder: Path, material: Material) -> Path:
    """Where a material's numbers are kept; without it, it is screened again."""
    return folder / "materials" / f"{material.name}.json"


def structures_of(screen: ScreenProtocol, material: Material) -> list[Atoms]:
    """The distorted crystals that are compared: the same for a material whatever else is in the list."""
    crystal = crystal_of(material)
    rng = np.random.default_rng([screen.seed, zlib.crc32(material.name.encode())])
    return [made for kind in screen.kinds for made in DATASETS[kind](crystal, screen.count, rng)]


def compared(
    name: str, structures: Sequence[Atoms], reference: Potential, members: Sequence[Potential]
) -> Screened:
    """Compare the mean of the members with the reference on some structures of one material."""
    true = reference.predict(structures)
    said = [member.predict(structures) for member in members]
    n_atoms = np.array([len(structure) for structure in structures])
    wrong = (np.mean([one.energy for one in said], axis=0) - true.energy) / n_atoms
    forces = np.array([_components(one) for one in said])
    expected = _components(true)
    return Screened(
        name=name,
        structures=len(structures),
        n_atoms=int(n_atoms[0]),
        energy=_finite(np.abs(wrong - wrong.mean()).mean(), "energies"),
        forces=_finite(np.abs(forces.mean(axis=0) - expected).mean(), "forces"),
        force_size=float(np.abs(expected).mean()),
        spread=float(forces.std(axis=0, ddof=1).mean()) if len(members) > 1 else None,
    )


def _finite(value: float, what: str) -> float:
    if not np.isfinite(value):
        raise ValueError(f"the {what} are not finite")
    return float(value)


def _components(prediction: Prediction) -> FloatArray:
    return np.concatenate([forces.ravel() for forces in prediction.forces])


def _work(screen: ScreenProtocol, folder: Path, material: Material) -> Screened:
    """In a worker: screen one and keep it, whole or not at all."""
    structures = structures_of(screen, material)
    try:
        reference = _reference(screen.reference.model_dump_json())
        members = [_potential(one.model_dump_json()) for one in screen.potential]
        with TemporaryDirectory() as scratch, chdir(scratch):  # where calculators that write files leave them
            found = compared(material.name, structures, reference, members)
    except Exception as error:  # the seam: a calculator may raise anything, and the others go on
        trouble = f"{type(error).__name__}: {error}".partition("\n")[0]
        found = Screened(material.name, len(structures), len(structures[0]), trouble=trouble)
    file = material_file(folder, material)
    file.parent.mkdir(exist_ok=True)
    text = json.dumps(asdict(found), allow_nan=False)
    write_whole(file, lambda part: part.write_text(text, encoding="utf-8"), force=True)
    return found


@lru_cache(maxsize=16)
def _potential(settings: str) -> Potential:
    return make_base(PotentialSettings.model_validate_json(settings))


@lru_cache(maxsize=1)
def _reference(settings: str) -> Potential:
    return ASECalculator(make_reference(ReferenceSettings.model_validate_json(settings)).calculator(), {})
