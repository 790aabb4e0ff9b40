"""Models: fits, labels from outside, and what molecular dynamics met."""

from __future__ import annotations

from typing import Literal

from engine.core.events.fact import Fact


class ImportedReference(Fact):
    """What `count` imported labels were calculated with: plain JSON `settings`; "" where nobody says."""

    code: str
    version: str
    settings: str
    count: int


class LabelsImported(Fact):
    """Labels from outside were copied into the campaign, before its first fit; they cost nothing here.

    `same_reference`: whether all were calculated with this campaign's code, version and settings; otherwise
    campaign.toml asked for the mixture in so many words.
    """

    kind: Literal["LabelsImported"] = "LabelsImported"
    source: str
    count: int
    same_reference: bool
    references: tuple[ImportedReference, ...]


class Exploration(Fact):
    """What molecular dynamics met while one model searched.

    `energy` (eV/atom) and `uncertainty` (in the unit of its kind; None without one): mean and standard
    deviation over the `test_frames`, in this model. `expected`: mean and standard deviation over them of the
    probability P_U · P_E with which a frame is accepted; `accepted` of the frames `judged` were. `rewinds`:
    how often a trajectory exploded and went back.
    """

    model_id: str
    test_frames: int
    energy: tuple[float, float]
    uncertainty: tuple[float, float] | None
    expected: tuple[float, float]
    judged: int
    accepted: int
    rewinds: int

    @property
    def acceptance(self) -> float:
        """Part of the frames that were accepted."""
        return self.accepted / self.judged


class ModelRefitted(Fact):
    """A new Δ-model was fitted, and took over unless it was worse on labels that neither model had seen.

    `n_train`: labels of this campaign it was fitted to; `n_imported`: those from outside, fitted to as well.
    `mae_new_eV`: mean absolute error per structure of the model before on labels it had not seen; of the bare
    potential, whose zero of energy is its own, after the best shift of each species. `mae_held_out_eV`: on
    the same labels, each by a fit without it (None where there are none). `mae_train_eV`: of the new model on
    its own training set. `std_scale`: measured factor in its standard deviations. `accepted`: false if it was
    worse on the new labels, and the model before stays. `mae_held_out_atom_eV`: as `mae_held_out_eV`, each
    structure's error divided by its atoms. Entropies: Gaussian, bias-corrected, over the fixed
    probe set (None until that is full). `exploration`: what molecular dynamics met in the model before (None
    where there was none).
    """

    kind: Literal["ModelRefitted"] = "ModelRefitted"
    model_id: str
    n_train: int
    mae_new_eV: float
    mae_train_eV: float
    queue_std_eV: float | None = None
    probe_entropy: float | None = None
    probe_entropy_p95: float | None = None
    probe_entropy_error: float | None = None
    seconds: float
    mae_held_out_eV: float | None = None
    std_scale: float = 1.0
    accepted: bool = True
    n_imported: int = 0
    mae_held_out_atom_eV: float | None = None
    exploration: Exploration | None = None
