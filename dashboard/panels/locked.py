"""The page for whoever may not come in."""

from __future__ import annotations

import panel_material_ui as pmui

from dashboard.panels.markup import Markup, e
from dashboard.panels.quiet_page import quiet_page
from dashboard.people import FILENAME, Person

STRANGER = """
<h2 class="large">This desk is locked</h2>
<p>You opened it from another machine, and nobody has signed in. Ask its owner to start the server with
authentication, or open it on the machine it runs on.</p>
"""


def locked(who: Person | None, problem: str = "") -> pmui.Page:
    """A page that shows nothing of any campaign and takes no wish.

    Parameters
    ----------
    who : signed in without a role here, or None for a stranger
    problem : that nobody has a role now, in words that anybody may read
    """
    words = Markup("dd-words", margin=40)
    words.show(STRANGER if who is None else _without_role(who, problem))
    return quiet_page(title="deltadesk", main=[words])


def _without_role(who: Person, problem: str) -> str:
    why = (
        f"{e(problem)}."
        if problem
        else f"The owner of this server gives roles in <b>{FILENAME}</b>, and your name has none there."
    )
    return (
        f"<h2 class='large'>You have no role here</h2><p>You signed in as <b>{e(who.name)}</b>. {why}</p>"
        '<p><a href="./logout">Sign out</a></p>'
    )
