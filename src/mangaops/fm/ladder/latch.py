"""Targets that are left alone for a while, since every call would only be refused once more.

Rule: a quota that is used up is left alone for minutes, settings that do not work for half a
minute, credentials for seconds: a service that fetches them may have been busy. Then the
next call finds out whether it was mended, without anybody's help.
Known cost: where one call was refused for its own sake, the next ones wait for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from mangaops.fm.codes import EXPIRED
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.families import CREDENTIALS
from mangaops.fm.target import Target

QUOTA_S = 300.0
CONFIG_S = 30.0
CREDENTIALS_S = 5.0
_BY_CODE = dict.fromkeys((CREDENTIALS.code, *EXPIRED), CREDENTIALS_S)
_BY_CLASS = {FailureClass.QUOTA: QUOTA_S, FailureClass.CONFIG: CONFIG_S}


@dataclass(frozen=True, slots=True, kw_only=True)
class Latch:
    """`failure` is the one that set it; `until` is of the monotonic clock."""

    failure: Failure
    seconds: float
    until: float

    @property
    def told(self) -> Failure:
        """The same failure, of a call that sent nothing."""
        return replace(self.failure, http_status=None, request_id=None, retry_after=None)

    @property
    def reason(self) -> str:
        return f"{self.failure.code} a moment ago, so it is not asked for {self.seconds:g} s"


class Latches:
    """One for each target. Used by several threads at once."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held: dict[Target, Latch] = {}
        self._lock = Lock()

    def shut(self, target: Target, failure: Failure) -> Latch | None:
        """The latch that this failure sets; None for one that sets none, or while one is set."""
        seconds = _BY_CODE.get(failure.code, _BY_CLASS.get(failure.failure_class))
        if seconds is None:
            return None
        now = self._clock()
        latch = Latch(failure=failure, seconds=seconds, until=now + seconds)
        with self._lock:
            held = self._held.get(target)
            if held is not None and now < held.until:
                return None
            self._held[target] = latch
        return latch

    def of(self, target: Target) -> Latch | None:
        """The one that is set, also when its time is over: see `open`."""
        with self._lock:
            return self._held.get(target)

    def open(self, target: Target) -> bool:
        """Whether the target may be asked from now on, and could not until now."""
        with self._lock:
            held = self._held.get(target)
            if held is None or self._clock() < held.until:
                return False
            del self._held[target]
        return True
