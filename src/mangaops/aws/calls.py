"""What was asked of AWS: every HTTP request that was really sent, retries included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request. `sent` is of the counter's monotonic clock; `status` 0 is no answer."""

    operation: str
    sent: float
    seconds: float
    status: int


class CallCounter:
    """Counts requests, and the metrics asked for (GetMetricData is billed by the metric).

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._sent: Counter[str] = Counter()
        self._answered: list[Call] = []
        self._metrics = 0

    def count(self, operation: str) -> None:
        """One request of this operation (`logs:StartQuery`) goes out now."""
        with self._lock:
            self._sent[operation] += 1

    def count_metrics(self, number: int) -> None:
        with self._lock:
            self._metrics += number

    def answered(self, call: Call) -> None:
        with self._lock:
            self._answered.append(call)

    @property
    def sent(self) -> int:
        with self._lock:
            return self._sent.total()

    @property
    def metrics(self) -> int:
        with self._lock:
            return self._metrics

    @property
    def by_operation(self) -> Mapping[str, int]:
        with self._lock:
            return dict(self._sent)

    @property
    def answers(self) -> tuple[Call, ...]:
        """The requests that have ended, in the order of their ends."""
        with self._lock:
            return tuple(self._answered)
