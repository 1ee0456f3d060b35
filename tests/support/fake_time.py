"""A clock that only moves when someone waits."""

from __future__ import annotations


class FakeClock:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class FakeStop:
    """Waiting moves the clock. Requested from `at` on, if given."""

    def __init__(self, clock: FakeClock, *, at: float | None = None) -> None:
        self.clock = clock
        self.at = at

    @property
    def requested(self) -> bool:
        return self.at is not None and self.clock.now >= self.at

    def remaining(self) -> float:
        return 1e9 if self.at is None else max(0.0, self.at - self.clock.now)

    def wait(self, seconds: float) -> bool:
        self.clock.now += min(seconds, self.remaining())
        return self.requested
