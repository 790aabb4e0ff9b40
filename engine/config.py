"""campaign.toml: what a campaign is asked to do, validated and frozen.

Every setting has a default, a unit in its description and a bound; an unknown name is an error that says
which names exist. Nothing here knows how a setting is used.
"""

from __future__ import annotations

import difflib
import re
import shlex
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from ase.data import atomic_numbers
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from engine.errors import ConfigError
from engine.structures import read_cluster

FILENAME = "campaign.toml"
MOST_ATOMS = 10_000

PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Bond = tuple[PositiveFloat, PositiveFloat]
Formula = Annotated[str, Field(pattern=r"^([A-Z][a-z]?\d*)+$")]


class Settings(BaseModel):
    """Base of all settings: frozen, unknown names refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SystemSettings(Settings):
    """What is searched: a cluster in a box."""

    composition: Formula = Field(
        "Ag8S4", description="chemical formula of the cluster; left out beside `start`: that of the file"
    )
    start: str | None = Field(
        None,
        min_length=1,
        description="structure file that searches may start from, in the campaign's folder",
    )
    cell: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = Field(
        (20.0, 20.0, 20.0), description="edges of the box (Å)"
    )
    confinement: PositiveFloat = Field(15.0, description="edge of the cube in which atoms are placed (Å)")

    @field_validator("composition")
    @classmethod
    def _elements(cls, composition: str) -> str:
        for symbol in re.findall(r"[A-Z][a-z]?", composition):
            if symbol not in atomic_numbers:
                raise ValueError(f"there is no element {symbol!r}")
        atoms = sum(int(count or 1) for count in re.findall(r"[A-Z][a-z]?(\d*)", composition))
        if not 0 < atoms <= MOST_ATOMS:
            raise ValueError(f"a cluster has 1 to {MOST_ATOMS} atoms, this has {atoms}")
        return composition

    @model_validator(mode="after")
    def _fits(self) -> SystemSettings:
        if self.confinement > min(self.cell):
            raise ValueError(f"confinement {self.confinement} Å is larger than the box {min(self.cell)} Å")
        return self


class PotentialSettings(Settings):
    """The universal potential underneath."""

    name: str = Field("chgnet-0.3.0", description="registered name, or 'ase' with a calculator")
    calculator: str | None = Field(None, description="for 'ase': import path, e.g. ase.calculators.emt:EMT")
    settings: dict[str, Any] = Field(default_factory=dict, description="for 'ase': keyword arguments")


class DeltaSettings(Settings):
    """The Δ-model: sparse Gaussian-process regression on local SOAP."""

    r_cut: Annotated[float, Field(gt=1)] = Field(7.0, description="SOAP cutoff (Å)")
    n_max: Count = Field(3, description="SOAP radial functions")
    l_max: Annotated[int, Field(ge=0, le=20)] = Field(2, description="SOAP angular degree")
    sigma: PositiveFloat = Field(1.0, description="SOAP Gaussian width (Å)")
    length_scale: PositiveFloat = Field(40.0, description="kernel length in SOAP space")
    amplitude: PositiveFloat = Field(1.0, description="kernel variance A (eV²)")
    noise_energy: PositiveFloat = Field(0.01, description="σ_E (eV/√atom)")
    forces: bool = Field(
        False, description="fit the reference's forces too: wants tens of labels and a length scale near 160"
    )
    noise_force: PositiveFloat = Field(0.05, description="σ_F (eV/Å)")
    inducing_points: Count = Field(500, description="most local environments kept")
    inducing: Literal["cur", "farthest-point"] = Field(
        "cur", description="how they are chosen: by leverage scores, or each farthest from the others"
    )


class SearchBase(Settings):
    """What every search has."""

    share: PositiveFloat = Field(1.0, description="part of all steps that this search takes (any unit)")


class RandomSearchSettings(SearchBase):
    """Random structure search: place, relax, propose."""

    name: Literal["random-search"] = "random-search"
    structures: Count = Field(10, description="structures placed and relaxed together in one step")
    bond: Bond = Field((0.75, 1.25), description="a new atom sits this near a placed one (× covalent sum)")
    tries: Count = Field(100, description="tries to place one atom before starting afresh")
    fmax: PositiveFloat = Field(0.05, description="relaxed when the largest force is below (eV/Å)")
    steps: Count = Field(100, description="most relaxation steps")


class BasinHoppingSettings(SearchBase):
    """Basin hopping: rattle some atoms, relax, accept or reject."""

    name: Literal["basin-hopping"] = "basin-hopping"
    walkers: Count = Field(5, description="walkers that hop together in one step")
    kT: PositiveFloat = Field(0.25, description="a hop uphill is accepted with exp(−ΔE/kT) (eV)")
    fraction: Annotated[float, Field(gt=0, le=1)] = Field(0.25, description="part of the atoms that hop")
    amplitude: PositiveFloat = Field(3.0, description="longest hop of an atom (Å)")
    bond: Bond = Field((0.75, 1.25), description="an atom lands this near another one (× covalent sum)")
    tries: Count = Field(100, description="tries to find one atom a landing place")
    fmax: PositiveFloat = Field(0.05, description="relaxed when the largest force is below (eV/Å)")
    steps: Count = Field(100, description="most relaxation steps")


class OtherSearchSettings(SearchBase):
    """A search from another package, by its entry point in ``deltadesk.generators``."""

    name: str = Field(description="name of the entry point")
    settings: dict[str, Any] = Field(default_factory=dict, description="what that search asks for")


_SEARCHES = {"random-search": RandomSearchSettings, "basin-hopping": BasinHoppingSettings}


def _search_kind(search: Any) -> str:
    name = search.get("name") if isinstance(search, dict) else getattr(search, "name", None)
    return name if name in _SEARCHES else "other"


SearchSettings = Annotated[
    Annotated[RandomSearchSettings, Tag("random-search")]
    | Annotated[BasinHoppingSettings, Tag("basin-hopping")]
    | Annotated[OtherSearchSettings, Tag("other")],
    Discriminator(_search_kind),
]
"""One ``[[search]]``, told apart by its name."""


class SelectionSettings(Settings):
    """Which proposals a person is asked about."""

    rule: str = Field("lower-confidence-bound", description="registered acquisition rule")
    kappa: Annotated[float, Field(ge=0)] = Field(2.0, description="κ in E − κσ")
    diversity: Annotated[float, Field(ge=0)] = Field(
        1.0, description="eV gained by a structure as far from the batch and the labels as the pool allows"
    )
    flag_penalty: Annotated[float, Field(ge=0)] = Field(1.0, description="eV lost for each failed check")
    batch: Count = Field(5, description="candidates selected together")
    cold_start: Count = Field(5, description="labels before the Δ-model is first fitted")
    refit_every: Count = Field(5, description="labels between two fits")
    queue: Count = Field(20, description="most candidates waiting for a person")
    pool: Count = Field(200, description="most proposals kept for selection")
    probe: Count = Field(10, description="structures of the fixed probe set")
    entropy_target: PositiveFloat = Field(0.1, description="target accuracy of an energy (eV)")


class ChecksSettings(Settings):
    """What a person is warned of; a flag can be overruled."""

    closest_pair: Annotated[float, Field(ge=0)] = Field(
        0.6, description="shortest distance of two atoms that passes (× covalent sum)"
    )
    fragments: PositiveFloat = Field(1.3, description="longest bond when pieces are counted (× covalent sum)")
    largest_force: PositiveFloat = Field(
        1.0, description="largest predicted force after relaxation that passes (eV/Å)"
    )
    # 150 Ag8S4 minima in CHGNet: the same one, rattled by 0.1 Å and relaxed again, lies within both limits in
    # 96 % of cases (by 0.05 Å: in all); of different minima within 0.01 eV none is nearer than 0.0077
    duplicate_distance: Annotated[float, Field(ge=0)] = Field(
        0.006,
        description="the same minimum: summed SOAP vectors differ by less than this part of their length",
    )
    duplicate_energy: Annotated[float, Field(ge=0)] = Field(
        0.01, description="the same minimum: energies of the universal potential differ by less (eV)"
    )


class CurationSettings(Settings):
    """Who decides, and how long a decision can be taken back."""

    policy: Literal["person", "auto"] = Field(
        "person", description="person: nothing is spent without a person; auto: unflagged ones are approved"
    )
    hold: Annotated[float, Field(ge=0)] = Field(
        10.0, description="seconds an approval of a person stays revocable before money is spent"
    )


class ReferenceSettings(Settings):
    """What is paid for."""

    name: str = Field("gfn1-xtb", description="registered name, or 'ase' with a calculator")
    calculator: str | None = Field(None, description="for 'ase': import path, e.g. ase.calculators.emt:EMT")
    command: str | None = Field(
        None, description="for 'command': program and arguments, with {structure} and {result}"
    )
    settings: dict[str, Any] = Field(
        default_factory=dict,
        description="keyword arguments of the calculator; for 'command': the names of its two files",
    )
    executor: Literal["local", "slurm", "pbs", "lsf", "flux"] = Field("local", description="PSI/J executor")
    parallel: Count = Field(1, description="reference calculations at the same time")
    cores: Count = Field(1, description="cores of one calculation")
    time_limit: PositiveFloat = Field(3600.0, description="limit of one calculation (s)")
    memory_limit: PositiveFloat = Field(8.0, description="limit of one calculation (GB)")
    attempts: Count = Field(3, description="starts of one calculation that a crash of the machine may cost")


class CampaignSettings(Settings):
    """The whole of campaign.toml."""

    name: str = Field("Ag8S4", min_length=1, max_length=80, description="shown on the desk")
    seed: Annotated[int, Field(ge=0, lt=2**63)] = Field(1, description="same seed, same campaign in lockstep")
    budget: Count = Field(20, description="reference calculations that may be spent")
    pace: Literal["live", "lockstep"] = Field("live", description="live: nothing waits; lockstep: replayable")
    system: SystemSettings = SystemSettings()
    potential: PotentialSettings = PotentialSettings()
    delta: DeltaSettings = DeltaSettings()
    search: Annotated[tuple[SearchSettings, ...], Field(min_length=1)] = Field(
        (RandomSearchSettings(), BasinHoppingSettings()), description="searches that take turns"
    )
    selection: SelectionSettings = SelectionSettings()
    checks: ChecksSettings = ChecksSettings()
    curation: CurationSettings = CurationSettings()
    reference: ReferenceSettings = ReferenceSettings()

    @field_validator("name")
    @classmethod
    def _printable(cls, name: str) -> str:
        if not name.strip() or not name.isprintable():
            raise ValueError("must be printable text")
        return name

    @field_validator("search", mode="before")
    @classmethod
    def _list_of_tables(cls, search: Any) -> Any:
        if isinstance(search, dict):
            raise ValueError("searches are a list: write [[search]], with two brackets")
        return search

    @field_validator("search")
    @classmethod
    def _one_of_a_name(cls, search: tuple[SearchSettings, ...]) -> tuple[SearchSettings, ...]:
        names = [one.name for one in search]
        if len(set(names)) < len(names):
            raise ValueError(f"each search has one table, but these are listed: {', '.join(names)}")
        return search


def parse(text: str) -> CampaignSettings:
    """Read campaign.toml's text; raise `ConfigError` with one clear line if it cannot be used."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{FILENAME} is not valid TOML: {error}") from error
    try:
        return CampaignSettings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{FILENAME}: {_first_line(error)}") from error


