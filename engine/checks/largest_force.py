"""Forces that no relaxed structure has."""

from __future__ import annotations

from engine.config import ChecksSettings
from engine.protocols import Check, Examined, Flag


class LargestForce:
    """Flags a structure on whose atoms the surrogate still pulls hard: its relaxation did not get far.

    Parameters
    ----------
    settings : largest force that passes (eV/Å)
    """

    def __init__(self, settings: ChecksSettings) -> None:
        self._limit = settings.largest_force

    def __call__(self, examined: Examined) -> Flag | None:
        """Return a flag with the force and the limit, or None; a force that is not a number is too large."""
        if examined.fmax <= self._limit:
            return None
        reason = f"a force of {examined.fmax:.2f} eV/Å after relaxation, more than {self._limit:g}"
        return Flag("largest-force", reason)


_: type[Check] = LargestForce
