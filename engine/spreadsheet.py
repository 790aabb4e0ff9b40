"""What a spreadsheet would run, in files that one may open."""

from __future__ import annotations

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""


def inert(text: str) -> str:
    """Return a text as one that a spreadsheet shows and never runs."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
