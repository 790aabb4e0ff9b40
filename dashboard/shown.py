"""What the page says of a candidate, as it is kept with a decision."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING

from dashboard.known_labels import Nearest
from engine.core import Candidate, Shown
from engine.store import Score

if TYPE_CHECKING:
    from engine.acquisition.standing import Standing


def shown(
    candidate: Candidate,
    score: Score | None,
    nearest: Nearest | None,
    cost: str,
    *,
    gain: str = "",
    standing: Standing | None = None,
) -> Shown:
    """All that the page says of one candidate, but a warning; cut to what the log has room for."""
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
        gain=_cut(gain),
        ranks={} if standing is None else {_cut(name, 60): rank for name, rank in ranks(standing)[:21]},
        among=0 if standing is None else standing.among,
    )


def shown_together(candidate: Candidate, line: str, warning: str = "", sentence: str = "") -> Shown:
    """What was on the screen of a candidate that was decided with others: its card, and words about all."""
    terms = dict(candidate.terms)
    return Shown(
        sentence=_cut(sentence, 1500),
        model_id=_cut(candidate.model_id),
        energy_eV=candidate.energy_eV,
        energy_std_eV=candidate.energy_std_eV,
        terms={name: terms[name] for name in ("promise",) if isfinite(terms.get(name, nan))},
        cost=_cut(line),
        warning=_cut(warning),
    )


def warned(said: Shown, warning: str) -> Shown:
    """The same, with why a veto is likely."""
    return said.model_copy(update={"warning": _cut(warning)})


def ranks(standing: Standing) -> list[tuple[str, int]]:
    """The rank by all terms and without each, as they are called on the page."""
    return [
        ("all terms", standing.rank),
        *((f"without {name}", rank) for name, rank in standing.without.items()),
    ]


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
    if said.gain:
        parts.append(said.gain.rstrip("."))
    if said.ranks:
        places = ", ".join(f"{name} {rank}" for name, rank in said.ranks.items())
        parts.append(f"rank of {said.among}: {places}")
    if said.warning:
        parts.append(f"likely veto: {said.warning}")
    parts += list(said.checks)
    return "; ".join(parts)


def _cut(text: str, longest: int = 300) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
