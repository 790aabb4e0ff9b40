"""Style sheets come from this server, also on a page whose session was made anew."""

from __future__ import annotations

from bokeh.document import Document
from panel.io.resources import LOCAL_DIST


def from_this_server(document: Document) -> None:
    """Have a document name no other machine.

    Panel says where its style sheets are when it serves a page. A session that a slow browser, or one that
    lost its connection, comes back to after the server has forgotten it is made without a page, and would
    name Panel's own site.
    """
    document.template_variables.setdefault("dist_url", LOCAL_DIST)
