"""What is left is let go soon, and what is freed goes back to the system."""

import psutil
import pytest
from bokeh.document import Document
from bokeh.server.session import ServerSession

from dashboard import tidying

LARGE = 20_000  # blocks of 4 kB: 80 MB


@pytest.mark.skipif(tidying._trim is None, reason="only glibc keeps what is freed")
def test_what_is_freed_between_what_is_in_use_goes_back():
    process = psutil.Process()
    blocks = [bytes(4000) for _ in range(LARGE)]
    still_in_use = blocks[::50]
    blocks.clear()
    before = process.memory_info().rss
    tidying.tidy()
    assert process.memory_info().rss < before - 50e6
    assert len(still_in_use) == LARGE / 50


def test_a_session_is_let_go_once_its_page_is_gone_but_not_before_it_came(monkeypatch):
    monkeypatch.setattr(tidying, "LEFT_MS", -1)
    session, connection = ServerSession("a", Document()), object()
    tidying.let_go([session])
    assert not session.expiration_requested  # its page is still loading
    session.subscribe(connection)
    tidying.let_go([session])
    assert not session.expiration_requested
    session.unsubscribe(connection)
    monkeypatch.setattr(tidying, "LEFT_MS", 5_000)
    tidying.let_go([session])
    assert not session.expiration_requested  # gone for less than that
    monkeypatch.setattr(tidying, "LEFT_MS", -1)
    tidying.let_go([session])
    assert session.expiration_requested
