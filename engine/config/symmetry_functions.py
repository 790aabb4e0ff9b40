"""Which atom-centred symmetry functions describe an atom: read from a data file that a user can replace."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assets import asset
from engine.config.committee import CommitteeSettings
from engine.errors import ConfigError

_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class AngularGrid(BaseModel):
    """Every combination of these is one G4: η (1/Å²), ζ, λ."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    eta: tuple[_NotNegative, ...] = ()
    zeta: tuple[_Positive, ...] = ()
    sign: tuple[Annotated[float, Field(ge=-1, le=1)], ...] = Field((), alias="lambda")


class SymmetryFunctions(BaseModel):
    """Radial and angular functions within one cutoff.

    Behler, J. Chem. Phys. 134, 074106 (2011).

    Attributes
    ----------
    r_cut : Å
    g2 : (n_radial, 2) η (1/Å²) and R_s (Å)
    g4 : grid of η (1/Å²), ζ and λ
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    r_cut: _Positive
    g2: tuple[tuple[_NotNegative, _NotNegative], ...] = ()
    g4: AngularGrid = AngularGrid()

    @classmethod
    def read(cls, path: Path) -> SymmetryFunctions:
        """Read a data file.

        Raises
        ------
        ConfigError
            if it cannot be read, or does not describe functions
        """
        try:
            with path.open("rb") as file:
                found = cls.model_validate(tomllib.load(file))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} holds no symmetry functions: {error}") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ConfigError(f"{path}: {where}: {first['msg']}, got {first['input']!r}") from error
        if not found.g2 and not found.angular:
            raise ConfigError(f"{path} names no symmetry function: write g2 or [g4]")
        return found

    @property
    def angular(self) -> tuple[tuple[float, float, float], ...]:
        """(n_angular, 3) η, ζ, λ."""
        return tuple(itertools.product(self.g4.eta, self.g4.zeta, self.g4.sign))

    def n_features(self, n_species: int) -> int:
        """Length of one atom's vector: radial functions of each species, angular ones of each pair."""
        return n_species * len(self.g2) + n_species * (n_species + 1) // 2 * len(self.angular)

    def names(self, species: Sequence[str] = ("",)) -> tuple[str, ...]:
        """What each feature of an atom is, in their order: function, species that it counts, parameters."""
        pairs = itertools.combinations_with_replacement(species, 2)
        radial = [
            " ".join(filter(None, ("G2", one, f"η {eta:g}", f"R {shift:g}" if shift else "")))
            for one in species
            for eta, shift in self.g2
        ]
        angular = [
            " ".join(filter(None, ("G4", first + second, f"η {eta:g}", f"ζ {zeta:g}", f"λ {sign:+g}")))
            for first, second in pairs
            for eta, zeta, sign in self.angular
        ]
        return tuple(name.replace("-", "−") for name in radial + angular)


def symmetry_functions(committee: CommitteeSettings, folder: Path) -> SymmetryFunctions:
    """What describes atoms to a committee of networks.

    Parameters
    ----------
    committee : its settings
    folder : where a file that they name is looked for

    Raises
    ------
    ConfigError
        if that file cannot be used
    """
    own = committee.descriptors
    return SymmetryFunctions.read(asset("descriptors/assumed-37.toml") if own is None else folder / own)
