"""Ending a call from another thread than the one that waits for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from threading import Lock


class HangUp:
    """One for each call, handed to each of its attempts. `now` may be called by any thread."""

    def __init__(self) -> None:
        self.asked = False
        self._lock = Lock()
        self._cut: Callable[[], None] | None = None

    def now(self) -> None:
        """Ends what the call waits for. A second time does nothing more."""
        self.asked = True
        with self._lock:
            cut = self._cut
        if cut is not None:
            cut()

    def reaches(self, cut: Callable[[], None]) -> None:
        """`cut` ends the attempt that begins: at once, when it was asked for before."""
        with self._lock:
            self._cut = cut
        if self.asked:
            cut()

    def check(self) -> None:
        """Raises CancelledError once it was asked for."""
        if self.asked:
            raise CancelledError("closed")
