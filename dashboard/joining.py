"""A page belongs to whom it was made for: nobody else joins it.

Bokeh lets in whoever signed in and knows a session's name.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from bokeh.document import Document
from bokeh.protocol.exceptions import ProtocolError
from bokeh.server.tornado import BokehTornado

from dashboard import access
from dashboard.people import Person

_owners: WeakKeyDictionary[Document, Person] = WeakKeyDictionary()
_bokehs_own = BokehTornado.new_connection


def belongs(document: Document, who: Person) -> None:
    """Keep a page for a person."""
    _owners[document] = who


def only_their_own() -> None:
    """Refuse from now on whoever opens a websocket to somebody else's page."""
    BokehTornado.new_connection = _new_connection


def _new_connection(server: Any, protocol: Any, socket: Any, context: Any, session: Any) -> Any:
    owner = _owners.get(session.document)
    if owner is not None and owner != access.person(socket.current_user, socket.request, access.proven()):
        raise ProtocolError("this page was made for somebody else")
    return _bokehs_own(server, protocol, socket, context, session)
