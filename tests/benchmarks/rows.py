"""A row of the table of speeds: what was measured, what the peer takes, and what was promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

PEER = "peer: AGOX 3.11.1 on one thread, measured elsewhere on the same work"
NAME = 60
"""Characters of a piece of work that stand in one line, however wide the figures are."""
FIGURES = 64
"""Room for the other columns."""


@dataclass(frozen=True)
class Row:
    """One piece of work.

    Attributes
    ----------
    work : what is done, on what
    figure, unit : median of ours
    peer : what it takes the peer, as (lowest, highest) in the same unit; a row may measure its peer in the
        same run
    goal : most that it may take, or least where `more` is better
    note : accuracy, share or law
    bound : the functions in which the time is spent
    """

    work: str
    figure: float
    unit: str
    peer: tuple[float, ...] = ()
    goal: float | None = None
    more: bool = False
    note: str = ""
    bound: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times faster than the peer, at least."""
        if not self.peer:
            return None
        return self.figure / max(self.peer) if self.more else min(self.peer) / self.figure

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        return self.figure >= self.goal if self.more else self.figure <= self.goal


def table(rows: Iterable[Row], title: str, *, judged: bool) -> Table:
    """All rows, with what is met and what is not where the work is the one that the goals speak of."""
    result = Table(title=title, caption=PEER, show_lines=True)
    for column in ("work", "ours", "peer", "ratio", "goal", "met"):
        if column == "work":
            result.add_column(column, min_width=NAME)
        else:
            result.add_column(column, justify="right")
    for row in rows:
        sign = "≥" if row.more else "≤"
        met = {True: "yes", False: "NO", None: ""}[row.met if judged else None]
        bound = f"own time: {row.bound}" if row.bound else ""
        result.add_row(
            "\n".join([row.work, *(f"[dim]{escape(more)}[/dim]" for more in (row.note, bound) if more)]),
            f"{row.figure:.3g} {row.unit}",
            "–".join(f"{p:g}" for p in row.peer) or "",
            "" if row.ratio is None else f"{row.ratio:.1f}×",
            "" if row.goal is None else f"{sign} {row.goal:g} {row.unit}",
            met,
        )
    return result
