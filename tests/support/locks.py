"""Seeing that somebody was refused a lock."""

import threading

from engine.store import lock


def refusals(monkeypatch):
    """An event that is set once somebody in this process was refused a lock."""
    refused, real = threading.Event(), lock.fcntl.flock

    def flock(descriptor, how):
        try:
            real(descriptor, how)
        except BlockingIOError:
            refused.set()
            raise

    monkeypatch.setattr(lock.fcntl, "flock", flock)
    return refused
