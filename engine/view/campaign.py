"""A campaign's folder, read only: what a notebook and the exports hold on to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import config
from engine.config import CampaignSettings, PotentialSettings
from engine.core import BARE_MODEL, Campaign, fold
from engine.core.folding import ImpossibleEventError
from engine.errors import CampaignError
from engine.store import Store
from engine.view import tables
from engine.whole import write_whole

if TYPE_CHECKING:
    import nglview
    import pandas as pd
    from ase import Atoms

    from engine.potentials.calculator import PotentialCalculator


class CampaignView:
    """Everything a campaign knows; each look reads what was written since the last one.

    Parameters
    ----------
    folder : the campaign's folder; it may be run by another process

    Raises
    ------
    DeltadeskError
        if the folder holds no campaign, or one that cannot be read
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser()
        config.load(self.folder)
        self.store = Store(self.folder)
        self._campaign = Campaign()

    def __repr__(self) -> str:
        campaign = self.snapshot
        return (
            f"CampaignView({campaign.name!r}: {campaign.state}, {len(campaign.labels)} labels, "
            f"{len(campaign.candidates)} candidates, model {campaign.model_id})"
        )

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    @property
    def settings(self) -> CampaignSettings:
        """What campaign.toml says now."""
        return config.load(self.folder)

    @property
    def snapshot(self) -> Campaign:
        """The campaign after its newest event."""
        try:
            self._campaign = fold(self.store.events(after=self._campaign.seq), self._campaign)
        except ImpossibleEventError as error:
            raise CampaignError(f"{self.store.path}: {error}") from error
        return self._campaign

    # ---- tables

    @property
    def candidates(self) -> pd.DataFrame:
        """What was put before a person, and what became of it."""
        campaign = self.snapshot
        rows = self.store.proposals(campaign.candidates)
        kinds = self.store.kinds(campaign.candidates)
        return tables.candidates(campaign, {row.candidate: row for row in rows}, kinds)

    @property
    def labels(self) -> pd.DataFrame:
        """Reference calculations that gave a label, in the order they came."""
        table = self.candidates
        return tables.labels(self._campaign, table)

    @property
    def events(self) -> pd.DataFrame:
        """The log."""
        return tables.events(self.store.events())

    @property
    def proposals(self) -> pd.DataFrame:
        """Every structure that a search proposed."""
        return tables.proposals(self.snapshot, self.store.summaries(), self.store.kinds())

    # ---- structures

    def structure(self, candidate: str) -> Atoms:
        """A candidate's or proposal's structure; labelled ones carry the reference's energy and forces."""
        return self.structures([candidate])[0]

    def structures(self, candidates: Iterable[str]) -> list[Atoms]:
        """Structures of `candidates`, in the order asked for."""
        return self.store.structures(candidates)

    def imported(self) -> list[Atoms]:
        """Structures with the labels that came from outside; ``info["source"]`` says whence."""
        campaign = self.snapshot
        if not campaign.imports:
            return []
        found = []
        for label in self.store.imported():
            label.structure.info["source"] = campaign.imports[label.source].source
            found.append(label.structure)
        return found

    def view(self, candidate: str) -> nglview.NGLWidget:
        """Look at a candidate in 3D, coloured by its uncertainty per atom where a model gave one."""
        from engine.view.widget import structure_widget

        structure = self.structure(candidate)
        score = self.store.scores([candidate]).get(candidate)
        return structure_widget(structure, score.atom_std if score else None)

    # ---- potentials

    def calculator(self, model_id: str | None = None) -> PotentialCalculator:
        """Return the corrected potential as an ASE calculator: of the newest model, or of `model_id`."""
        from engine.potentials import correction, saved
        from engine.potentials.calculator import PotentialCalculator
        from engine.potentials.delta import Delta

        label, path = self._potential(model_id)
        learnt = correction.load(path) if path else None
        return PotentialCalculator(Delta(saved.make_base(label.base), learnt), label.words)

    def save_potential(self, path: str | Path, model_id: str | None = None, *, force: bool = False) -> Path:
        """Write the corrected potential as one file that :func:`engine.load_potential` opens anywhere.

        Raises
        ------
        DeltadeskError
            if `path` exists (unless `force`) or cannot be written, or there is no such model
        """
        from engine.potentials import saved

        label, model = self._potential(model_id)
        content = saved.pack(label, model)
        return write_whole(Path(path), lambda part: part.write_bytes(content), force=force)

    def _potential(self, model_id: str | None) -> tuple[Any, Path | None]:
        from engine.potentials.saved import Label

        campaign = self.snapshot
        said: dict[str, Any] = dict(campaign.settings)
        known = [BARE_MODEL, *(model.model_id for model in campaign.models)]
        model_id = campaign.model_id if model_id is None else model_id
        if model_id not in known:
            raise CampaignError(f"{self.folder} has no model {model_id!r}; known: {', '.join(known)}")
        if not said:
            raise CampaignError(f"{self.folder} has not begun: start it with `deltadesk run`")
        fitted = model_id != BARE_MODEL
        label = Label(
            campaign=campaign.name,
            model_id=model_id,
            fitted=fitted,
            base=PotentialSettings.model_validate(said["potential"]),
            reference=said["reference"],
            imported=[source.model_dump(mode="json", exclude={"kind"}) for source in campaign.imports],
        )
        path = self.folder / "models" / f"{model_id}.npz"
        if fitted and not path.exists():
            raise CampaignError(f"{path} is missing: the Δ-model {model_id} cannot be read")
        return label, path if fitted else None
