"""A browser that goes while something is on its way to it is no error: it leaves no traceback in the log."""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.websocket import WebSocketClosedError


def say_nothing_of_it(loop: asyncio.AbstractEventLoop) -> None:
    """Let `loop` report what fails in it, but for what could not be told a browser that is gone."""

    def report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), WebSocketClosedError):
            loop.default_exception_handler(context)

    loop.set_exception_handler(report)
