"""The regret report with what the present model says of every vetoed and labelled candidate; in a worker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core import NOT_A_PERSON, Campaign, Regret, Status, Today, fold, regret

if TYPE_CHECKING:
    from engine.config import CampaignSettings
    from engine.store import Proposed, Store


def regrets(folder: Path, until: int) -> Regret:
    """Read what curation has cost or saved, as known at event `until`.

    Where the present model is not there, as in a recorded campaign, the newest score of each counts.

    Raises
    ------
    DeltadeskError
        if the database cannot be used
    """
    from engine.config import CampaignSettings
    from engine.store import Store

    store = Store(folder)
    try:
        campaign = fold(store.events(up_to=until))
        settings = CampaignSettings.model_validate(dict(campaign.settings))
        return regret(campaign, _today(campaign, store, settings))
    finally:
        store.close()


def _today(campaign: Campaign, store: Store, settings: CampaignSettings) -> dict[str, Today]:
    labelled = [campaign.candidates[name] for name in campaign.labels]
    people = (c for c in campaign.with_status(Status.VETOED) if c.decision and not c.attempt)
    vetoed = [c for c in people if c.decision and c.decision.auth not in NOT_A_PERSON]
    names = [c.id for c in (*labelled, *vetoed)]
    if not vetoed and all(c.decision is None or c.decision.auth in NOT_A_PERSON for c in labelled):
        return {}
    rows, structures = store.proposals(names), store.structures(names)
    energies = _energies(campaign, store, rows)
    repeated = _repeated(rows[: len(labelled)], settings)
    return {
        row.candidate: Today(
            energy, structure.get_chemical_formula(), len(structure), row.candidate in repeated
        )
        for row, structure, energy in zip(rows, structures, energies, strict=True)
    }


def _energies(campaign: Campaign, store: Store, rows: Sequence[Proposed]) -> list[float]:
    """Of the present model (eV)."""
    from engine.loop.scoring import model_path, score_rows  # with the potentials, for which no page waits

    model_id = campaign.model_id
    if campaign.model is None or model_path(store.folder, model_id).exists():
        return [score.energy for score in score_rows(store, model_id, rows)]
    known = store.scores([row.candidate for row in rows])
    return [known[row.candidate].energy if row.candidate in known else row.base_energy for row in rows]


def _repeated(rows: Sequence[Proposed], settings: CampaignSettings) -> set[str]:
    """Labels whose structure is a duplicate of one labelled before, as the check has it."""
    from engine.checks import Duplicate
    from engine.loop.messages import search_of
    from engine.protocols import Known

    if settings.potential.name == "none":  # all have the same energy: none is compared
        return set()
    known: list[Known] = []
    repeated = set()
    for row in rows:
        check = Duplicate(settings.checks_of(search_of(row.generator)))
        if check.compare(row.base_energy, row.features, known) is not None:
            repeated.add(row.candidate)
        known.append(Known(row.candidate, row.base_energy, row.features))
    return repeated
