"""What the page says of a candidate, as it is kept with a decision."""

from __future__ import annotations

from math import isfinite

from dashboard.known_labels import Nearest
from engine.core import Candidate, Shown
from engine.store import Score


def shown(candidate: Candidate, score: Score | None, nearest: Nearest | None, cost: str) -> Shown:
    """Sentence, bars, energy, checks, nearest label and cost; cut to what the log has room for."""
    terms = [(_cut(name), value) for name, value in candidate.terms if isfinite(value)]
    return Shown(
        sentence=_cut(candidate.why, 1500),
        model_id=_cut(candidate.model_id),
        energy_eV=candidate.energy_eV if score is None else score.energy,
        energy_std_eV=candidate.energy_std_eV if score is None else score.energy_std,
        terms=dict(terms[:20]),
        checks=tuple(_cut(f"{flag.check}: {flag.reason}") for flag in candidate.flags[:10]),
        nearest="" if nearest is None else nearest.candidate,
        nearest_distance=None if nearest is None else nearest.distance,
        cost=_cut(cost),
    )


def in_words(said: Shown) -> str:
    """All of it but the sentence, in one line."""
    std = "" if said.energy_std_eV is None else f" ± {said.energy_std_eV:.3f}"
    parts = [f"predicted {said.energy_eV:.3f}{std} eV"]
    parts += [f"{name} {value:+.2f} eV".replace("-", "−") for name, value in said.terms.items()]
    if said.nearest and said.nearest_distance is not None:
        parts.append(
            f"nearest label {said.nearest}, {100 * said.nearest_distance:.2f} % of the SOAP vector away"
        )
    if said.cost:
        parts.append(f"cost {said.cost}")
    parts += list(said.checks)
    return "; ".join(parts)


def _cut(text: str, longest: int = 300) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
