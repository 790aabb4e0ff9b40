"""The landscape: a map, energies as they were found, and the correction, over one source of points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.events import MouseWheel, PanEnd, Tap
from bokeh.models import (
    CDSView,
    ColumnDataSource,
    CustomJSFilter,
    CustomJSHover,
    HoverTool,
    LinearColorMapper,
    Range1d,
)
from bokeh.plotting import figure
from numpy.typing import NDArray

from dashboard.plots.atlas import STATES, Atlas
from dashboard.plots.coloring import QUIET, Coloring, shades
from dashboard.plots.frame import nearest
from dashboard.plots.projection import FloatArray
from dashboard.theme import SERIES

LIMIT = 20_000  # points drawn one by one
CROWD = 2000  # points from which on each is drawn smaller
SMALL = 2500  # points of the crowd in each of the small figures, and of those asked about, drawn over it
EVERY = """
  const n = source.get_length() ?? 0
  const step = Math.ceil(n / most)
  return Array.from({length: Math.ceil(n / step) || 0}, (_, k) => k * step)
"""
PATCHES = 2000  # rows; more are sent faster as whole columns
FOCUS = SERIES[1]
VIEWS = {"map": ("x", "y"), "found": ("number", "energy"), "correction": ("base", "corrected")}
"""Columns that each figure draws: horizontal, vertical."""
MAPS = {"principal plane": ("x", "y"), "neighbours (UMAP)": ("u", "v")}
"""Columns of the atlas that a map draws."""
COLUMNS = ("number", "x", "y", "energy", "base", "corrected", "std", "state", "search", "visits")


def thin(n: int, keep: NDArray[np.int64], limit: int = LIMIT) -> NDArray[np.int64]:
    """Rows to draw of `n`: every 2^k-th, so that at most `limit` are left, and those in `keep`.

    The same rows whoever asks; while n grows, rows only come until k rises.
    """
    stride = 1
    while n > limit * stride:
        stride *= 2
    every = np.arange(0, n, stride)
    return every if stride == 1 else np.union1d(every, keep)


def points(
    atlas: Atlas, rows: NDArray[np.int64], places: tuple[str, str] = ("x", "y")
) -> dict[str, NDArray[Any]]:
    """The columns that are drawn of these rows, on one of the `MAPS`; energies in eV, nan where none is."""
    c = {name: column[rows] for name, column in atlas.columns.items()}
    c["x"], c["y"] = (c[name] for name in places)
    corrected = np.where(np.isfinite(c["label"]), c["label"], c["score"])
    values = {**c, "number": rows + 1, "corrected": corrected}
    return {name: values[name].astype(np.int32 if name == "number" else np.float32) for name in COLUMNS}


def best_so_far(energy: FloatArray) -> dict[str, NDArray[Any]]:
    """Corners of the staircase of the lowest energy found: `number` (count), `energy` (eV)."""
    lowest = np.minimum.accumulate(energy)
    drops = np.flatnonzero(np.diff(lowest, prepend=np.inf) < 0)
    ends = np.append(drops, len(energy) - 1) if len(energy) else drops
    return {"number": ends + 1, "energy": lowest[ends]}


def bounds(values: NDArray[Any], quantile: float = 1.0) -> tuple[float, float] | None:
    """Ends of an axis that shows `values` up to a quantile, with a margin; None where there are none."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high, top = float(known.min()), float(np.quantile(known, quantile)), float(known.max())
    if top - high < 0.5 * (high - low):  # nothing is far out
        high = top
    margin = 0.05 * (high - low) or 0.5
    return low - margin, high + margin


