"""Which package a label came from."""

from __future__ import annotations

from importlib.metadata import distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path


def installed(module: str) -> tuple[str, str]:
    """Name and version of the package that `module` belongs to; no version for a file of one's own."""
    top = module.partition(".")[0]
    spec = find_spec(top) if top else None
    places = [spec.origin, *(spec.submodule_search_locations or ())] if spec else []
    for package in packages_distributions().get(top, []):
        # a package that ships a module of this name need not be the one that is imported
        home = Path(str(distribution(package).locate_file("")))
        if any(place and Path(place).is_relative_to(home) for place in places):
            return package, distribution(package).version
    return top, ""
