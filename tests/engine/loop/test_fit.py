"""A fit says what the new model makes of each label, for the parity plot of the desk."""

import numpy as np
import pytest
from ase.build import molecule

from engine import config
from engine.loop import tasks
from engine.loop.messages import Fit
from engine.store import Store
from tests.support import toy


def test_a_fit_returns_the_scores_of_its_own_labels(tmp_path):
    folder = toy.make(tmp_path / "toy")
    settings, store = config.load(folder), Store.create(folder)
    rng = np.random.default_rng(0)
    with store.transaction(0, 1.0) as tx:
        names = []
        for k in range(4):
            structure = molecule("H2O")
            structure.symbols = ["Cu", "Ag", "Cu"]
            structure.positions = 3.0 * structure.positions + rng.normal(0, 0.2, (3, 3)) + 7.0
            structure.cell = [14.0] * 3
            names.append(
                tx.propose(
                    structure,
                    generator="toy/0",
                    step=0,
                    model_id="m-0000",
                    parent=None,
                    base_energy=-float(k),
                    features=np.zeros(3),
                    flags=[],
                )
            )
            tx.label(names[-1], -100.0 - k + 0.1 * rng.normal(), np.zeros((3, 3)))
    request = Fit(
        folder,
        settings,
        "m-0000",
        new_id="m-0001",
        n_known=0,
        labels=tuple(names[:3]),
        waiting=(names[3],),
        probe=(),
    )
    fitted = tasks.perform(request)
    labels = [structure.get_potential_energy() for structure in store.structures(names[:3])]
    store.close()
    assert [score.candidate for score in fitted.train] == names[:3]
    assert [score.candidate for score in fitted.scores] == names[3:]
    off = np.abs(np.array([score.energy for score in fitted.train]) - labels)
    assert off.mean() == pytest.approx(fitted.mae_train)
