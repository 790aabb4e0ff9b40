"""Bokeh's lifecycle hooks: this file is executed twice, so nothing starts at its top level."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from tornado.ioloop import IOLoop
from tornado.process import task_id

from dashboard import doorbook, frames, gone, joining, passwords, people, resources, tidying
from dashboard.runtime import runtime
from engine.errors import DeltadeskError


def on_server_loaded(server_context: Any) -> None:
    """Go on with every campaign that was running."""
    if task_id() is not None:
        os.kill(os.getppid(), signal.SIGTERM)  # or it would start this process again, a hundred times
        sys.exit("deltadesk: --num-procs would start an engine in every process: leave it out")
    try:
        people.load(people.path())
        passwords.start()
    except DeltadeskError as error:
        sys.stderr.write(f"deltadesk: {error}\n")
        sys.exit(2)
    resources.from_loaded_modules()
    frames.allow_none()
    joining.only_their_own()
    doorbook.open_book()
    gone.say_nothing_of_it(IOLoop.current().asyncio_loop)
    tidying.start(server_context)
    runtime().resume_all()


def on_server_unloaded(server_context: Any) -> None:  # noqa: ARG001 - Bokeh's signature
    """End threads and workers with the server."""
    runtime().close()
