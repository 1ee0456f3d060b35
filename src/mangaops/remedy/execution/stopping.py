"""Ctrl-C in a change: the first lets the call in flight finish, the second stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mangaops.errors import Stopped

_SLICE_S = 0.1
"""A pause looks this often whether it is to end. A wait on a lock instead could be entered
again by the signal's handler and never return."""

FIRST = "stopping after the call in flight; Ctrl-C again stops at once"


class Stopper:
    """Whether someone asked to stop. `sleep` takes seconds."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self.requested = False

    def request(self) -> None:
        self.requested = True

    def check(self) -> None:
        """Raises Stopped once it was asked for."""
        if self.requested:
            raise Stopped("stopped by Ctrl-C")

    def pause(self, seconds: float) -> None:
        """Sleeps; raises Stopped as soon as it is asked for."""
        self.check()
        while seconds > 0:
            self._sleep(min(seconds, _SLICE_S))
            seconds -= _SLICE_S
            self.check()


@contextmanager
def interruptible(stop: Stopper, tell: Callable[[str], None]) -> Iterator[None]:
    """While it lasts, the first Ctrl-C asks `stop` to stop and is told, and any further one
    raises KeyboardInterrupt. Does nothing outside of the main thread, where no signal comes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(*_: object) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.request()
        tell(FIRST)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
