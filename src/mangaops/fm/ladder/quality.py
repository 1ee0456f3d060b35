"""Whether a model's answers of the last minute can be used: a signal apart from the breaker.

The breaker sees whether a route answers. A model that answers at once and spoils the JSON is
available and of no use: it is passed over for another until its minute is over.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from threading import Lock

WINDOW = 60.0
FEWEST = 20
"""Answers in the window before anything is said."""

Key = tuple[str, str]


class Quality:
    """By intent and model. Thread-safe. What is kept is bounded by `KEPT` answers of each."""

    KEPT = 200

    def __init__(self, *, unusable_rate: float, clock: Callable[[], float]) -> None:
        self._unusable_rate = unusable_rate
        self._clock = clock
        self._lock = Lock()
        self._seen: dict[Key, deque[tuple[float, bool]]] = {}
        self._last_unusable: dict[Key, float] = {}

    def record(self, intent: str, model: str, *, usable: bool) -> None:
        with self._lock:
            seen = self._seen.setdefault((intent, model), deque(maxlen=self.KEPT))
            now = self._clock()
            seen.append((now, usable))
            if not usable:
                self._last_unusable[intent, model] = now

    def bad(self, intent: str, model: str) -> bool:
        oldest = self._clock() - WINDOW
        key = (intent, model)
        with self._lock:
            seen = self._seen.get(key, ())
            none = self._last_unusable.get(key, -math.inf) <= oldest
            if len(seen) < FEWEST or (none and self._unusable_rate > 0):
                return False  # without a walk through all of them, as nearly always
            recent = [usable for at, usable in seen if at > oldest]
        return len(recent) >= FEWEST and recent.count(False) / len(recent) >= self._unusable_rate
