"""A plugin of ``panel serve`` that tells from inside what a server holds: ``--plugins tests.support.inside``.

``GET /inside`` gives JSON: objects of each class after a full collection, what Bokeh documents keep, threads
by name, open descriptors, and bytes that are in use, where the server was started with
``PYTHONTRACEMALLOC=1``.
"""

import gc
import json
import threading
import tracemalloc
from collections import Counter

import psutil
from bokeh.document import Document
from tornado.web import RequestHandler


class Inside(RequestHandler):
    """Counts what is alive."""

    def get(self):
        for _ in range(3):  # what a finaliser lets go of is garbage of the next round
            gc.collect()
        objects = gc.get_objects()
        alive = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in objects)
        documents = [one for one in objects if isinstance(one, Document)]
        said = {
            "alive": alive,
            "documents": len(documents),
            "models": sum(len(getattr(one.models, "_models", ())) for one in documents),
            "remembered": sum(map(_remembered, documents)),
            "threads": sorted(thread.name for thread in threading.enumerate()),
            "descriptors": psutil.Process().num_fds(),
            "resident": psutil.Process().memory_info().rss,
            "in_use": tracemalloc.get_traced_memory()[0],
        }
        self.write(json.dumps(said))


def _remembered(document):
    """Ids and references that a document keeps of models."""
    listening = document.callbacks._subscribed_models.values()
    return len(document.models._seen_model_ids) + sum(map(len, listening))


ROUTES = [("/inside", Inside, {})]
