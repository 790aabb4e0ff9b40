"""``panel serve dashboard``: one session, its layout, and nothing else."""

from functools import partial

import panel as pn

from dashboard import access, doorbook, joining, tidying
from dashboard.appearance import Appearance
from dashboard.layout import Desk
from dashboard.opening import open_session
from dashboard.panels.locked import locked
from dashboard.presence import is_connected
from dashboard.runtime import runtime
from dashboard.same_machine import from_this_server

desks: list[Desk] = []


def say(error: Exception) -> None:
    """An exception in a callback is invisible to the person unless the desk says it."""
    for desk in desks:
        desk.say(error)


pn.extension(exception_handler=say)
from_this_server(pn.state.curdoc)

context = pn.state.curdoc.session_context
request = context.request
who = access.person(pn.state.user, request, access.proven())
role, problem = access.role(who, named=access.is_named(context))
doorbook.opened(who, role, getattr(request, "remote_ip", ""))
if who is None or role == "none":
    locked(who, problem).servable(title="deltadesk")
else:
    session = open_session(runtime(), who, pn.state.session_args)
    document = pn.state.curdoc
    joining.belongs(document, who)
    session.soon = document.add_timeout_callback
    # no function of this file: its names are gone when the session ends
    session.connected = partial(is_connected, document.session_context)
    session.signed_in = partial(access.is_signed_in, pn.state.cookies.get("user", ""))
    pn.state.on_session_destroyed(session.end)
    pn.state.on_session_destroyed(tidying.session_ended)
    theme, class_mode = (
        pn.state.session_args.get(name, [b""])[0].decode(errors="replace") for name in ("theme", "class")
    )
    desk = Desk(session, Appearance(who, theme, class_mode))
    desks.append(desk)
    # a tick later, for while these callbacks run Panel does not yet take the page for loaded
    opened = partial(tidying.once_there_is_room, document, desk.open)
    pn.state.onload(partial(document.add_next_tick_callback, opened))
    desk.page.servable(title="deltadesk")
