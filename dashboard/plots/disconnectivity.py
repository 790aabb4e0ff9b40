"""The disconnectivity tree: minima as leaves, joined at the lowest barriers that are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import HoverTool, LinearColorMapper, Range1d
from numpy.typing import NDArray

from dashboard.plots.atlas import Atlas
from dashboard.plots.coloring import QUIET, Coloring, shades
from dashboard.plots.frame import empty_source, frame, nearest
from dashboard.theme import SERIES
from engine.math import MergeTree, lowest, merge_tree, saddle_between
from engine.store import Barrier

FOCUS = SERIES[1]
LEAF = ("std", "search", "state", "visits", "energy")
"""Columns of the atlas by which leaves may be coloured."""

Columns = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Tree:
    """What is drawn of n leaves and m merges.

    Attributes
    ----------
    lines : `xs` and `ys` (ΔE, eV) of three points, for each branch from its foot to where it merges; `dash`
    leaves : `place` (from the left), `above` (ΔE, eV), `row` of the atlas, `candidate`, `out` (eV to climb
        before there is a way down, nan for the lowest) and the columns of `LEAF`
    minima : distinct minima that are known, drawn or not
    bounds : merges whose height is only an upper bound
    """

    lines: Columns
    leaves: Columns
    minima: int
    bounds: int


def data(atlas: Atlas, barriers: Sequence[Barrier]) -> Tree:
    """Leaves and branches of what the barriers join.

    Of each pair of minima the newest barrier that converged counts, else the newest. A branch is dashed where
    its height is only an upper bound: the barrier did not converge, or the branch's lowest minimum gets there
    only through others.
    """
    c = atlas.columns
    found = _newest(atlas, barriers)
    ends = sorted({end for pair in found for end in pair})
    visits = np.flatnonzero(np.isin(c["basin"], ends))
    minima, _ = lowest(c["energy"][visits], c["basin"][visits], len(ends))
    rows = visits[[one.index for one in minima]]
    energy = c["energy"][rows]
    leaf = {int(basin): k for k, basin in enumerate(c["basin"][rows])}
    pairs = np.array([[leaf[a], leaf[b]] for a, b in found], dtype=np.int64).reshape(-1, 2)
    rises = np.array([one[0] for one in found.values()]).reshape(-1, 2)
    converged = np.array([one[1] for one in found.values()], dtype=bool)
    saddles = saddle_between(energy[pairs[:, 0]], energy[pairs[:, 1]], rises)
    tree = merge_tree(energy, pairs, saddles)
    exact = [_exact(tree, pairs, converged, k) for k in range(len(tree.height))]
    zero = float(c["energy"].min()) if len(atlas) else 0.0
    across = places(tree, len(ends))
    foot = np.concatenate([energy, tree.height]) - zero
    lines = _lines(tree, across, foot, exact)
    leaves = {
        "place": across[: len(ends)],
        "above": energy - zero,
        "row": rows,
        "candidate": [atlas.candidate[row] for row in rows],
        "out": ways_out(tree, energy),
        **{name: c[name][rows].astype(float) for name in LEAF},
    }
    total = int((c["basin"] == np.arange(len(atlas))).sum())  # each minimum is named by its first visit
    return Tree(lines, leaves, total, sum(not all(one) for one in exact))


def _newest(
    atlas: Atlas, barriers: Sequence[Barrier]
) -> dict[tuple[int, int], tuple[tuple[float, float], bool]]:
    """Rises, and whether they converged, by pair of minima in order of their names."""
    found: dict[tuple[int, int], tuple[tuple[float, float], bool]] = {}
    for one in barriers:
        rows = atlas.row(one.first), atlas.row(one.second)
        if one.rises is None or rows[0] is None or rows[1] is None:
            continue
        first, second = (int(atlas.columns["basin"][row]) for row in rows)
        if first == second:
            continue
        rises = one.rises if first < second else one.rises[::-1]
        pair = (min(first, second), max(first, second))
        if one.converged or pair not in found or not found[pair][1]:
            found[pair] = rises, one.converged
    return found


def _exact(tree: MergeTree, pairs: NDArray[np.int64], converged: NDArray[Any], k: int) -> tuple[bool, bool]:
    band = tree.band[k]
    one, other = (bool(converged[band] and tree.lowest[child] in pairs[band]) for child in tree.children[k])
    return one, other


def places(tree: MergeTree, n: int) -> NDArray[np.float64]:
    """Where nodes stand from left to right: leaves in whole steps, merges in the middle of what they join.

    Of two branches the one with the lower minimum stands to the left; trees that are not joined stand side
    by side.
    """
    joined = set(tree.children.ravel().tolist())
    below = {n + k: pair for k, pair in enumerate(tree.children.tolist())}
    stack = sorted(
        set(range(len(tree.lowest))) - joined, key=lambda node: int(tree.lowest[node]), reverse=True
    )
    across, at = np.zeros(len(tree.lowest)), 0
    while stack:
        node = stack.pop()
        if node in below:
            stack.extend(reversed(below[node]))
        else:
            across[node], at = at, at + 1
    for node, pair in below.items():
        across[node] = across[pair].mean()
    return across


def ways_out(tree: MergeTree, energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energy (eV) to climb from each minimum before there is a way down to a lower one."""
    out = np.full(len(energy), np.nan)
    for height, (_, upper) in zip(tree.height, tree.children.tolist(), strict=True):
        leaf = tree.lowest[upper]
        out[leaf] = height - energy[leaf]
    return out


