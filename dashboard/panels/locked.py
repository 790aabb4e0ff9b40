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
WITHOUT_ROLE = f"The owner of this server gives roles in <b>{FILENAME}</b>, and your name has none there."


def locked(who: Person | None, problem: str = "") -> pmui.Page:
    """A page that shows nothing of any campaign and takes no wish.

    Parameters
    ----------
    who : signed in without a role here, or None for a stranger
    problem : why nobody in this place would be let in now, in words that anybody may read
    """
    return quiet_page(title="deltadesk", main=[words(who, problem)])


def words(who: Person | None, problem: str = "") -> Markup:
    """What that page says."""
    said = Markup("dd-words", margin=40)
    if problem:
        said.show(f"<h2 class='large'>This desk is locked</h2><p>{e(problem)}</p>{_out(who)}")
    elif who is None:
        said.show(STRANGER)
    else:
        said.show(f"<h2 class='large'>You have no role here</h2><p>{WITHOUT_ROLE}</p>{_out(who)}")
    return said


def _out(who: Person | None) -> str:
    if who is None or who.auth == "local":
        return ""
    return f'<p>You signed in as <b>{e(who.name)}</b>.</p><p><a href="./logout">Sign out</a></p>'
