"""Wait for what comes about in another process or thread."""

import time


def wait_for(condition, seconds=60):
    """Return what `condition` gives once that is true; look fifty times a second."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s")
