"""The regret report as tables: what decisions have cost or saved, by person and by reason."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.panels.markup import e
from engine.core import Account, Regret

NOTE = (
    "Judged by energy: where searches look for no minima, as in molecular dynamics or in a pool, that is not "
    "what a label was for. Among the best: the present model puts a vetoed structure among the five lowest "
    "labels of its composition, or the lowest quarter where there are fewer; a prediction, no proof. "
    "Control: what labels of the control sample say of their vetoes. Far above: more than 0.1 eV an atom "
    "above the best label of the composition; the model may have learnt from it all the same."
)
VETOES = ("vetoed", "among the best today", "control: right", "control: wrong")
APPROVALS = ("approved, ended", "no label", "repeats a label", "far above")


def regret_html(said: Regret) -> str:
    """Counts of counts, with the candidates as help; nothing before anybody vetoed or a calculation ended."""
    total = said.total
    if not (total.vetoes or total.approvals):
        return ""
    people = _table("person", (*VETOES, *APPROVALS), [_person(one) for one in _rows(said.people, total)])
    reasons = _table("reason", VETOES, [_reason(one) for one in said.reasons])
    return f'{people}{reasons}<p class="fine">{NOTE}</p>'


def words(total: Account) -> str:
    """The report in one or two sentences."""
    parts = []
    if total.vetoes:
        told = len(total.right) + len(total.wrong)
        control = (
            f"; of {told} that were calculated as control, {len(total.wrong)} were wrong" if told else ""
        )
        parts.append(
            f"Of {len(total.vetoes)} vetoed candidates {len(total.judged)} can be compared with labels of "
            f"their composition; by energy the present model puts {len(total.missed)} of them among the "
            f"best{control}."
        )
    if total.approvals:
        nothing = len(total.failed) + len(total.repeats) + len(total.far)
        parts.append(
            f"Of {len(total.approvals)} approved ones that ended, {nothing} gave nothing new: "
            f"{len(total.failed)} no label, {len(total.repeats)} a repetition, {len(total.far)} far above."
        )
    return " ".join(parts)


def _rows(people: Sequence[Account], total: Account) -> list[Account]:
    return [*people, total] if len(people) > 1 else list(people)


def _person(one: Account) -> tuple[str, list[str]]:
    n, ended = len(one.vetoes), len(one.approvals)
    gave = [_of(some, ended) for some in (one.failed, one.repeats, one.far)]
    return one.name, [str(n), *_vetoes(one), str(ended), *gave]


def _reason(one: Account) -> tuple[str, list[str]]:
    return one.name, [str(len(one.vetoes)), *_vetoes(one)]


def _vetoes(one: Account) -> list[str]:
    told = len(one.right) + len(one.wrong)
    return [_of(one.missed, len(one.judged)), _of(one.right, told), _of(one.wrong, told)]


def _of(some: Sequence[str], n: int) -> str:
    """A count of `n`, with who is counted as help."""
    if not n:
        return "–"
    words = f"{len(some)} of {n}"
    return f'<span title="{e(", ".join(some))}">{words}</span>' if some else words


def _table(first: str, heads: Sequence[str], rows: Sequence[tuple[str, list[str]]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{e(words)}</th>" for words in (first, *heads))
    body = "".join(
        f"<tr><td>{e(name)}</td>{''.join(f'<td class=num>{cell}</td>' for cell in cells)}</tr>"
        for name, cells in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