def _lines(
    tree: MergeTree,
    across: NDArray[np.float64],
    foot: NDArray[np.float64],
    exact: Sequence[tuple[bool, bool]],
) -> Columns:
    n = len(across) - len(tree.height)
    xs, ys, dash = [], [], []
    for k, pair in enumerate(tree.children.tolist()):
        for child, is_exact in zip(pair, exact[k], strict=True):
            xs.append([across[child], across[child], across[n + k]])
            ys.append([foot[child], foot[n + k], foot[n + k]])
            dash.append("solid" if is_exact else "dashed")
    return {"xs": xs, "ys": ys, "dash": dash}


def words(tree: Tree) -> str:
    """What is drawn."""
    n, m = len(tree.leaves["row"]), len(tree.lines["dash"]) // 2
    return (
        f"<b>{n}</b> of <b>{tree.minima}</b> minima, <b>{m}</b> merges, {tree.bounds} of them "
        "upper bounds (dashed: the band did not converge, or the way leads through other minima)."
    )


class DisconnectivityTree:
    """One figure; `update` draws, `focus` marks the leaf of a candidate.

    Parameters
    ----------
    on_pick : called with the row of the atlas that a click on a leaf means
    """

    def __init__(self, on_pick: Callable[[int], object]) -> None:
        self._on_pick = on_pick
        self._atlas: Atlas | None = None
        self._drawn: tuple[int, tuple[Barrier, ...]] = (-1, ())
        self._lines = empty_source("xs", "ys", "dash")
        self._leaves = empty_source("place", "above", "row", "candidate", "out", *LEAF)
        self._focus = empty_source("place", "above")
        self._mapper = LinearColorMapper(palette=list(shades()), nan_color=QUIET)
        self.tree: Tree | None = None
        self.figure = frame(
            "minima, the lower branch of two to the left",
            "energy above the lowest (eV)",
            280,
            x_range=Range1d(-0.6, 0.6),
            name="landscape-tree",
        )
        self.figure.xaxis.ticker = []
        self.figure.xgrid.visible = False
        self.figure.multi_line(
            "xs", "ys", source=self._lines, line_dash="dash", line_width=1.5, line_color=QUIET
        )
        dots = self.figure.scatter("place", "above", source=self._leaves, size=10, line_color="white")
        self._glyph = dots.glyph
        self.figure.scatter(
            "place", "above", source=self._focus, size=17, fill_color=None, line_color=FOCUS, line_width=3
        )
        tooltips = [
            ("candidate", "@candidate"),
            ("above the lowest", "@above{0.000} eV"),
            ("way down over", "@out{0.000} eV"),
            ("σ", "@std{0.000} eV"),
            ("found", "@visits times"),
        ]
        self.figure.add_tools(HoverTool(renderers=[dots], tooltips=tooltips))
        self.figure.on_event(Tap, self._tapped)

    def update(self, atlas: Atlas, barriers: tuple[Barrier, ...]) -> bool:
        """Draw what is known now; whether there is a tree."""
        if atlas is not self._atlas or self._drawn != (atlas.version, barriers):
            self._atlas, self._drawn = atlas, (atlas.version, barriers)
            self.tree = data(atlas, barriers)
            self._lines.data, self._leaves.data = self.tree.lines, self.tree.leaves
            end = max(len(self.tree.leaves["row"]), 1) - 0.4
            if self.figure.x_range.end != end:
                self.figure.x_range.end = end
        return self.tree is not None and bool(self.tree.lines["dash"])

    def color(self, colors: Coloring) -> None:
        """Colour the leaves as the map's points."""
        self._mapper.update(palette=list(colors.palette), low=colors.low, high=colors.high)
        self._glyph.fill_color = {"field": colors.field, "transform": self._mapper}

    def focus(self, row: int | None) -> None:
        """Mark the leaf of the minimum that this row of the atlas belongs to."""
        leaves, atlas = self._leaves.data, self._atlas
        here: list[int] = []
        if atlas is not None and row is not None and len(leaves["row"]):
            basin = atlas.columns["basin"]
            here = np.flatnonzero(basin[np.asarray(leaves["row"])] == basin[row]).tolist()
        marked = {name: [float(leaves[name][k]) for k in here] for name in ("place", "above")}
        if marked != self._focus.data:
            self._focus.data = marked

    def _tapped(self, event: Any) -> None:
        at = nearest(self.figure, event, self._leaves.data["place"], self._leaves.data["above"])
        if at is not None:
            self._on_pick(int(self._leaves.data["row"][at]))
