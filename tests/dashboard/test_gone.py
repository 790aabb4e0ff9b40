"""What the log says of messages that found no browser any more, and of everything else."""

import asyncio
import gc
import logging

import pytest
from tornado.websocket import WebSocketClosedError

from dashboard.gone import say_nothing_of_it


@pytest.mark.parametrize(
    ("error", "said"), [(WebSocketClosedError(), []), (KeyError("lost"), ["KeyError: 'lost'"])]
)
def test_only_what_nobody_could_be_told_is_passed_over(error, said, caplog):
    async def fails():
        raise error

    async def forget():
        task = asyncio.ensure_future(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert task.done()
        del task
        gc.collect()  # as nobody asked for its exception, the loop is told

    loop = asyncio.new_event_loop()
    say_nothing_of_it(loop)
    with caplog.at_level(logging.ERROR):
        loop.run_until_complete(forget())
    loop.close()
    assert [record.exc_text.splitlines()[-1] for record in caplog.records] == said
