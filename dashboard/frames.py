"""The desk stands in no other site's frame, and no other site loads it as a script.

In a frame that nobody sees, a click or a key meant for another page would decide here. Panel's script for
embedding holds the token of a session, and with it the cookie of whoever is signed in: any page of the same
site may load it.
"""

from __future__ import annotations

from typing import Any, NoReturn

from panel.io.server import AutoloadJsHandler
from tornado.web import HTTPError, RequestHandler

POLICY = "frame-ancestors 'self'"


def allow_none() -> None:
    """Say so in every answer, and answer "not found" where Panel would embed a page."""
    RequestHandler.set_default_headers = AutoloadJsHandler.set_default_headers = _refuse_frames
    AutoloadJsHandler.get = _not_found


def _refuse_frames(handler: RequestHandler) -> None:
    handler.set_header("Content-Security-Policy", POLICY)


async def _not_found(_handler: RequestHandler, *_: Any, **__: Any) -> NoReturn:
    raise HTTPError(404)
