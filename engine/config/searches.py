"""The searches that campaign.toml can name, one ``[[search]]`` each."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from engine.config.base import (
    MOST,
    Arguments,
    Bond,
    Count,
    FileName,
    NonNegativeFloat,
    PositiveFloat,
    Settings,
)


class SearchBase(Settings):
    """What every search has."""

    finite: ClassVar[bool] = False
    """Whether it offers a given set of structures as they are, all before any is picked, and then ends."""
    relaxed: ClassVar[bool] = True
    """False for a search whose structures are not meant to be minima: large forces are no flaw of theirs."""
    in_crystals: ClassVar[bool] = True
    """False for a search that places atoms in a box or on a surface."""

    share: PositiveFloat = Field(1.0, description="part of all steps that this search takes (any unit)")


class RandomSearchSettings(SearchBase):
    """Random structure search: place, relax, propose."""

    in_crystals = False

    name: Literal["random-search"] = "random-search"
    structures: Count = Field(10, description="structures placed and relaxed together in one step")
    bond: Bond = Field((0.75, 1.25), description="a new atom sits this near a placed one (× covalent sum)")
    tries: Count = Field(100, description="tries to place one atom before starting afresh")
    fmax: PositiveFloat = Field(0.05, description="relaxed when the largest force is below (eV/Å)")
    steps: Count = Field(100, description="most relaxation steps")


class HoppingSettings(SearchBase):
    """What every search has whose walkers hop."""

    in_crystals = False

    fraction: Annotated[float, Field(gt=0, le=1)] = Field(0.25, description="part of the atoms that hop")
    bond: Bond = Field((0.75, 1.25), description="an atom lands this near another one (× covalent sum)")
    tries: Count = Field(100, description="tries to find one atom a landing place")
    steps: Count = Field(100, description="most relaxation steps")


class BasinHoppingSettings(HoppingSettings):
    """Basin hopping: rattle some atoms, relax, accept or reject."""

    name: Literal["basin-hopping"] = "basin-hopping"
    walkers: Count = Field(5, description="walkers that hop together in one step")
    kT: PositiveFloat = Field(0.25, description="a hop uphill is accepted with exp(−ΔE/kT) (eV)")
    amplitude: PositiveFloat = Field(3.0, description="longest hop of an atom (Å)")
    fmax: PositiveFloat = Field(0.05, description="relaxed when the largest force is below (eV/Å)")


class ReplicaExchangeSettings(HoppingSettings):
    """Replica exchange: walkers at rising temperatures that swap places."""

    name: Literal["replica-exchange"] = "replica-exchange"
    walkers: Annotated[int, Field(ge=2, le=MOST)] = Field(10, description="walkers, one a temperature")
    kT: tuple[PositiveFloat, PositiveFloat] = Field(
        (0.02, 2.0), description="temperatures of the coldest and the hottest walker, a geometric ladder (eV)"
    )
    amplitude: tuple[PositiveFloat, PositiveFloat] = Field(
        (0.1, 5.0), description="longest hop of the coldest and of the hottest walker at the start (Å)"
    )
    swap_every: Count = Field(10, description="rounds between two attempts to swap neighbours")
    offer_every: Annotated[int, Field(ge=0, le=MOST)] = Field(
        0,
        description="rounds between two offers of where the walkers stand, if they moved since the last one "
        "(0: every minimum that a walker tries is offered at once)",
    )
    fmax: PositiveFloat = Field(0.025, description="relaxed when the largest force is below (eV/Å)")

    @field_validator("kT", "amplitude")
    @classmethod
    def _rises(cls, ladder: tuple[float, float]) -> tuple[float, float]:
        if ladder[0] > ladder[1]:
            raise ValueError("the coldest walker comes first: write the smaller number first")
        return ladder


class GOFEESettings(HoppingSettings):
    """GOFEE: candidates compete in E − κσ, and only the lowest of each round is proposed."""

    name: Literal["gofee"] = "gofee"
    candidates: Count = Field(10, description="candidates that compete in one round")
    random_rounds: Annotated[int, Field(ge=0, le=MOST)] = Field(5, description="first rounds, all random")
    random_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.2, description="part of the candidates that is random afterwards; the others are rattled parents"
    )
    parents: Count = Field(5, description="clusters of labelled structures, whose lowest are the parents")
    parent_window: PositiveFloat = Field(5.0, description="highest energy of a parent above the best (eV)")
    kappa: NonNegativeFloat = Field(2.0, description="κ in E − κσ, in which they are relaxed")
    dual_step: NonNegativeFloat = Field(
        0.1,
        description="one step along the forces of each label is labelled too, on the same approval: how far "
        "the atom moves that feels the largest (Å; 0: no such dual point)",
    )
    amplitude: PositiveFloat = Field(3.0, description="longest hop of an atom (Å)")
    fmax: PositiveFloat = Field(0.05, description="relaxed when the largest force is below (eV/Å)")


class AscentSettings(SearchBase):
    """Ascent of σ: labelled structures climb the slope of their uncertainty; nothing is relaxed."""

    relaxed = False

    name: Literal["ascent"] = "ascent"
    structures: Count = Field(5, description="labelled structures that climb together in one step")
    steps: Count = Field(20, description="most steps of a climb")
    step: PositiveFloat = Field(0.05, description="how far the atom moves that is pushed most (Å)")
    trust: PositiveFloat = Field(0.5, description="no atom goes further from where it was labelled (Å)")
    push: PositiveFloat = Field(
        0.02, description="standard deviation of a first random push, for σ has no slope at a label (Å)"
    )
    closest: NonNegativeFloat = Field(
        0.7, description="no two atoms come nearer than this (× covalent sum), unless they were"
    )


class MDSettings(SearchBase):
    """Molecular dynamics: frames that are uncertain and not too high in energy; nothing relaxed."""

    relaxed = False

    name: Literal["md"] = "md"
    rattle: PositiveFloat = Field(
        0.1,
        description="before there are forces to follow, every atom is moved at random: standard deviation "
        "along x, y, z (Å)",
    )
    trajectories: Count = Field(4, description="trajectories that run together, one batch a step of all")
    frames: Count = Field(20, description="frames of each that one step of the search looks at")
    steps: Count = Field(10, description="steps of the dynamics from one frame to the next")
    length: Count = Field(10, description="steps of the search after which trajectories begin anew")
    temperature: NonNegativeFloat = Field(300.0, description="of the bath (K)")
    timestep: PositiveFloat = Field(5.0, description="of the dynamics (fs)")
    friction: NonNegativeFloat = Field(0.003, description="of the bath (1/fs; 0: constant energy)")
    uncertainty: Literal["max", "mean", "relative-max", "relative-mean", "energy"] = Field(
        "max",
        description="of a frame: largest or mean spread of the members' forces, or that of the energy, which "
        "also a model alone has",
    )
    viability: Literal["figure", "printed", "almomd-0.2.0"] = Field(
        "figure",
        description="form of P_E: as the paper draws it, as it prints it, or its program's",
    )
    shift: float = Field(2.0, ge=0, le=100, description="P_U is ½ at mean + shift × std of test frames")
    grad: PositiveFloat = Field(1.0, description="width of that step (× std)")
    test_frames: Annotated[int, Field(ge=2, le=1000)] = Field(
        20,
        description="first frames, or rattled ones, never proposed: their energies and uncertainties "
        "are the measure",
    )
    proposals: Count = Field(5, description="most frames proposed in one step of the search")
    novelty: NonNegativeFloat = Field(
        0.05, description="a frame is this far from every label and earlier frame (root mean square, Å)"
    )
    largest_force: PositiveFloat = Field(
        30.0, description="beyond this a trajectory has exploded: it goes back to its last good frame (eV/Å)"
    )


class StrainSettings(SearchBase):
    """Strain, vacancies, interstitials and surfaces of the start structure, a crystal; nothing is relaxed."""

    finite = True
    relaxed = False

    name: Literal["strain"] = "strain"
    kinds: Annotated[
        tuple[Literal["strain", "volume", "vacancy", "interstitial", "surface"], ...], Field(min_length=1)
    ] = Field(
        ("strain", "vacancy", "interstitial", "surface"),
        description="what is made; volume: all three axes by plus and minus each strain; surfaces 100, 110 "
        "and 111",
    )
    structures: Count = Field(10, description="structures proposed in one step")
    strains: tuple[Annotated[float, Field(gt=0, le=0.3)], ...] = Field(
        (0.005, 0.01, 0.02, 0.03, 0.04), description="each of the six strains, by plus and minus these"
    )
    rattle: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0, description="standard deviation by which every atom is moved along x, y, z (Å)"
    )
    copies: Count = Field(1, description="how often each structure is proposed, rattled afresh")
    ideal: bool = Field(
        False, description="propose each once more, with every atom in its place: what elastic constants ask"
    )
    edge: PositiveFloat = Field(10.0, description="defects are at least this far from their images (Å)")
    thickness: PositiveFloat = Field(8.0, description="of a slab, at least (Å)")
    vacuum: PositiveFloat = Field(10.0, description="empty space above a slab (Å)")

    @model_validator(mode="after")
    def _differ(self) -> StrainSettings:
        copies = self.copies + self.ideal
        if copies > 1 and self.rattle == 0:
            raise ValueError(f"{copies} copies are the same structure: set rattle, too")
        return self


class PoolSettings(SearchBase):
    """A pool: structures of a file and data sets of the crystal, offered as they are, each once."""

    finite = True
    relaxed = False

    name: Literal["pool"] = "pool"
    source: FileName | None = Field(
        None,
        description="file of structures that ASE reads, in the campaign's folder; its energies are no labels",
    )
    kinds: tuple[Literal["volume", "small", "large", "random"], ...] = Field(
        (), description="data sets made of the crystal: volume, small, large (distortions), random"
    )
    count: Count = Field(200, description="structures of each kind")
    chunk: Count = Field(100, description="structures offered in one step")

    @model_validator(mode="after")
    def _has_structures(self) -> PoolSettings:
        if self.source is None and not self.kinds:
            raise ValueError('a pool needs source = "pool.extxyz", or kinds = ["volume", "small"], or both')
        if len(set(self.kinds)) < len(self.kinds):
            raise ValueError("kinds are listed once each")
        return self


class OtherSearchSettings(SearchBase):
    """A search from another package, by its entry point in ``deltadesk.generators``."""

    name: str = Field(description="name of the entry point")
    settings: Arguments = Field(default_factory=dict, description="what that search asks for")


SEARCHES = {
    "random-search": RandomSearchSettings,
    "basin-hopping": BasinHoppingSettings,
    "replica-exchange": ReplicaExchangeSettings,
    "gofee": GOFEESettings,
    "ascent": AscentSettings,
    "md": MDSettings,
    "pool": PoolSettings,
    "strain": StrainSettings,
}
"""Settings of deltadesk's own searches, by name."""


def _search_kind(search: Any) -> str:
    name = search.get("name") if isinstance(search, dict) else getattr(search, "name", None)
    return name if isinstance(name, str) and name in SEARCHES else "other"


SearchSettings = Annotated[
    Annotated[RandomSearchSettings, Tag("random-search")]
    | Annotated[BasinHoppingSettings, Tag("basin-hopping")]
    | Annotated[ReplicaExchangeSettings, Tag("replica-exchange")]
    | Annotated[GOFEESettings, Tag("gofee")]
    | Annotated[AscentSettings, Tag("ascent")]
    | Annotated[MDSettings, Tag("md")]
    | Annotated[PoolSettings, Tag("pool")]
    | Annotated[StrainSettings, Tag("strain")]
    | Annotated[OtherSearchSettings, Tag("other")],
    Discriminator(_search_kind),
]
"""One ``[[search]]``, told apart by its name."""
