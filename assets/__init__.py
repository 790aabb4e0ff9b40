"""Files that are not code: templates, pictures, bundled front-end files with their licences."""

from pathlib import Path


def asset(name: str) -> Path:
    """Return the path of a file of this folder, e.g. ``asset("templates/ag8s4.toml")``."""
    return Path(__file__).parent / name
