"""Labels from outside, gathered in a worker before a campaign begins; the runner copies them in.

A label is an energy of one reference: what another code, version or setting calculated is refused unless
campaign.toml asks for the mixture.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from engine.config import FILENAME, CampaignSettings, ReferenceSettings
from engine.core import ImportedReference, LabelsImported, ReferenceCompleted, fold
from engine.core.folding import ImpossibleEventError
from engine.errors import CampaignError, ConfigError, StructureError
from engine.labelled import Labelled, bare, read_labelled
from engine.potentials.correction import recipe
from engine.potentials.saved import make_base
from engine.protocols import Potential, Provenance
from engine.references.making import make_reference
from engine.store import Imported, Store

TOGETHER = 16  # structures that the universal potential is asked for at once


def gather(folder: Path, settings: CampaignSettings) -> list[tuple[LabelsImported, list[Imported]]]:
    """Read every source of ``[[pretraining]]``, with what the universal potential says of its structures.

    Raises
    ------
    DeltadeskError
        if a source cannot be used, or is of another reference and does not say ``mix = true``
    """
    own = _own(settings.reference)
    base = make_base(settings.potential)
    fits_forces = recipe(settings, folder).forces
    gathered = []
    for k, source in enumerate(settings.pretraining):
        labels = _read(folder, source.source)
        event = _compared(source.source, labels, own)
        if not event.same_reference and not source.mix:
            raise ConfigError(_difference(event, own))
        if fits_forces and any(label.forces is None for label in labels):
            raise ConfigError(
                f"{FILENAME}: pretraining: {source.source} has labels without forces, which "
                f"{_why_forces(settings)}"
            )
        gathered.append((event, _based(k, source.source, labels, base)))
    return gathered


def _own(settings: ReferenceSettings) -> Provenance:
    return make_reference(settings).provenance()


def _read(folder: Path, source: str) -> list[Labelled]:
    path = folder / Path(source).expanduser()
    if not path.is_dir():
        try:
            return read_labelled(path)
        except StructureError as error:
            raise StructureError(f"{FILENAME}: pretraining: {error}") from error
    try:
        labels = labels_of(path)
    except (CampaignError, ImpossibleEventError) as error:
        raise CampaignError(f"{FILENAME}: pretraining: {error}") from error
    if not labels:
        raise CampaignError(f"{FILENAME}: pretraining: the campaign in {path} has no labels yet")
    return labels


def labels_of(folder: Path) -> list[Labelled]:
    """Labels that a campaign paid for; those it was itself given are not its own.

    Raises
    ------
    CampaignError
        if the folder holds no campaign that has begun
    """
    store = Store(folder)
    try:
        events = store.events()
        done = {i.event.candidate: i.event for i in events if isinstance(i.event, ReferenceCompleted)}
        names = fold(events).labels
        structures = store.structures(names)
    finally:
        store.close()
    return [
        Labelled(
            bare(structure),
            done[name].energy_eV,
            structure.calc.results["forces"],
            Provenance(done[name].code, done[name].version, done[name].settings),
        )
        for name, structure in zip(names, structures, strict=True)
    ]


def _why_forces(settings: CampaignSettings) -> str:
    """The setting for which forces are fitted, and the one for which they are not."""
    if settings.committee.kind == "networks":
        said = f"[committee] directions = {settings.committee.directions}"
        return f"{said} fits: leave it out, or set directions = 0"
    return "[delta] forces = true fits: leave it out, or set forces = false"


def _compared(source: str, labels: list[Labelled], own: Provenance) -> LabelsImported:
    counted = Counter(_fingerprint(label.provenance) for label in labels)
    return LabelsImported(
        source=source,
        count=len(labels),
        same_reference=set(counted) == {_fingerprint(own)},
        references=tuple(
            ImportedReference(code=code, version=version, settings=said, count=count)
            for (code, version, said), count in counted.items()
        ),
    )


def _fingerprint(provenance: Provenance | None) -> tuple[str, str, str]:
    """Code, version and settings as text; all empty where nobody says."""
    if provenance is None or not provenance.code:
        return "", "", ""
    return provenance.code, provenance.version, json.dumps(provenance.settings, sort_keys=True)


def _difference(event: LabelsImported, own: Provenance) -> str:
    """The first reference that is not this campaign's, in one line."""
    code, version, said = _fingerprint(own)
    other = next(r for r in event.references if (r.code, r.version, r.settings) != (code, version, said))
    here = f"{code} {version}".strip()
    if not other.code:
        words = (
            f"{event.source} does not say what calculated {other.count} of its labels: if it was this "
            f"campaign's reference ({here}), or you want to mix them all the same"
        )
    else:
        there = f"{other.code} {other.version}".strip()
        if there == here:
            theirs, ours = json.loads(other.settings), json.loads(said)
            unlike = [key for key in sorted({*theirs, *ours}) if theirs.get(key) != ours.get(key)]
            there = ", ".join(f"{key} = {theirs.get(key)!r}" for key in unlike)[:200]
            here = ", ".join(f"{key} = {ours.get(key)!r}" for key in unlike)[:200]
        words = (
            f"{event.source} was calculated with {there}, this campaign calculates with {here}, and energies "
            "of different references differ by more than they teach: if you want to mix them all the same"
        )
    return f"{FILENAME}: pretraining: {words}, write mix = true beside its source"


def _based(k: int, source: str, labels: list[Labelled], base: Potential) -> list[Imported]:
    found = []
    for first in range(0, len(labels), TOGETHER):
        chunk = labels[first : first + TOGETHER]
        said = base.predict([label.structure for label in chunk])
        for i, (label, energy, forces) in enumerate(zip(chunk, said.energy, said.forces, strict=True)):
            if not (np.isfinite(energy) and np.isfinite(forces).all()):
                raise StructureError(
                    f"{FILENAME}: pretraining: {source}, structure {first + i}: the universal potential has "
                    f"no energy for {label.structure.symbols}"
                )
            found.append(Imported(k, _labelled(label), float(energy), forces))
    return found


def _labelled(label: Labelled) -> Atoms:
    structure = label.structure.copy()
    forces = {} if label.forces is None else {"forces": label.forces}
    structure.calc = SinglePointCalculator(structure, energy=label.energy, **forces)
    return structure
