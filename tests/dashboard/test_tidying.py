"""What is freed goes back to the system."""

import psutil
import pytest

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
