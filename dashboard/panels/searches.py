"""What the searches do: where the core time went, and the walkers of each chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.core_time import core_seconds
from dashboard.panels.markup import e
from dashboard.words import age, chain_name
from engine.core import Campaign
from engine.store import SearchedSoFar

_PARTS = {
    "base": "universal potential",
    "delta": "Δ-model and moves",
    "fit": "fits",
    "reference": "reference calculations",
}


def searches_html(campaign: Campaign, searched: Sequence[SearchedSoFar]) -> str:
    """The panel's text; nothing before the first step."""
    if not searched:
        return ""
    return _split(core_seconds(campaign, searched)) + "".join(_chain(chain) for chain in searched)


def _split(seconds: Mapping[str, float]) -> str:
    total = sum(seconds.values()) or 1.0
    bar = "".join(f'<i class="{n}" style="width: {100 * s / total:.1f}%"></i>' for n, s in seconds.items())
    key = "".join(
        f'<span><i class="{name}"></i>{e(_PARTS[name])} {e(age(value))}, {100 * value / total:.0f} %</span>'
        for name, value in seconds.items()
    )
    return f'<div><h2>Core time</h2><div class="split">{bar}</div><div class="key">{key}</div></div>'


def _chain(chain: SearchedSoFar) -> str:
    head = f"<h2>{e(chain_name(chain.generator))} · {chain.steps:,} steps · {e(age(chain.seconds))}</h2>"
    words = _WORDS.get(chain.generator.partition("/")[0])
    return f"<div>{head}{words(chain.state) if words else ''}</div>"


def _hops(state: Mapping[str, Any]) -> str:
    hops = state["hops"]
    share = f", {100 * state['accepted'] / hops:.0f} % accepted" if hops else ""
    return f'<span class="fine">{len(state["walkers"])} walkers, {hops:,} hops{share}</span>'


def _trajectories(state: Mapping[str, Any]) -> str:
    judged, said = state["judged"], f"{len(state['walkers'])} trajectories, {state['judged']:,} frames"
    if judged:
        observed, expected = (100 * state[key] / judged for key in ("accepted", "expected"))
        said += f", {observed:.1f} % accepted ({expected:.1f} % of the test frames would be)"
    return f'<span class="fine">{said}, {state["rewinds"]:,} rewinds after explosions</span>'


def _replicas(state: Mapping[str, Any]) -> str:
    """A row a temperature, coldest first; swaps are those with the next hotter one."""
    energy = state["energy"]
    if not energy:
        return ""
    lowest = min(energy)
    head = "".join(
        f'<th scope="col">{e(name)}</th>'
        for name in ("kT (eV)", "above lowest (eV)", "accepted of last 10", "longest hop (Å)", "swaps up")
    )
    rows = ""
    for k, (kT, value) in enumerate(zip(state["kT"], energy, strict=True)):
        recent = state["recent"][k]
        accepted = f"{sum(recent)} of {len(recent)}" if recent else "–"
        swaps = f"{state['swaps'][k][1]} of {state['swaps'][k][0]}" if k < len(state["swaps"]) else ""
        cells = (f"{kT:.3f}", f"{value - lowest:.3f}", accepted, f"{state['amplitude'][k]:.2f}", swaps)
        rows += "<tr>" + "".join(f"<td>{e(cell)}</td>" for cell in cells) + "</tr>"
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


_WORDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "basin-hopping": _hops,
    "md": _trajectories,
    "replica-exchange": _replicas,
}
