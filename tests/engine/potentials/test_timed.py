import time

import numpy as np
from ase.build import molecule

from engine.potentials.timed import Timed
from engine.protocols import Prediction


class Busy:
    """Works for a tenth of a second, sleeps for another."""

    def predict(self, structures):
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        time.sleep(0.1)
        return Prediction(np.array([-1.0] * len(structures)), ())


def test_it_says_the_same_and_counts_the_work_but_not_the_waiting():
    timed = Timed(Busy())
    for _ in range(2):
        assert timed.predict([molecule("H2O")]).energy.tolist() == [-1.0]
    assert 0.2 <= timed.seconds < 0.3