def load(folder: Path) -> CampaignSettings:
    """Read a campaign folder's settings; a composition that was left out is that of the start structure.

    Raises
    ------
    ConfigError
        if campaign.toml cannot be used
    StructureError
        if the composition is to come from a file that cannot be used
    """
    path = folder / FILENAME
    try:
        settings = parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{folder} holds no {FILENAME}: make a campaign with `deltadesk new DIR`"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    system = settings.system
    if system.start is None or "composition" in system.model_fields_set:
        return settings
    formula = read_cluster(folder / system.start).get_chemical_formula()
    return settings.model_copy(update={"system": system.model_copy(update={"composition": formula})})


def split_command(command: str | None) -> list[str]:
    """Split a reference's command into words, as a shell would.

    Raises
    ------
    ConfigError
        if there is none, or its quotes do not close
    """
    try:
        words = shlex.split(command or "")
    except ValueError as error:
        raise ConfigError(f"{FILENAME}: reference.command = {command!r}: {error}") from error
    if not words:
        raise ConfigError(
            f'{FILENAME}: [reference] name = "command" needs command = "program {{structure}} {{result}}"'
        )
    return words


def _first_line(error: ValidationError) -> str:
    problem = error.errors()[0]
    where = [part for part in problem["loc"] if isinstance(part, str)]
    if problem["type"] == "extra_forbidden":
        if where[:2] == ["search", "other"]:
            known = ", ".join(sorted(_SEARCHES))
            return (
                f"setting {where[-1]!r} belongs to none of deltadesk's searches ({known}); those of a "
                "search from another package go into [search.settings]"
            )
        names = _names(where[:-1])
        close = difflib.get_close_matches(where[-1], names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names)}"
        return f"unknown setting {'.'.join(where)!r}; {hint}"
    if problem["type"] == "missing":
        return f"{where[-1]!r} is missing in [[{where[0]}]]"
    words = re.sub(r"^Value error, ", "", problem["msg"])
    got = "" if isinstance(problem["input"], dict | list | tuple) else f" = {problem['input']!r}"
    return f"{'.'.join(where) or 'settings'}{got}: {words}"


def _names(where: list[str]) -> list[str]:
    model: Any = CampaignSettings
    for part in where:
        model = _SEARCHES.get(part) or (model if part == "search" else model.model_fields[part].annotation)
    return list(model.model_fields)
