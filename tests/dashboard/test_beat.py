"""A page on which nothing happens still hears of the server, so nothing stays unsent."""

import asyncio

import panel.io.document as panel_document
from bokeh.document import Document

from tests.dashboard.conftest import review


def test_a_still_page_hears_of_the_server_every_second(serve):
    url = serve("panel")

    async def listen():
        tab = await review(url)
        for beats in (1, 2, 3):
            await tab.until(lambda beats=beats: (tab.get("Connection", "beat") or 0) >= beats, "a beat")
        await tab.close()

    asyncio.run(listen())


class Socket:
    """Where a message has been sent, as far as Panel knows, once a test says so."""


class Connection:
    def __init__(self):
        self._socket = Socket()
        self.protocol = self

    def create(self, _kind, events):
        return events


def test_what_panel_left_unsent_goes_before_the_next_message(monkeypatch):
    """The race that the beat is for, with Panel's own queue: a write that ends just as another begins."""
    sent, under_way = [], []

    def write(_connection, events=None, msg=None):
        sent.append(msg)
        under_way.append(asyncio.get_running_loop().create_future())
        return under_way[-1:]

    monkeypatch.setitem(panel_document.extra_socket_handlers, Socket, write)

    async def two_writes_meet():
        document, connection = Document(), Connection()
        for message in ("first", "last", "beat"):
            panel_document.schedule_write_events(document, [connection], [message])
            await asyncio.sleep(0)
            if message == "first":
                under_way[0].set_result(None)  # and "last" begins before Panel hears of it
        await asyncio.sleep(0)

    asyncio.run(two_writes_meet())
    assert sent == [["first"], ["last"], ["beat"]]
