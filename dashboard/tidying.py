"""What pages and sessions leave behind is freed soon, not when Python happens to look.

The objects of a page refer to one another in circles, so only Python's collector frees them. It looks at all
objects once they have become a quarter more, and most are imported modules: by then several pages have
gathered, and the process keeps the memory of the most that ever did.
"""

from __future__ import annotations

import gc
from importlib import import_module

from tornado.ioloop import PeriodicCallback

EVERY_MS = 60_000


def start() -> None:
    """Import what every page needs, leave that out of all collections, and collect once a minute.

    Called in the server's event loop.
    """
    import_module("dashboard.layout")
    gc.collect()
    gc.freeze()
    PeriodicCallback(tidy, EVERY_MS).start()


def tidy() -> None:
    """Free what nothing holds any more; the pause is that of the sessions' own objects."""
    gc.collect()
