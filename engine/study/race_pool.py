"""The pool of a race: structures with their labels, calculated once and kept in the race's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from numpy.typing import NDArray

from engine.config import ReferenceSettings, StrainSettings, SystemSettings
from engine.datasets import DATASETS
from engine.descriptors import SOAP
from engine.errors import ConfigError, StructureError
from engine.generators.strain import Strain
from engine.labelled import MOST_LABELS, Labelled, bare, read_labelled
from engine.potentials.ase_calculator import ASECalculator
from engine.potentials.nothing import Nothing
from engine.protocols import FloatArray
from engine.references.making import make_reference
from engine.space import Space
from engine.structures import check_atoms, read_frames
from engine.study.race_protocol import RacePool, RaceProtocol
from engine.study.race_trend import own_curve

POOL = "pool.extxyz"
HELD_OUT_KEY = 0x0E1D  # of the random numbers that divide the pool, beside its seed


@dataclass(frozen=True, eq=False)
class RaceData:
    """What every rule of a race has before it.

    Attributes
    ----------
    pool, held_out : structures with labels; rules choose from the first, errors are measured on the second
    features : (n_pool, d) descriptors summed over each structure's atoms
    n_atoms : (n_pool,)
    curve : the reference's own energies against volume (eV/atom), of a race that asks for their trend
    """

    pool: Sequence[Labelled]
    held_out: Sequence[Labelled]
    features: FloatArray
    n_atoms: NDArray[np.int64]
    curve: FloatArray | None = None


def label_pool(race: RaceProtocol, source: Path, folder: Path) -> None:
    """Write the pool with its labels into the race's folder, whole or not at all; one that is there stays.

    What the reference has no energy or forces for is left out.

    Parameters
    ----------
    race : what is asked
    source : folder of the file that it names
    folder : of the race

    Raises
    ------
    ConfigError
        if the crystal cannot be built, or there are too few structures, or too many
    StructureError
        if a structure or a label cannot be used
    """
    if (folder / POOL).exists():
        return
    structures = _structures(race.pool, source)
    if race.reference is None and race.pool.source is not None:
        labelled = read_labelled(source / race.pool.source)
        structures = [_kept(one.structure, one.energy, one.forces, one.stress) for one in labelled]
    elif race.reference is not None:
        _check(structures)
        structures = _calculated(structures, race.reference)
    needed = race.budget + race.held_out
    if len(structures) < needed:
        raise ConfigError(
            f"the pool holds {len(structures)} structures: a budget of {race.budget} labels and "
            f"{race.held_out} held out need {needed}"
        )
    fresh = folder / f".{POOL}"
    write(fresh, structures, format="extxyz")
    fresh.rename(folder / POOL)


def load_pool(race: RaceProtocol, folder: Path) -> RaceData:
    """Read what `label_pool` wrote and divide it, the same way every time."""
    labelled = read_labelled(folder / POOL)
    if any(one.forces is None for one in labelled):
        raise StructureError("the pool's labels need forces: a race measures their errors too")
    order = np.random.default_rng([race.pool.seed, HELD_OUT_KEY]).permutation(len(labelled))
    held_out = [labelled[i] for i in order[: race.held_out]]
    pool = [labelled[i] for i in np.sort(order[race.held_out :])]
    structures = [one.structure for one in pool]
    species = sorted({symbol for one in labelled for symbol in one.structure.symbols})
    soap = SOAP(race.delta, tuple(species))
    return RaceData(
        pool=pool,
        held_out=held_out,
        features=np.array([soap.features(structure).sum(axis=0) for structure in structures]),
        n_atoms=np.array([len(structure) for structure in structures]),
        curve=own_curve(folder),
    )


def _structures(settings: RacePool, source: Path) -> list[Atoms]:
    if settings.source is not None:
        try:
            frames = read_frames(source / settings.source)
            for frame in frames:
                check_atoms(frame)
        except StructureError as error:
            raise StructureError(f"{settings.source} {error}") from error
        return frames
    try:
        crystal = bulk(settings.element, cubic=True) * settings.size
    except (ValueError, RuntimeError, KeyError) as error:
        raise ConfigError(
            f"no cubic crystal of {settings.element} can be built: name a file instead"
        ) from error
    rng = np.random.default_rng(settings.seed)
    found = [one for kind in settings.kinds for one in DATASETS[kind](crystal, settings.count, rng)]
    return found if settings.strain is None else [*found, *_strained(crystal, settings.strain, rng)]


def _strained(crystal: Atoms, settings: StrainSettings, rng: np.random.Generator) -> list[Atoms]:
    """All that the search strain has to offer."""
    search, nothing = Strain(settings, Space.of(SystemSettings())), Nothing()
    state, found = search.start(crystal), []
    while not state["done"]:
        state, proposals = search.step(state, nothing, rng)
        found += [proposal.structure for proposal in proposals]
    return found


def _calculated(structures: Sequence[Atoms], settings: ReferenceSettings) -> list[Atoms]:
    said = ASECalculator(make_reference(settings).calculator(), {}).predict(structures)
    stress = [None] * len(structures) if said.stress is None else said.stress
    found = zip(structures, said.energy.tolist(), said.forces, stress, strict=True)
    return [_kept(*one) for one in found if np.isfinite(one[1]) and np.isfinite(one[2]).all()]


def _check(structures: Sequence[Atoms]) -> None:
    """Refuse before it is calculated what could not be read back after."""
    if len(structures) > MOST_LABELS:
        raise ConfigError(f"the pool holds {len(structures)} structures: at most {MOST_LABELS} can be used")
    for k, structure in enumerate(structures):
        try:
            check_atoms(structure)
        except StructureError as error:
            raise StructureError(f"the pool, structure {k}: {error}") from error


def _kept(structure: Atoms, energy: float, forces: FloatArray | None, stress: FloatArray | None) -> Atoms:
    kept = bare(structure)
    known = stress is not None and np.isfinite(stress).all()
    results = {"energy": energy, "forces": forces, "stress": stress if known else None}
    kept.calc = SinglePointCalculator(kept, **{key: one for key, one in results.items() if one is not None})
    return kept
