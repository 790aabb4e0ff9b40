"""Forces on a candidate that has no label yet, as a model has them; in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import config
from engine.core.campaign import BARE_MODEL
from engine.errors import CampaignError
from engine.protocols import FloatArray


@dataclass(frozen=True)
class PredictedForces:
    """(n, 3) eV/Å of `candidate` in the model `model_id`."""

    candidate: str
    model_id: str
    forces: FloatArray


def predicted_forces(folder: Path, candidate: str, model_id: str) -> PredictedForces:
    """Forces of the universal potential with the correction of `model_id`.

    Raises
    ------
    DeltadeskError
        if the model is not there, or says nothing of forces
    """
    from engine.loop.scoring import (  # with the potentials, for which no page waits
        base_of,
        model_of,
        model_path,
    )
    from engine.potentials.delta import Delta
    from engine.store import Store

    settings = config.load(folder)
    bare = model_id == BARE_MODEL
    if bare and settings.potential.name == "none":
        raise CampaignError("there is no model before the first fit")
    if not bare and not model_path(folder, model_id).exists():
        raise CampaignError(f"the model {model_id} is not here, as in every recorded campaign")
    store = Store(folder)
    try:
        structures = store.structures([candidate])
    finally:
        store.close()
    surrogate = Delta(base_of(settings), None if bare else model_of(model_path(folder, model_id)))
    forces = surrogate.predict(structures).forces[0]
    if not np.isfinite(forces).all():
        raise CampaignError(f"{model_id} gives no finite forces for it")
    return PredictedForces(candidate, model_id, np.asarray(forces))
