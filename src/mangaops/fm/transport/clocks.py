"""The clocks of one attempt, and the socket whose every read they bound.

A socket's own timeout begins anew with each byte, so that a server which drips is never
late. Here each read may take only what is left of the attempt (`connections.py`).
The clocks stand still while a stream's reader is busy elsewhere: they are of the model's time.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, local
from typing import Protocol

from mangaops.fm.transport.raw import Limits

FIRST_TOKEN, IDLE, TOTAL = "first token", "idle", "total"
"""The words of `StreamInterrupted.timed_out`."""

LEAST_S = 0.001
"""No time-out of a socket is 0, which would be none."""


class Socket(Protocol):
    """As much of a socket as an attempt needs."""

    def settimeout(self, value: float | None, /) -> None: ...

    def shutdown(self, how: int, /) -> None: ...


class Attempt:
    """Starts when it is made. `name` is the clock that runs out next, at `expires`.

    `ran_out` is the clock that did. One thread reads; `cut` may be called by any.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.clock = clock
        self.sent = clock()
        self.first_token_s: float | None = None
        self.ran_out: str | None = None
        self.was_cut = False
        self._held = 0.0
        self._socket: Socket | None = None
        self._lock = Lock()
        self._wait(FIRST_TOKEN, self.sent + limits.first_token)
        if limits.hang_up is not None:
            limits.hang_up.reaches(self.cut)

    def elapsed(self) -> float:
        return self.clock() - self.sent - self._held

    def left(self) -> float:
        """Seconds for the next read; raises TimeoutError when there are none."""
        left = self.expires - self.clock()
        if left <= 0:
            raise self.run_out()
        return left

    def left_to_send(self) -> float:
        """As `left`, and never nothing: the time-out of an attempt is one of its reads."""
        return max(self.expires - self.clock(), LEAST_S)

    def run_out(self) -> TimeoutError:
        self.ran_out = self.name
        return TimeoutError(f"timed out: {self.name}")

    def content(self) -> None:
        """A piece of content came."""
        now = self.clock()
        if self.first_token_s is None:
            self.first_token_s = now - self.sent
        self._wait(IDLE, now + self.limits.idle)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Whoever reads the pieces takes their time: that is not the model's."""
        began = self.clock()
        try:
            yield
        finally:
            now = self.clock()
            self._held += now - began
            self._wait(IDLE, now + self.limits.idle)

    def check_total(self) -> None:
        """Raises TimeoutError when the attempt as a whole took too long."""
        if self.clock() >= self._end:
            self._wait(TOTAL, self._end)
            raise self.run_out()

    def end_within(self, seconds: float) -> None:
        """All is there: what is left of the connection may take so much more."""
        self.name, self.expires = TOTAL, self.clock() + seconds

    def attach(self, sock: Socket) -> None:
        with self._lock:
            self._socket = sock
        if self.was_cut:
            self.cut()

    def detach(self) -> None:
        """Before the connection can serve another call, so that `cut` never hits that one."""
        with self._lock:
            self._socket = None

    def cut(self) -> None:
        """Ends the connection, also under a thread that waits for it in a read."""
        self.was_cut = True
        with self._lock, suppress(OSError, AttributeError):
            if isinstance(self._socket, socket.socket):
                # TLS's own shutdown would wait for the other side's goodbye
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            elif self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    @property
    def _end(self) -> float:
        return self.sent + self.limits.total + self._held

    def _wait(self, name: str, until: float) -> None:
        total = self._end
        self.name, self.expires = (name, until) if until < total else (TOTAL, total)


_CURRENT = local()


@contextmanager
def current(attempt: Attempt) -> Iterator[None]:
    """Whatever this thread sends and reads first is part of the attempt."""
    _CURRENT.attempt = attempt
    try:
        yield
    finally:
        _CURRENT.attempt = None


def current_attempt() -> Attempt | None:
    found: Attempt | None = getattr(_CURRENT, "attempt", None)
    return found
