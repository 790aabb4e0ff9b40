"""What a screening found: histograms over the materials, and which of them are suspicious and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from engine.math import sturges, upper_fence
from engine.protocols import FloatArray
from engine.study.screen import Screened
from engine.study.screen_protocol import ScreenProtocol

RESULT, HISTOGRAMS, PAGE = "result.json", "histograms.svg", "result.md"
_FEWEST = 4  # materials of which quartiles say something


def result(screen: ScreenProtocol, found: Sequence[Screened]) -> dict[str, Any]:
    """The screening in plain JSON: every material, histograms (meV/atom, meV/Å), and who is suspicious."""
    known = [one for one in found if not one.trouble]
    errors = {
        "energy": 1e3 * np.array([one.energy for one in known], dtype=float),
        "forces": 1e3 * np.array([one.forces for one in known], dtype=float),
    }
    return {
        "name": screen.name,
        "asked": len(screen.material),
        "materials": [asdict(one) for one in found],
        "histograms": {name: _histogram(values) for name, values in errors.items() if values.size},
        "suspicious": suspicious(screen, found),
    }


def suspicious(screen: ScreenProtocol, found: Sequence[Screened]) -> dict[str, list[str]]:
    """Materials that somebody should look at, each with its reasons, the largest force error first.

    Errors above Tukey's upper fence over all materials (energies, forces), forces that are wrong by more than
    the protocol's part of their size, and what could not be calculated.
    """
    known = [one for one in found if not one.trouble]
    fences = {"energy": np.inf, "forces": np.inf}
    if len(known) >= _FEWEST:
        fences = {
            "energy": upper_fence([one.energy for one in known if one.energy is not None]),
            "forces": upper_fence([one.forces for one in known if one.forces is not None]),
        }
    reasons = {one.name: _reasons(screen, one, fences) for one in found}
    worst = sorted(found, key=lambda one: -(one.forces if one.forces is not None else np.inf))
    return {one.name: reasons[one.name] for one in worst if reasons[one.name]}


def table(found: Sequence[Screened]) -> tuple[list[str], list[list[str]]]:
    """Head and rows, the largest force error first."""
    head = ["material", "energy (meV/atom)", "force (meV/Å)", "force, part of its size", "spread (meV/Å)"]
    rows = sorted(found, key=lambda one: -(one.forces if one.forces is not None else np.inf))
    return head, [_row(one) for one in rows]


def write_screen(screen: ScreenProtocol, found: Sequence[Screened], folder: Path) -> dict[str, Any]:
    """Write result.json, the histograms and the page; return the result."""
    said = result(screen, found)
    (folder / RESULT).write_text(json.dumps(said, indent=1, allow_nan=False), encoding="utf-8")
    if said["histograms"]:
        _draw(said["histograms"], folder / HISTOGRAMS)
    (folder / PAGE).write_text(page(screen, found), encoding="utf-8")
    return said


def page(screen: ScreenProtocol, found: Sequence[Screened]) -> str:
    """The page: what was asked, who is suspicious, table, histograms."""
    head, rows = table(found)
    names = " and ".join(potential.name for potential in screen.potential)
    lines = [
        f"# {screen.name}",
        "",
        f"{len(found)} of {len(screen.material)} materials, {screen.count} structures of each kind "
        f"({', '.join(screen.kinds)}): {names} against {screen.reference.name}. Mean absolute errors; of "
        "energies, which count from different zeros, without the mean difference of a material.",
        "",
        "Suspicious:" if suspicious(screen, found) else "No material is suspicious.",
        "",
        *(f"- {name}: {'; '.join(why)}" for name, why in suspicious(screen, found).items()),
        "",
        *(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)),
        "",
        f"![Histograms]({HISTOGRAMS})" if any(not one.trouble for one in found) else "",
        "",
    ]
    return "\n".join(lines)


def _reasons(screen: ScreenProtocol, one: Screened, fences: Mapping[str, float]) -> list[str]:
    if one.trouble or one.energy is None or one.forces is None or one.force_size is None:
        return [f"could not be calculated: {one.trouble}"]
    said = []
    if one.forces > fences["forces"]:
        said.append(f"force error {1e3 * one.forces:.0f} meV/Å, above {1e3 * fences['forces']:.0f}")
    if one.energy > fences["energy"]:
        said.append(f"energy error {1e3 * one.energy:.1f} meV/atom, above {1e3 * fences['energy']:.1f}")
    if one.forces > screen.force_part * one.force_size:
        said.append(f"forces are wrong by {100 * one.forces / one.force_size:.0f} % of their size")
    return said


def _row(one: Screened) -> list[str]:
    if one.trouble or one.energy is None or one.forces is None:
        return [one.name, "–", "–", "–", "–"]
    part = f"{100 * one.forces / one.force_size:.0f} %" if one.force_size else "–"
    spread = "–" if one.spread is None else f"{1e3 * one.spread:.0f}"
    return [one.name, f"{1e3 * one.energy:.1f}", f"{1e3 * one.forces:.0f}", part, spread]


def _histogram(values: FloatArray) -> dict[str, list[float]]:
    counts, edges = np.histogram(values, bins=sturges(len(values)))
    return {"counts": counts.tolist(), "edges": edges.tolist()}


def _draw(histograms: Mapping[str, Mapping[str, Sequence[float]]], path: Path) -> None:
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    labels = {"energy": "energy error (meV/atom)", "forces": "force error (meV/Å)"}
    for panel, (name, bins) in zip(figure.subplots(1, 2), histograms.items(), strict=True):
        panel.stairs(bins["counts"], bins["edges"], fill=True, alpha=0.6)
        panel.set(xlabel=labels[name], ylabel="materials")
        panel.yaxis.get_major_locator().set_params(integer=True)
    figure.savefig(path, metadata={"Date": None})
