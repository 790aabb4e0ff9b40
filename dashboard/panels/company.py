"""Who else is here, as initials in the top bar and in words beside the candidate: pure functions to HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dashboard.panels.markup import e
from dashboard.presence import Place

MOST = 5  # faces; the others are a number


def initials(name: str) -> str:
    """At most two letters of a name; of an address, what stands before the @."""
    words = re.findall(r"[^\W_]+", name.partition("@")[0])
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def faces_html(others: Iterable[Place]) -> str:
    """A small circle for everybody else in this campaign."""
    names = list(dict.fromkeys(place.person.name for place in others))
    if not names:
        return ""
    faces = [
        f'<i title="{e(name)} is in this campaign" data-name="{e(name)}">{e(initials(name))}</i>'
        for name in names[:MOST]
    ]
    more = names[MOST:]
    if more:
        faces.append(f'<i title="{e(", ".join(more))}">+{len(more)}</i>')
    return f'<span role="img" aria-label="Also here: {e(", ".join(names))}">{"".join(faces)}</span>'


def looking_html(others: Iterable[Place], candidate: str | None) -> str:
    """Who else looks at this candidate, in a sentence."""
    found = (place.person.name for place in others if candidate and place.candidate == candidate)
    names = list(dict.fromkeys(found))
    if not names:
        return ""
    said = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"<b>{e(said)}</b> {'is' if len(names) == 1 else 'are'} looking at this."
