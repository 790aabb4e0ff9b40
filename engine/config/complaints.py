"""What a schema refuses, in words for whoever typed it: one set for files, command lines and forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHOWN = 60  # characters of what was got
NUMBER, WHOLE, TABLE, LIST = (
    "needs a number",
    "needs a whole number",
    "needs a table of settings",
    "needs a list in square brackets",
)
RULES = {
    "bool_parsing": "is either true or false",
    "bool_type": "is either true or false",
    "dict_type": TABLE,
    "finite_number": "must be a finite number",
    "float_parsing": NUMBER,
    "float_type": NUMBER,
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "int_from_float": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": WHOLE,
    "int_type": WHOLE,
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be {le:g} or less",
    "list_type": LIST,
    "literal_error": "is one of {expected}",
    "missing": "one more value is needed, separated by commas",
    "model_attributes_type": TABLE,
    "model_type": TABLE,
    "string_pattern_mismatch": "has the wrong form",
    "string_too_long": "must have at most {max_length} letters",
    "string_too_short": "must not be empty",
    "string_type": "needs text in quotes",
    "too_long": "takes {max_length} values, separated by commas",
    "too_short": "takes at least {min_length}",
    "tuple_type": LIST,
}
"""Words for pydantic's kinds of error, with what it says of the bound."""


def complaint(problem: Mapping[str, Any]) -> str:
    """One of pydantic's error details as a line for a person: the rule, and what was got."""
    words = rule(problem)
    if problem["type"] in ("missing", "too_long", "too_short", "value_error"):
        return words
    return f"{words}, got {shown(problem['input'])}"


def rule(problem: Mapping[str, Any]) -> str:
    """The rule that one of pydantic's error details tells of."""
    words = RULES.get(problem["type"], str(problem["msg"]))
    context = problem.get("ctx", {})
    if problem["type"] == "value_error":
        return str(context["error"])
    if problem["type"] == "string_pattern_mismatch" and "A-Z" in context["pattern"]:
        return "is not written like Ag8S4 or CO2"
    return words.format(**context)


def shown(got: Any) -> str:
    """What was got, as Python writes it, in one short line."""
    try:
        words = repr(got)
    except ValueError:  # a whole number of more digits than Python writes
        words = "a number of thousands of digits"
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 3]}…"
