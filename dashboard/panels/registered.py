"""Names that settings may have, from the registry: what forms offer to choose from."""

from __future__ import annotations

from engine import registry

GROUPS = {
    "potential.name": "potentials",
    "search.name": "generators",
    "selection.rule": "acquisition",
    "reference.name": "references",
}
"""Settings whose values are registered names, and their groups."""


def registered() -> dict[str, list[str]]:
    """Names by the setting's dotted path."""
    return {path: list(registry.names(group)) for path, group in GROUPS.items()}
