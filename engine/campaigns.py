"""Campaign folders: where they live, how one is made, and whether it can run here."""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Callable, Collection, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from ase import Atoms
from ase.data import covalent_radii
from ase.formula import Formula

from engine import config, disk, registry, templates
from engine.config import (
    FROM_FILES,
    CampaignSettings,
    PoolSettings,
    ReferenceSettings,
    SystemSettings,
    split_command,
    symmetry_functions,
)
from engine.config.writing import is_tables, rewritten
from engine.crystals import check_element
from engine.durable import replace_text
from engine.errors import CampaignError, ConfigError, MissingPackageError, StructureError
from engine.space import Space
from engine.structures import read_cluster

HOME = "DELTADESK_HOME"
DEMO = "ag8s4"
SCHEDULERS = {"slurm": "sbatch", "pbs": "qsub", "lsf": "bsub", "flux": "flux"}
"""What puts a job into the queue of each."""


def home() -> Path:
    """The folder that campaigns live in: ``DELTADESK_HOME``, or a per-user data folder."""
    chosen = os.environ.get(HOME)
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("deltadesk")


def in_home() -> list[Path]:
    """Campaign folders in `home`, by name."""
    return sorted(path.parent for path in home().glob(f"*/{config.FILENAME}"))


def source(template: str | Path) -> str:
    """Text that a new campaign starts from: a template's by name, or the campaign.toml of a folder.

    Raises
    ------
    ConfigError
        if there is no such template, or the folder's file cannot be used
    """
    if isinstance(template, Path):
        config.load(template)
        return config.read_text(template)
    return templates.text(template)


def origin(template: str | Path) -> Path:
    """Folder of the files that a template's settings name, whether there are any or not."""
    return template if isinstance(template, Path) else templates.files(template)


