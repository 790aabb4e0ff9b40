"""Files of components come from modules that the server has loaded: no address makes it import one.

Panel imports the module that an address under ``/components/`` names, and a module may do anything as it is
imported, such as end the process. Whoever asks need not be signed in.
"""

from __future__ import annotations

import sys
from typing import Any

from panel.io.server import ComponentResourceHandler
from tornado.web import HTTPError

PACKAGES = ("dashboard", "panel", "panel_material_ui")
"""Whose components have files that a page asks for."""
_panels_own = ComponentResourceHandler.parse_url_path


def from_loaded_modules() -> None:
    """Answer "not found" from now on to an address that names any other module."""
    ComponentResourceHandler.parse_url_path = _parse_url_path


def _parse_url_path(handler: Any, path: str) -> str:
    module = path.partition("/")[0]
    package = module.partition(".")[0]
    if package not in PACKAGES or module not in sys.modules or module.endswith("__main__"):
        raise HTTPError(404)
    found: str = _panels_own(handler, path)
    return found
