"""What goes out, whatever the format: structures, each with where it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from ase import Atoms

from engine.core import Campaign, LabelsImported
from engine.errors import CampaignError
from engine.protocols import FloatArray
from engine.view import CampaignView

What = Literal["labels", "candidates", "proposals"]

_CHUNK = 256  # structures read from the database at once


@dataclass(frozen=True)
class Frame:
    """One structure on its way out.

    Attributes
    ----------
    structure : with the reference's energy (eV) and forces (eV/Å) in a single-point calculator, if labelled
    provenance : plain JSON, by the columns' names of :func:`table`; None where something is not known
    atom_std : (n_atoms,) eV, of the model that predicted, or None
    """

    candidate: str
    structure: Atoms
    provenance: dict[str, Any]
    atom_std: FloatArray | None


def table(view: CampaignView, what: What) -> pd.DataFrame:
    """One row a frame: the view's table, and what holds for the whole campaign.

    Raises
    ------
    CampaignError
        if there is nothing to export yet
    """
    found: pd.DataFrame = getattr(view, what)
    if found.empty:
        others = "" if what == "proposals" else "; --what proposals takes every structure found so far"
        raise CampaignError(f"{view.folder} has no {what} yet: there is nothing to export{others}")
    return found.assign(**_of_campaign(view.snapshot))


def frames(view: CampaignView, rows: pd.DataFrame) -> Iterator[Frame]:
    """Frames of a :func:`table`, read as they are asked for."""
    for start in range(0, len(rows), _CHUNK):
        part = rows.iloc[start : start + _CHUNK]
        structures = view.structures(part.index)
        for (candidate, row), structure in zip(part.iterrows(), structures, strict=True):
            score = view.store.scores([candidate], row["model_id"]).get(candidate)
            labelled = not pd.isna(row.get("energy_eV"))
            yield Frame(
                candidate=candidate,
                structure=structure if labelled else _bare(structure),
                provenance=_provenance(row),
                atom_std=score.atom_std if score else None,
            )


def _of_campaign(campaign: Campaign) -> dict[str, Any]:
    said: dict[str, Any] = dict(campaign.settings)
    reference, potential = said["reference"], said["potential"]
    return {
        "campaign": campaign.name,
        "seed": campaign.seed,
        "base_potential": potential["calculator"] or potential["name"],
        "reference": reference["calculator"] or reference["name"],
        "pretraining": "; ".join(_words(source) for source in campaign.imports) or None,
    }


def _words(source: LabelsImported) -> str:
    """What the models of a campaign knew from outside: how many labels, whence, of which reference."""
    if source.same_reference:
        return f"{source.count} labels of {source.source} (the same reference)"
    kinds = [
        f"{r.count} of {f'{r.code} {r.version}'.strip() or 'an unknown code'}" for r in source.references
    ]
    return f"{source.count} labels of {source.source} (mixed: {', '.join(kinds)})"


def _bare(structure: Atoms) -> Atoms:
    """Without a label that came after the table was read."""
    structure.calc = None
    return structure


def _provenance(row: pd.Series) -> dict[str, Any]:
    said = {key: _plain(value) for key, value in row.items()}
    # as a table of its own: ASE writes no text with quotes that it could read again
    if said.get("reference_settings"):
        said["reference_settings"] = json.loads(said["reference_settings"])
    return said


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
