"""How long a potential takes, in core-seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ase import Atoms

from engine.protocols import Potential, Prediction


class Timed:
    """A potential that counts the processor time spent in it.

    Processor time, not the clock: other programs on the machine do not count.

    Parameters
    ----------
    potential : what predicts

    Attributes
    ----------
    seconds : core-seconds so far
    """

    def __init__(self, potential: Potential) -> None:
        self._potential = potential
        self.seconds = 0.0

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """Return what the potential says."""
        started = time.process_time()
        said = self._potential.predict(structures)
        self.seconds += time.process_time() - started
        return said


_: type[Potential] = Timed
