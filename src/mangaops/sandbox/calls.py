"""The log of the calls that were made, which benchmarks and tests read."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One call. `start` and `end` are epoch seconds; `error` is AWS's code, or empty."""

    service: str
    operation: str
    region: str
    error: str
    start: float
    end: float


class CallLog:
    """The newest calls, in the order in which they ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: deque[Made] = deque(maxlen=KEPT)

    def add(self, made: Made) -> None:
        with self._lock:
            self._made.append(made)

    def clear(self) -> None:
        with self._lock:
            self._made.clear()

    def as_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(made) for made in self._made]

    def __len__(self) -> int:
        return len(self._made)