def new(
    folder: Path, template: str | Path = DEMO, *, files: Path | None = None, **changes: Any
) -> CampaignSettings:
    """Make a campaign folder from a template.

    Parameters
    ----------
    folder : made if missing; must not hold a campaign
    template : name of a template, or the folder of another campaign: files that it names come along
    files : folder of further files, which go before those of the template
    changes : settings to write instead of the template's, e.g. ``seed=3, system={"confinement": 12.0}``;
        a section is merged, None leaves a setting out, comments stay

    Raises
    ------
    CampaignError
        if the folder is taken or cannot be written
    ConfigError
        if there is no such template, or a change is not valid
    StorageError
        if the folder lies on a network's file system
    """
    text = source(template)
    disk.refuse_network(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CampaignError(f"{folder} is taken: name a folder that does not exist yet, or an empty one")
    text = rewritten(text, changes)
    settings = config.parse(text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place in (origin(template), *([] if files is None else [files])):
            copy_named(place, folder, settings)
        (folder / config.FILENAME).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CampaignError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        return config.load(folder)  # with the composition that a crystal or a file gives
    except StructureError:  # a file that it names is still to come: `preflight` tells
        return settings


def copy_named(template: Path, folder: Path, settings: CampaignSettings) -> None:
    """Copy the files that settings name from a folder to another; what is missing `preflight` tells.

    A campaign's own files, `campaign.db` and the like, stay where they are.
    """
    system = settings.system
    pools = [search.source for search in settings.search if isinstance(search, PoolSettings)]
    given = [source.source for source in settings.pretraining]
    own = settings.committee.descriptors
    named = [system.start, system.slab.file, system.crystal.file, *pools, *given, own]
    for name in named:
        if not name or Path(name).name.startswith(("campaign.toml", "campaign.db")):
            continue
        if not Path(name).is_absolute() and ".." not in Path(name).parts:
            origin, copy = template / name, folder / name
            if origin.is_file():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(origin, copy)


def new_in_home(
    template: str | Path = DEMO,
    /,
    *,
    files: Path | None = None,
    taken: Collection[str] = (),
    **changes: Any,
) -> Path:
    """Make a campaign in `home` under the first name that is free there and not `taken`; return its folder.

    The folder is called after the campaign's new name, or after the template where that is kept.
    """
    there = [path.name for path in home().iterdir()] if home().exists() else []
    used = {name.casefold() for name in (*there, *taken)}
    kept = template.name if isinstance(template, Path) else template
    stem = folder_name(changes["name"]) if "name" in changes else kept
    name, count = stem, 1
    while name.casefold() in used:
        count += 1
        name = f"{stem}-{count}"
    new(home() / name, template, files=files, **changes)
    return home() / name


def folder_name(name: str) -> str:
    """Return a campaign's name as a folder's: letters, digits, dots, dashes and underscores."""
    words = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")
    return words[:60] or "campaign"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What `new` must be told to get from one set of plain settings to another."""
    found: dict[str, Any] = {key: None for key in before if key not in after}
    for key, value in after.items():
        known = before.get(key)
        if value == known:
            continue
        if isinstance(value, Mapping) and isinstance(known, Mapping):
            found[key] = differences(known, value)
        elif isinstance(known, list) and is_tables(value) and is_tables(known):
            same = [differences(k, v) for k, v in zip(known, value, strict=False)]
            found[key] = [*same, *value[len(same) :]]
        else:
            found[key] = value
    return found


def edit(
    folder: Path, see: Callable[[CampaignSettings], object] = lambda _: None, **changes: Any
) -> CampaignSettings:
    """Write top-level settings into a folder's campaign.toml; its comments stay.

    Parameters
    ----------
    folder : of the campaign
    see : called with what the file would say, before it is written; it may raise
    changes : settings by name

    Raises
    ------
    CampaignError
        if it cannot be written: then it is as it was
    ConfigError
        if a change is not valid
    """
    path = folder / config.FILENAME
    settings = config.load(folder)
    if all(getattr(settings, key) == value for key, value in changes.items()):
        return settings
    text = rewritten(config.read_text(folder), changes)
    see(config.completed(folder, config.parse(text)))
    try:
        replace_text(path, text)
    except OSError as error:
        raise CampaignError(f"{path} cannot be written: {error.strerror}") from error
    return config.load(folder)


def start_structure(folder: Path, system: SystemSettings) -> Atoms | None:
    """The structure that searches start from: a crystal, or the file's; None if campaign.toml names none.

    A cluster is put into the middle of the box, what goes on a surface above the middle of that.

    Raises
    ------
    StructureError
        if its file cannot be used, is of another composition, or does not fit the region
    """
    if system.is_crystal:
        return Space.of(system, folder).substrate
    if system.start is None:
        return None
    cluster = read_cluster(folder / system.start)
    if cluster.symbols.formula.count() != Formula(system.composition).count():
        raise StructureError(
            f"{system.start} holds {cluster.symbols.formula:metal}, but system.composition = "
            f"{system.composition!r}: they must agree, or leave composition out"
        )
    space = Space.of(system, folder)
    if len(space.substrate):
        return _above(cluster, space, system.start)
    cluster.set_cell(system.cell)
    cluster.positions += np.array(system.cell) / 2 - cluster.positions.mean(axis=0)
    reach = float(np.abs(cluster.positions - np.array(system.cell) / 2).max())
    if reach > system.confinement / 2:
        raise StructureError(
            f"{system.start} reaches {reach:.1f} Å from its middle and does not fit the cube of "
            f"{system.confinement:g} Å: enlarge confinement to {math.ceil(2 * reach)}"
        )
    return cluster


def _above(molecule: Atoms, space: Space, name: str) -> Atoms:
    """The molecule as it stands in its file, its lowest atom one bond above the middle of the surface."""
    radii = covalent_radii[[*molecule.numbers, *space.substrate.numbers]]
    lift = space.substrate.positions[:, 2].max() + 2 * radii.max() - molecule.positions[:, 2].min()
    molecule.positions += [*(space.middle - molecule.positions.mean(axis=0))[:2], lift]
    if not space.holds(molecule.positions).all():
        over = molecule.positions[:, 2].max() - space.high[2]
        raise StructureError(f"{name} reaches {over:.1f} Å too high above the surface: enlarge slab.height")
    together: Atoms = space.substrate + molecule
    return together


def preflight(folder: Path, settings: CampaignSettings) -> None:
    """See that a campaign can run here: its disk, and what campaign.toml names, without importing any.

    Raises
    ------
    StorageError
        for a folder on a network's file system
    ConfigError
        for a name that does not exist, or a file of symmetry functions that cannot be used
    MissingPackageError
        for a package that is not installed
    StructureError
        for a start structure, a slab, a crystal or a pool that cannot be used, or a crystal of several
        elements whose properties are asked for
    """
    disk.refuse_network(folder)
    chosen = [
        ("potentials", settings.potential.name),
        *(("generators", search.name) for search in settings.search),
        ("acquisition", settings.selection.rule),
        ("references", settings.reference.name),
    ]
    for group, name in chosen:
        registry.find(group, name)
    if settings.committee.kind in FROM_FILES:
        registry.find("potentials", settings.committee.kind)
        for name in settings.committee.files:
            if not Path(name).is_file():
                raise ConfigError(f"campaign.toml: committee.files: there is no file {name}")
    if settings.committee.kind == "networks":
        symmetry_functions(settings.committee, folder)
    for section, part in (("potential", settings.potential), ("reference", settings.reference)):
        if part.calculator is None and part.name == "ase":
            raise ConfigError(f'campaign.toml: [{section}] name = "ase" needs calculator = "module:Class"')
        if part.calculator is not None:
            _find_class(section, part.calculator)
    _find_command(settings.reference)
    _find_scheduler(settings.reference.executor)
    space = Space.of(settings.system, folder)
    start_structure(folder, settings.system)
    if settings.properties.measure:
        check_element(space.substrate)
    for search in settings.search:
        if isinstance(search, PoolSettings) and search.source is not None:
            space.pool(search.source).read(0, 0, 1)


def _find_class(section: str, path: str) -> None:
    module, _, name = path.partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), name)):
        raise ConfigError(f"campaign.toml: {section}.calculator = {path!r} is not of the form module:Class")
    try:
        missing = find_spec(module) is None
    except Exception:  # the seam: a package around the module is imported, and may raise anything
        missing = True
    if missing:
        raise ConfigError(f"campaign.toml: {section}.calculator: no module {module!r} can be imported here")


def _find_command(reference: ReferenceSettings) -> None:
    if reference.name != "command":
        if reference.command is not None:
            raise ConfigError('campaign.toml: reference.command is only for [reference] name = "command"')
        return
    program = split_command(reference.command)[0]
    # a batch scheduler's machines may have what this one lacks
    if reference.executor == "local" and shutil.which(program) is None:
        raise ConfigError(f"campaign.toml: reference.command: there is no program {program!r} here")


def _find_scheduler(executor: str) -> None:
    if executor == "local":
        return
    if shutil.which(SCHEDULERS[executor]) is None:
        raise ConfigError(
            f'campaign.toml: reference.executor = "{executor}": there is no program '
            f"{SCHEDULERS[executor]!r} here: run it where jobs are submitted"
        )
    if executor == "flux" and find_spec("flux") is None:
        raise MissingPackageError('reference.executor = "flux" needs Flux\'s own package for this Python')
