"""A corrected potential in one file that leaves its campaign: base by name, Δ-model by its arrays.

The file is the Δ-model's own ``.npz`` (a zip of arrays, no pickles) with one more member, ``potential.json``,
that says which base potential it corrects. Before the first fit that member is all there is.
"""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from engine import registry
from engine.config import PotentialSettings
from engine.errors import CampaignError, ConfigError
from engine.potentials import correction
from engine.potentials.calculator import PotentialCalculator
from engine.potentials.delta import Delta
from engine.potentials.repulsion import WithRepulsion
from engine.protocols import Potential

MEMBER = "potential.json"
SCHEMA = 1


class Label(BaseModel):
    """What the file says of itself; energies in eV, forces in eV/Å.

    Attributes
    ----------
    base : the universal potential underneath
    model_id : Δ-model of the campaign; fitted unless the file holds only the base
    reference : what the Δ-model was fitted to, for people
    imported : labels from outside that it was fitted to as well, and their references
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA
    campaign: str
    model_id: str
    fitted: bool
    base: PotentialSettings
    reference: dict[str, Any]
    imported: list[dict[str, Any]] = []

    @property
    def words(self) -> str:
        """Name for people, e.g. ``chgnet-0.3.0 + m-0004``."""
        name = self.base.calculator or self.base.name
        return f"{name} + {self.model_id}" if self.fitted else name


def make_base(settings: PotentialSettings) -> Potential:
    """Make the universal potential that the settings name, with the repulsion that they ask for."""
    made: Potential = registry.make(
        "potentials", settings.name, calculator=settings.calculator, settings=settings.settings
    )
    return WithRepulsion(made, settings.repulsion) if settings.repulsion else made


def pack(label: Label, model: Path | None) -> bytes:
    """Return the file's content: a campaign's Δ-model (none before the first fit) and its label."""
    content = BytesIO(model.read_bytes() if model else b"")
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(MEMBER, label.model_dump_json())
    return content.getvalue()


def load(path: str | Path, *, trust: bool = False) -> PotentialCalculator:
    """Open what `pack` made; see :func:`engine.load_potential`."""
    path = Path(path)
    label = _label(path)
    if not trust and label.fitted and correction.opens_files(path):
        raise ConfigError(
            f"{path} asks for models in other files of this machine, which can run code: if you know where "
            "it comes from, engine.load_potential(path, trust=True)"
        )
    if not trust and _runs_code(label.base):
        base = label.base.calculator or label.base.name
        raise ConfigError(
            f"{path} asks for the base potential {base} with settings of its own, which can run code: "
            "if you know where it comes from, engine.load_potential(path, trust=True)"
        )
    try:
        learnt = correction.load(path) if label.fitted else None
    except zipfile.BadZipFile as error:
        raise CampaignError(f"{path} is damaged: {error}") from error
    return PotentialCalculator(Delta(make_base(label.base), learnt), label.words)


def _label(path: Path) -> Label:
    try:
        with zipfile.ZipFile(path) as archive:
            said = json.loads(archive.read(MEMBER))
            if said.get("schema_version", 0) > SCHEMA:
                raise CampaignError(f"{path} was written by a newer deltadesk: please update")
            return Label.model_validate(said)
    except FileNotFoundError as error:
        raise CampaignError(f"there is no file {path}") from error
    except KeyError as error:
        raise CampaignError(f"{path} holds no {MEMBER}: deltadesk did not write this potential") from error
    except (OSError, zipfile.BadZipFile, ValueError, AttributeError, ValidationError) as error:
        line = str(error).partition("\n")[0]
        raise CampaignError(f"{path} is not a potential that deltadesk wrote: {line}") from error


def _runs_code(base: PotentialSettings) -> bool:
    """Whether making it means more than a name of ours: an import path, or settings for one."""
    return base.name not in registry.BUILT_IN["potentials"] or bool(base.calculator or base.settings)
