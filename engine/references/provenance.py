"""Which package a label came from."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, packages_distributions, version


def installed(module: str) -> tuple[str, str]:
    """Name and version of the package that `module` belongs to; no version for a file of one's own."""
    top = module.partition(".")[0]
    package = packages_distributions().get(top, [top])[0]
    try:
        return package, version(package)
    except PackageNotFoundError:
        return top, ""
