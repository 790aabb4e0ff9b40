"""What a Bokeh document keeps of models that left it, and never lets go while the page is open.

A page that leaves the screen takes its models out of the document. Bokeh then keeps the id of every one of
them (to drop what the browser may still say of it) and a weak reference for every event that it listened to:
some kilobytes a change of page, for ever.
"""

from __future__ import annotations

from typing import Any

LATE = 8  # changes of page after which the browser says nothing any more of a model that is gone


class Leftovers:
    """Call it after each change of page: the document forgets what left it `LATE` changes ago.

    Bokeh has no public way to do so (3.9: ``document/models.py``, ``document/callbacks.py``).
    """

    def __init__(self, document: Any) -> None:
        self._document = document
        self._turn = 0
        self._gone: dict[str, int] = {}

    def __call__(self) -> None:
        """Forget."""
        document = self._document
        self._turn += 1
        ids: set[str] = document.models._seen_model_ids
        ids.difference_update([model.id for model in document.models])  # a figure comes back as it was
        self._gone = {name: self._gone.get(name, self._turn) for name in ids}
        ids.difference_update([name for name, turn in self._gone.items() if self._turn - turn >= LATE])
        for listening in document.callbacks._subscribed_models.values():
            models = [(reference, reference()) for reference in listening]
            listening.difference_update(
                [reference for reference, model in models if model is None or model.document is not document]
            )
