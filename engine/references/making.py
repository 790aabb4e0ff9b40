"""The reference that campaign.toml, or a protocol, names."""

from __future__ import annotations

from engine import registry
from engine.config import ReferenceSettings
from engine.protocols import Reference


def make_reference(settings: ReferenceSettings) -> Reference:
    """Make it.

    Raises
    ------
    ConfigError
        if there is none of this name
    MissingPackageError
        for a package that it needs
    """
    made: Reference = registry.make(
        "references",
        settings.name,
        calculator=settings.calculator,
        command=settings.command,
        settings=settings.settings,
    )
    return made
