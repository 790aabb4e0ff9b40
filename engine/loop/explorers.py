"""Explorers: worker processes that search, fit and select. They are not paid for and may be lost.

`loky` starts them clean: they import neither the server's panel nor its bokeh. They end with the process that
started them, also after SIGKILL.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from loky import ProcessPoolExecutor, cpu_count
from loky.process_executor import BrokenProcessPool

NICENESS = 10
PARENT_CHECK = 1.0  # s between two looks at whether the parent lives
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Explorers:
    """One pool a server, shared by its campaigns: single-threaded workers, first come, first served.

    Parameters
    ----------
    count : workers; default: the cores this process may use, less one for people and references
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or max(1, cpu_count() - 1)
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._alone: set[ProcessPoolExecutor] = set()

    def submit(self, task: Callable[..., Any], *args: Any) -> Future[Any]:
        """Run ``task(*args)`` in a worker; a pool that a crash broke is made anew."""
        with self._lock:
            for _ in range(2):
                if self._pool is None:
                    self._pool = _start(self.count)
                try:
                    future: Future[Any] = self._pool.submit(task, *args)
                except BrokenProcessPool:
                    self._pool = None
                else:
                    return future
        raise BrokenProcessPool("the workers cannot be started")

    def submit_alone(self, task: Callable[..., Any], *args: Any) -> Future[Any]:
        """Run ``task(*args)`` in a worker of its own: if that breaks, no other task did it."""
        pool = _start(1)
        with self._lock:
            self._alone.add(pool)
        try:
            future: Future[Any] = pool.submit(task, *args)
        except BaseException:
            self._end(pool)
            raise
        future.add_done_callback(lambda _: self._end(pool))
        return future

    def close(self) -> None:
        """End all workers now, whatever they do."""
        with self._lock:
            pools = [*self._alone, *([] if self._pool is None else [self._pool])]
            self._pool, self._alone = None, set()
        for pool in pools:
            pool.shutdown(wait=True, kill_workers=True)

    def _end(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            ours = pool in self._alone
            self._alone.discard(pool)
        if ours:  # else `close` ends it: loky's pools are not to be ended twice at once
            pool.shutdown(wait=False)


def _start(count: int) -> ProcessPoolExecutor:
    threads = dict.fromkeys(_THREAD_VARIABLES, "1")
    return ProcessPoolExecutor(count, env=threads, initializer=_prepare, initargs=(os.getpid(),))


def _prepare(parent: int) -> None:
    os.nice(NICENESS)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK)
    os._exit(0)
