"""The tables of campaign.toml: every setting has a default, a bound, and a unit in its description.

Nothing here knows how a setting is used.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from engine.config.base import MOST, Arguments, Count, NonNegativeFloat, PositiveFloat, Settings
from engine.config.committee import FROM_FILES, CommitteeSettings
from engine.config.landscape import LandscapeSettings
from engine.config.properties import PropertiesSettings
from engine.config.searches import (
    BasinHoppingSettings,
    MDSettings,
    PoolSettings,
    RandomSearchSettings,
    SearchSettings,
    StrainSettings,
)
from engine.config.system import SystemSettings
from engine.config.watch import WatchSettings

WATCH = "watch"
"""In place of a search's name, of frames around a jump."""
SAME_FEATURES = 1e-5
"""A structure that went through a file differs from itself by less than this part of its SOAP vector."""
SAME_ENERGY = 1e-3
"""And by less than this (eV), also in a potential that computes in single precision."""


class PotentialSettings(Settings):
    """The universal potential underneath."""

    name: str = Field("chgnet-0.3.0", description="registered name, or 'ase' with a calculator")
    calculator: str | None = Field(None, description="for 'ase': import path, e.g. ase.calculators.emt:EMT")
    settings: Arguments = Field(default_factory=dict, description="for 'ase': keyword arguments")
    repulsion: Annotated[float, Field(ge=0, le=2)] = Field(
        0.0, description="nuclei repel (ZBL) where atoms are nearer than this (× covalent sum; 0: not at all)"
    )


class PretrainingSettings(Settings):
    """Labels from outside: the Δ-model is fitted to them before the first label of this campaign."""

    source: str = Field(
        "",
        min_length=1,
        validate_default=True,
        description="a file with energies that ASE reads, or another campaign's folder; copied at the start",
    )
    mix: bool = Field(
        False, description="use it although its reference differs from this campaign's, or is not known"
    )


class DeltaSettings(Settings):
    """The Δ-model: sparse Gaussian-process regression on local SOAP."""

    r_cut: Annotated[float, Field(gt=1, le=100)] = Field(7.0, description="SOAP cutoff (Å)")
    n_max: Annotated[int, Field(ge=1, le=30)] = Field(3, description="SOAP radial functions")
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


class SelectionSettings(Settings):
    """Which proposals a person is asked about."""

    rule: str = Field("lower-confidence-bound", description="registered acquisition rule")
    kappa: NonNegativeFloat = Field(2.0, description="κ in E − κσ")
    diversity: NonNegativeFloat = Field(
        1.0, description="eV gained by a structure as far from the batch and the labels as the pool allows"
    )
    flag_penalty: NonNegativeFloat = Field(1.0, description="eV lost for each failed check")
    batch: Count = Field(5, description="candidates selected together")
    cold_start: Count = Field(5, description="labels before the Δ-model is first fitted")
    refit_every: Count = Field(5, description="labels between two fits")
    queue: Count = Field(20, description="most candidates waiting for a person")
    pool: Count = Field(200, description="most proposals kept for selection")
    probe: Count = Field(10, description="structures of the fixed probe set")
    entropy_target: PositiveFloat = Field(0.1, description="target accuracy of an energy (eV)")
    responses: Literal["energy", "all"] = Field(
        "energy",
        description="high-entropy: what members are compared in; all: energy an atom, stress (where every "
        "proposal has one) and largest force together, on the scales 0.005 eV, 0.003 eV/Å³ and 0.05 eV/Å",
    )


class StopSettings(Settings):
    """When enough is known, before the budget is spent; 0 asks for nothing."""

    error: NonNegativeFloat = Field(
        0.0, description="mean absolute error on labels held out that is small enough (eV an atom)"
    )
    entropy: NonNegativeFloat = Field(
        0.0, description="the probe set's mean entropy has settled when it moves by less (nat)"
    )
    acceptance: NonNegativeFloat = Field(
        0.0,
        description="md: as many frames are accepted as its test frames expect, within so many standard "
        "deviations of chance, and the error on labels held out no longer falls by a tenth",
    )
    quiet: Annotated[int, Field(ge=0, le=MOST)] = Field(
        0,
        description="md, where it is the only search: so many frames in a row were judged in one model since "
        "the last start, and none was proposed",
    )
    cycles: Annotated[int, Field(ge=1, le=1000)] = Field(
        2, description="fits in a row that must say so, but for quiet"
    )


