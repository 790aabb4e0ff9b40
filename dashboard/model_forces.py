"""Forces on the candidate on the screen before it has a label: asked of a worker once a person wants them."""

from __future__ import annotations

from dashboard.asking import Asking
from dashboard.runtime import Runtime
from engine.loop.predicted_forces import PredictedForces, predicted_forces
from engine.protocols import FloatArray
from engine.store import Store


class ModelForces:
    """One candidate at a time, in one model; `came` tells once a worker has answered."""

    def __init__(self, runtime: Runtime) -> None:
        self._asking = Asking(runtime, rest=0.0)
        self._wanted: tuple[Store, str, str] | None = None

    def of(self, store: Store, candidate: str, model_id: str) -> FloatArray | None:
        """(n, 3) eV/Å, or None while they are not known: `words` says why."""
        self._wanted = store, candidate, model_id
        self._look()
        found: PredictedForces | None = self._asking.value
        if found is None or (found.candidate, found.model_id) != (candidate, model_id):
            return None
        return found.forces

    def forget(self) -> None:
        """Nobody wants them any more."""
        self._wanted = None

    def came(self) -> bool:
        """Whether a worker has answered since the last look."""
        return self._look()

    @property
    def words(self) -> str:
        """Why there are none."""
        if self._asking.problem and not self._asking.computes:
            return f"no forces: {self._asking.problem}"
        return "forces: the model computes them"

    def _look(self) -> bool:
        if self._wanted is None:
            return False
        store, candidate, model_id = self._wanted
        key = (predicted_forces.__name__, str(store.folder), candidate, model_id)
        return self._asking.look(key, predicted_forces, store.folder, candidate, model_id)
