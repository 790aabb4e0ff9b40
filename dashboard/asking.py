"""What a panel asks of a worker: one question at a time; the last answer stays until the next is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any

from dashboard.runtime import Runtime
from engine.errors import DeltadeskError

REST = 3.0  # × the time the last answer took, before the next question: a busy campaign keeps its cores


class Asking:
    """The answer to a question that changes with the campaign.

    Parameters
    ----------
    runtime : whose workers answer
    rest : × the time that the last answer took, before the next question

    Attributes
    ----------
    value : the newest answer, or None before the first
    problem : why there is no newer one, in words; else empty
    """

    def __init__(self, runtime: Runtime, rest: float = REST) -> None:
        self._runtime = runtime
        self._rest = rest
        self._asked: Hashable = None
        self._since = self._rests_until = 0.0
        self._future: Future[Any] | None = None
        self.value: Any = None
        self.problem = ""

    @property
    def computes(self) -> bool:
        """Whether a worker is at it."""
        return self._future is not None

    def look(self, key: Hashable, task: Callable[..., Any], *args: Any) -> bool:
        """Ask `task` of a worker where `key` is new; whether anything came since the last look."""
        came = self._collect()
        now = time.monotonic()
        if self._future is None and key != self._asked and now >= self._rests_until:
            self._asked, self._since = key, now
            self._future = self._runtime.ask(key, task, *args)
            came = self._collect() or came
        return came

    def _collect(self) -> bool:
        if self._future is None or not self._future.done():
            return False
        future, self._future = self._future, None
        now = time.monotonic()
        self._rests_until = now + self._rest * (now - self._since)
        try:
            self.value, self.problem = future.result(), ""
        except DeltadeskError as error:
            self.problem = str(error)
        except Exception as error:  # a lost worker, or a killed one: the page goes on without its figure
            self.problem = f"A worker was lost ({type(error).__name__}); the next label asks again."
        return True