class ChecksSettings(Settings):
    """What a person is warned of; a flag can be overruled."""

    closest_pair: NonNegativeFloat = Field(
        0.6, description="shortest distance of two atoms that passes (× covalent sum)"
    )
    fragments: PositiveFloat = Field(1.3, description="longest bond when pieces are counted (× covalent sum)")
    largest_force: PositiveFloat = Field(
        1.0, description="largest predicted force after relaxation that passes (eV/Å)"
    )
    # 150 Ag8S4 minima in CHGNet: the same one, rattled by 0.1 Å and relaxed again, lies within both limits in
    # 96 % of cases (by 0.05 Å: in all); of different minima within 0.01 eV none is nearer than 0.0077
    duplicate_distance: NonNegativeFloat = Field(
        0.006,
        description="the same minimum: summed SOAP vectors differ by less than this part of their length",
    )
    duplicate_energy: NonNegativeFloat = Field(
        0.01, description="the same minimum: energies of the universal potential differ by less (eV)"
    )


class CurationSettings(Settings):
    """Who decides, and how long a decision can be taken back."""

    policy: Literal["person", "auto"] = Field(
        "person",
        description="person: nothing is spent without a person; auto: vetoes flagged ones, approves others",
    )
    hold: NonNegativeFloat = Field(
        10.0, description="seconds an approval of a person stays revocable before money is spent"
    )
    control: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0, description="part of a person's vetoes that is asked about once more, to learn what vetoes save"
    )
    control_budget: Annotated[int, Field(ge=0, le=MOST)] = Field(
        0, description="reference calculations for that control sample, beside the budget"
    )

    @model_validator(mode="after")
    def _paid_for(self) -> CurationSettings:
        if self.control and not self.control_budget:
            raise ValueError("a control sample costs reference calculations: set control_budget as well")
        return self


_QueueWord = Annotated[str, Field(max_length=80, pattern=r"^[\w.,:+@-]*$")]
"""Stands in the script that a scheduler reads."""


class ReferenceSettings(Settings):
    """What is paid for."""

    name: str = Field("gfn1-xtb", description="registered name, or 'ase' with a calculator")
    calculator: str | None = Field(None, description="for 'ase': import path, e.g. ase.calculators.emt:EMT")
    command: str | None = Field(
        None, description="for 'command': program and arguments, with {structure} and {result}"
    )
    settings: Arguments = Field(
        default_factory=dict,
        description="keyword arguments of the calculator; for 'command': the names of its two files",
    )
    executor: Literal["local", "slurm", "pbs", "lsf", "flux"] = Field("local", description="PSI/J executor")
    partition: _QueueWord = Field(
        "", description="of the batch scheduler: its partition or queue; empty: its own"
    )
    account: _QueueWord = Field("", description="of the batch scheduler: who pays; empty: its own")
    parallel: Count = Field(1, description="reference calculations at the same time")
    cores: Count = Field(1, description="cores of one calculation")
    time_limit: PositiveFloat = Field(3600.0, description="limit of one calculation (s)")
    memory_limit: PositiveFloat = Field(8.0, description="limit of one calculation (GB)")
    attempts: Count = Field(3, description="starts of one calculation that a crash of the machine may cost")
    largest_force: PositiveFloat = Field(
        100.0, description="a label with a larger force than this (eV/Å) is absurd and counts as failed"
    )
    stress: bool = Field(
        True,
        description="labels of crystals carry their stress, where the calculator has it; false: where it "
        "takes long and nothing learns from it",
    )
    quarantine_after: Count = Field(
        1,
        description="failures of one candidate after which only a person tries it again, and what is like it "
        "is flagged; with more than 1, a calculation that crashed is repeated until then",
    )
    pause_after: Count = Field(3, description="failures in a row after which the campaign pauses itself")

    @model_validator(mode="after")
    def _a_queue_is_told(self) -> ReferenceSettings:
        if self.executor == "local" and (self.partition or self.account):
            raise ValueError(
                'partition and account are for a batch scheduler: set executor = "slurm" or another one'
            )
        return self


