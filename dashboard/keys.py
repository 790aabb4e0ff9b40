"""The keys of the desk, as the help and the page Settings list them."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.panels.markup import e


@dataclass(frozen=True)
class KeyGroup:
    """Keys that belong together, each with what it does."""

    title: str
    keys: tuple[tuple[str, str], ...]


KEYS = (
    KeyGroup(
        "Review: decide",
        (
            ("A", "approve"),
            ("X then 1–6", "veto with a reason"),
            ("D", "defer"),
            ("Shift+D", "defer until the next fit"),
            ("N", "write a note"),
            ("U or Ctrl+Z", "undo the last decision"),
            ("Shift+U or Ctrl+Shift+Z", "do it again"),
            ("Ctrl+Enter", "send what is in the outbox now"),
            ("E", "edit: move atoms, and ask with A for what comes of it"),
        ),
    ),
    KeyGroup(
        "Review: several at once",
        (
            ("V", "choose this one, or leave it out"),
            ("Shift+J Shift+K", "choose on and on"),
            ("Shift+A then Enter", "approve all that are chosen"),
            ("Shift+X then 1–6", "veto them with a reason"),
        ),
    ),
    KeyGroup(
        "Review: look",
        (
            ("J K", "next, previous candidate"),
            ("/", "search in the queue"),
            ("Q", "colour by element, uncertainty or force"),
            ("F", "force arrows: of the reference, or of the model where there is no label"),
            ("R", "camera as at first"),
            ("C", "compare with the nearest label, the best known or the parent"),
            ("T", "show its trajectory"),
            ("L", "show in the landscape; from Data & model, too"),
            ("Esc", "close the edit, the comparison, the choice, the search: one at a time"),
        ),
    ),
    KeyGroup(
        "Landscape",
        (
            ("J K", "next, previous minimum"),
            ("M", "pin to the tray"),
            ("F", "follow the newest with the axes, or not"),
            ("R", "camera as at first"),
        ),
    ),
    KeyGroup(
        "Data & model: trajectory",
        (("Space ← →", "play, previous and next frame"), ("R", "camera as at first")),
    ),
    KeyGroup(
        "Replay",
        (
            ("Space", "play or stand still"),
            ("← →", "an event back, or on"),
            ("A X", "would approve it, would not: where it asks"),
        ),
    ),
    KeyGroup(
        "Go to",
        (
            ("G R", "Runs"),
            ("G N", "New campaign"),
            ("G L", "Live"),
            ("G V", "Review"),
            ("G S", "Landscape"),
            ("G D", "Data & model"),
            ("G A", "Audit"),
            ("G ,", "Settings"),
        ),
    ),
    KeyGroup(
        "Anywhere",
        (
            ("P", "pause or resume the run"),
            ("?", "this list, the tour, class mode"),
            ("Esc", "close this list, or leave a field"),
        ),
    ),
)


def keys_html() -> str:
    """All keys as lists with headings."""
    return "".join(
        f"<section><h3>{e(group.title)}</h3><dl>"
        + "".join(f"<dt>{_caps(keys)}</dt><dd>{e(words)}</dd>" for keys, words in group.keys)
        + "</dl></section>"
        for group in KEYS
    )


def _caps(keys: str) -> str:
    words = [part if part in ("or", "then") else f"<kbd>{e(part)}</kbd>" for part in keys.split()]
    return " ".join(words)
