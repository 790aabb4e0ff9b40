"""The page for whoever may not come in."""

from __future__ import annotations

import panel_material_ui as pmui

from dashboard.panels.markup import Markup
from dashboard.theme import page_options

WORDS = """
<h2>This desk is locked</h2>
<p>You opened it from another machine, and nobody has signed in. Ask its owner to start the server with
authentication, or open it on the machine it runs on.</p>
"""


def locked() -> pmui.Page:
    """A page that shows nothing of any campaign and takes no wish."""
    words = Markup("dd-words", margin=40)
    words.show(WORDS)
    return pmui.Page(title="deltadesk", main=[words], **page_options())