class Landscape:
    """Three figures; `update` streams and patches, `focus` marks one candidate in all of them.

    Parameters
    ----------
    on_pick : called with the row of the atlas that a click means
    on_move : called when the person moved or zoomed a figure
    """

    def __init__(self, on_pick: Callable[[int], object], on_move: Callable[[], object]) -> None:
        self._on_pick = on_pick
        self._source = ColumnDataSource({name: [] for name in COLUMNS})
        self._best = ColumnDataSource({"number": [], "energy": []})
        self._line = ColumnDataSource({"base": [], "corrected": []})
        self._focus = ColumnDataSource({name: [] for name in COLUMNS})
        self._asked = ColumnDataSource({name: [] for name in COLUMNS})  # over the crowd, and few
        self._mapper = LinearColorMapper(palette=list(shades()), nan_color=QUIET)
        self._rows = np.empty(0, dtype=np.int64)
        self._atlas: Atlas | None = None
        self._seen = (-1, -1)  # epoch, version of the atlas that is drawn
        self._fitted: tuple[int, tuple[str, str]] | None = None  # epoch and map that the axes were set for
        self._places = MAPS["principal plane"]
        self._glyphs: list[Any] = []
        self._dots: list[Any] = []
        self._over: list[Any] = []
        self._some = CustomJSFilter(args={"most": SMALL}, code=EVERY)
        self._searches = CustomJSHover(code="return names[value] ?? ''", args={"names": []})
        self.figures = {name: self._figure(name, on_move) for name in VIEWS}
        # under the points
        self.figures["found"].step(
            "number", "energy", source=self._best, mode="after", color=SERIES[0], line_width=2
        )
        self.figures["correction"].line(
            "base", "corrected", source=self._line, color=QUIET, line_dash="dashed", line_width=1.5
        )

    @property
    def drawn(self) -> int:
        """Number of points on the screen."""
        return len(self._rows)

    def update(
        self,
        atlas: Atlas,
        selected: int | None,
        *,
        follow: bool,
        places: tuple[str, str] = ("x", "y"),
    ) -> bool:
        """Show what the atlas holds now, on one of the `MAPS`; True if anything was sent."""
        if atlas is not self._atlas:
            self._atlas, self._seen, self._rows, self._fitted = atlas, (-1, -1), self._rows[:0], None
        if places != self._places:
            self._places, self._seen = places, (-1, -1)
        extra = [] if selected is None else [selected]
        keep = np.union1d(np.flatnonzero(atlas.columns["state"] > 0), np.array(extra, dtype=np.int64))
        rows = thin(len(atlas), keep)
        if self._seen == (atlas.epoch, atlas.version) and len(rows) == len(self._rows):
            return False
        old = len(self._rows)
        changed = np.flatnonzero(atlas.touched[self._rows] > self._seen[1])
        grows = old <= len(rows) and np.array_equal(rows[:old], self._rows)
        if atlas.epoch != self._seen[0] or not grows or len(changed) > PATCHES:
            self._source.data = points(atlas, rows, places)
        else:
            self._patch(atlas, changed)
            if len(rows) > old:
                self._source.stream(points(atlas, rows[old:], places))
        self._rows, self._seen = rows, (atlas.epoch, atlas.version)
        self._around(atlas)
        if follow or self._fitted != (atlas.epoch, places):
            self.fit()
        self._fitted = (atlas.epoch, places) if len(rows) else None
        return True

    def forget(self) -> None:
        """Hold no point: whoever looks elsewhere needs none. The next `update` brings them back."""
        if len(self._rows):
            self._rows, self._seen = self._rows[:0], (-1, -1)
            for source in (self._source, self._asked):
                source.data = {name: np.empty(0, dtype=np.float32) for name in COLUMNS}

    def color(self, colors: Coloring, searches: list[str]) -> None:
        """Colour the points; nothing but the key is sent."""
        self._searches.args = {"names": searches}
        if list(colors.palette) != self._mapper.palette:
            self._mapper.palette = list(colors.palette)
        self._mapper.update(low=colors.low, high=colors.high)
        fill = {"field": colors.field, "transform": self._mapper}
        for glyph in self._glyphs:
            if glyph.fill_color != fill:
                glyph.fill_color = fill

    def focus(self, atlas: Atlas, row: int | None) -> None:
        """Mark one candidate."""
        rows = np.array([] if row is None else [row], dtype=np.int64)
        data = points(atlas, rows, self._places)
        if any(not np.array_equal(data[n], self._focus.data[n], equal_nan=True) for n in COLUMNS):
            self._focus.data = data

    def fit(self) -> None:
        """Set the axes so that all points show, but for the few far above."""
        for name, (across, up) in VIEWS.items():
            plot, data = self.figures[name], self._source.data
            seen = np.isfinite(data[up])
            ends = bounds(data[across][seen]), bounds(data[up], 1.0 if name == "map" else 0.98)
            for axis, new in zip((plot.x_range, plot.y_range), ends, strict=True):
                if new is not None and (axis.start, axis.end) != new:
                    axis.update(start=new[0], end=new[1])

    def _patch(self, atlas: Atlas, changed: NDArray[np.int64]) -> None:
        if not changed.size:
            return
        new = points(atlas, self._rows[changed], self._places)
        where = changed.tolist()
        self._source.patch({name: list(zip(where, new[name].tolist(), strict=True)) for name in COLUMNS})

    def _around(self, atlas: Atlas) -> None:
        """What surrounds the points: the staircase, the constant shift, who was asked about, axis labels."""
        asked = points(atlas, self._rows[atlas.columns["state"][self._rows] > 0], self._places)
        if any(not np.array_equal(asked[n], self._asked.data[n], equal_nan=True) for n in COLUMNS):
            self._asked.data = asked
        _size(self._dots, 5 if self.drawn < CROWD else 3)
        few = len(asked["number"]) < CROWD
        _size(self._over, 9 if few else 5)
        for glyph in self._over:
            glyph.line_color = "white" if few else None
        self._best.data = best_so_far(atlas.columns["energy"])
        base = self._source.data["base"]
        ends = np.array([base.min(), base.max()]) if len(base) else np.empty(0)
        self._line.data = {"base": ends, "corrected": ends + atlas.shift}
        for k, axis in enumerate((self.figures["map"].xaxis, self.figures["map"].yaxis)):
            axis.axis_label = _axis_label(atlas, self._places, k)

    def _figure(self, name: str, on_move: Callable[[], object]) -> Any:
        across, up = VIEWS[name]
        plot = figure(
            height=400 if name == "map" else 260,
            sizing_mode="stretch_width",
            tools="pan,wheel_zoom,box_zoom",
            toolbar_location="above" if name == "map" else None,
            active_scroll="wheel_zoom" if name == "map" else None,
            x_range=Range1d(0, 1),
            y_range=Range1d(0, 1),
            name=f"landscape-{name}",
        )
        # a view belongs to one source: its mask is as long
        some, some_asked = (CDSView() if name == "map" else CDSView(filter=self._some) for _ in range(2))
        dots = plot.scatter(across, up, source=self._source, view=some, size=5, alpha=0.7, line_color=None)
        asked = plot.scatter(
            across,
            up,
            source=self._asked,
            view=some_asked,
            size=9,
            line_color="white",
            line_width=0.8,
        )
        self._glyphs += [dots.glyph, asked.glyph]
        self._dots.append(dots.glyph)
        self._over.append(asked.glyph)
        plot.scatter(across, up, source=self._focus, size=17, fill_color=None, line_color=FOCUS, line_width=3)
        plot.add_tools(self._hover(dots))
        plot.on_event(Tap, lambda event: self._tapped(name, event))
        plot.on_event(PanEnd, lambda _: on_move())
        if name == "map":
            plot.on_event(MouseWheel, lambda _: on_move())
        labels = {
            "map": (
                "SOAP axis 1 (no unit)",
                "SOAP axis 2 (no unit)",
            ),
            "found": ("structures found (count)", "best known energy (eV)"),
            "correction": ("uMLIP energy (eV)", "corrected energy or label (eV)"),
        }
        plot.xaxis.axis_label, plot.yaxis.axis_label = labels[name]
        return plot

    def _hover(self, dots: Any) -> HoverTool:
        states = CustomJSHover(code="return names[value]", args={"names": list(STATES)})
        return HoverTool(
            renderers=[dots],
            limit=1,
            tooltips=[
                ("candidate", "c-@number{%06d}"),
                ("state", "@state{custom}"),
                ("best known energy", "@energy{%.3f} eV"),
                ("σ", "@std{%.3f} eV"),
                ("uMLIP", "@base{%.3f} eV"),
                ("search", "@search{custom}"),
            ],
            formatters={
                "@number": "printf",
                "@energy": "printf",
                "@std": "printf",
                "@base": "printf",
                "@state": states,
                "@search": self._searches,
            },
        )

    def _tapped(self, name: str, event: Any) -> None:
        """Pick the point nearest to the click."""
        across, up = VIEWS[name]
        at = nearest(self.figures[name], event, self._source.data[across], self._source.data[up])
        if at is not None:
            self._on_pick(int(self._rows[at]))


def _size(glyphs: list[Any], size: int) -> None:
    for glyph in glyphs:
        if glyph.size != size:
            glyph.size = size


def _axis_label(atlas: Atlas, places: tuple[str, str], k: int) -> str:
    if places == MAPS["neighbours (UMAP)"]:
        return f"axis {k + 1} of UMAP on SOAP (no unit)"
    if atlas.projection is None:
        return f"SOAP axis {k + 1} (no unit)"
    share = atlas.projection.explained[k]
    return f"SOAP axis {k + 1}, {share:.0%} of variance (no unit)"