class CampaignSettings(Settings):
    """The whole of campaign.toml."""

    name: str = Field("Ag8S4", min_length=1, max_length=80, description="shown on the desk")
    seed: Annotated[int, Field(ge=0, lt=2**63)] = Field(1, description="same seed, same campaign in lockstep")
    budget: Count = Field(20, description="reference calculations that may be spent")
    pace: Literal["live", "lockstep"] = Field("live", description="live: nothing waits; lockstep: replayable")
    system: SystemSettings = SystemSettings()
    potential: PotentialSettings = PotentialSettings()
    delta: DeltaSettings = DeltaSettings()
    committee: CommitteeSettings = CommitteeSettings()
    pretraining: tuple[PretrainingSettings, ...] = Field(
        (), description="labels from outside that the Δ-model knows from the start"
    )
    search: Annotated[tuple[SearchSettings, ...], Field(min_length=1)] = Field(
        (RandomSearchSettings(), BasinHoppingSettings()), description="searches that take turns"
    )
    selection: SelectionSettings = SelectionSettings()
    stop: StopSettings = StopSettings()
    properties: PropertiesSettings = PropertiesSettings()
    watch: WatchSettings = WatchSettings()
    landscape: LandscapeSettings = LandscapeSettings()
    checks: ChecksSettings = ChecksSettings()
    curation: CurationSettings = CurationSettings()
    reference: ReferenceSettings = ReferenceSettings()

    @property
    def seeks_minima(self) -> bool:
        """Whether a low energy is what it is for; where nothing is relaxed, as in md, it is a small error."""
        return any(one.relaxed for one in self.search)

    def checks_of(self, search: str) -> ChecksSettings:
        """What is checked in what a search offers.

        Where nothing was relaxed forces are left, and two of much the same energy and shape are not one
        minimum found twice. Only the same structure again is a duplicate.
        """
        if search != WATCH and all(one.relaxed for one in self.search if one.name == search):
            return self.checks
        limits = {
            "largest_force": math.inf,
            "duplicate_distance": min(self.checks.duplicate_distance, SAME_FEATURES),
            "duplicate_energy": min(self.checks.duplicate_energy, SAME_ENERGY),
        }
        return self.checks.model_copy(update=limits)

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

    @model_validator(mode="after")
    def _files_say_the_whole_energy(self) -> CampaignSettings:
        if self.committee.kind in FROM_FILES and self.potential.name != "none":
            raise ValueError(
                f"the models of a committee of kind = {self.committee.kind!r} say the whole energy: "
                'set [potential] name = "none"'
            )
        return self

    @model_validator(mode="after")
    def _searches_fit_the_system(self) -> CampaignSettings:
        for search in self.search:
            if self.system.is_crystal and not search.in_crystals:
                raise ValueError(
                    f"{search.name} places atoms in a box or on a surface, not in a crystal: there, searches "
                    "like pool work"
                )
            if isinstance(search, PoolSettings) and search.kinds and not self.system.is_crystal:
                raise ValueError("the kinds of a pool are made of a crystal: set [system.crystal] lattice")
            if isinstance(search, StrainSettings) and not self.system.is_crystal:
                raise ValueError("strain makes its structures of a crystal: set [system.crystal] lattice")
        return self

    @model_validator(mode="after")
    def _watch_is_longer_than_the_data(self) -> CampaignSettings:
        md = next((one for one in self.search if isinstance(one, MDSettings)), None)
        if md is None or not self.watch.frames:
            return self
        frame = self.watch.steps * self.watch.timestep  # fs
        data = md.length * md.frames * md.steps * md.timestep
        least = math.floor(round(data / frame, 9)) + 1
        if self.watch.frames < least:
            raise ValueError(
                f"the watch follows trajectories for {self.watch.frames * frame / 1000:g} ps, no longer than "
                f"the {data / 1000:g} ps of md, where the labels come from: set [watch] frames to at least "
                f"{least}"
            )
        return self

    @model_validator(mode="after")
    def _barriers_are_between_minima(self) -> CampaignSettings:
        if self.landscape.barriers and (self.system.is_crystal or not self.seeks_minima):
            raise ValueError(
                "barriers lie between minima of a cluster or on a surface, which a search relaxes: "
                "leave [landscape] barriers out"
            )
        return self

    @model_validator(mode="after")
    def _properties_are_of_a_crystal_and_of_members(self) -> CampaignSettings:
        if self.properties.measure and not self.system.is_crystal:
            raise ValueError("properties are measured of a crystal: set [system.crystal] lattice")
        if self.properties.measure and self.committee.kind == "none":
            raise ValueError("properties are measured of a committee's members: set [committee] kind")
        return self
