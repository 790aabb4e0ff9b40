"""A page of ours is not told of what happens in other sessions."""

import gc
import weakref

import panel as pn
from panel.util import edit_readonly

from dashboard.panels.quiet_page import quiet_page


def busy(value):
    with edit_readonly(pn.state):
        pn.state.busy = value


def test_nobody_listens_to_the_server_after_a_page_was_made():
    listening = len(pn.state.param.watchers["busy"]["value"])
    pages = [quiet_page(title="desk", dark=dark) for dark in (False, True)]
    assert len(pn.state.param.watchers["busy"]["value"]) == listening
    heard = []
    pages[0].param.watch(heard.append, "busy")
    try:
        busy(True)
    finally:
        busy(False)
    assert heard == []


def test_a_page_that_nobody_has_is_gone():
    gone = weakref.ref(quiet_page(title="desk"))
    gc.collect()
    assert gone() is None
