"""How a worker goes about it; what cannot be is refused when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite

from mangaops.errors import InputError

LONGEST_VISIBILITY = 43_200
"""SQS's, in seconds."""
LONGEST_POLL = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfig:
    """Seconds, but for `max_receives`.

    `deadline` is of one call, `margin` what the rest takes. `poll` is how long SQS waits for a
    message (whole seconds, 20 at most). A message that no model answered comes back after
    `backoff`, twice as long each time up to `longest_backoff`, at random between half of it and
    all, and goes to the dead letters after `max_receives` attempts: a delivery while another
    worker is at its key is none. A redrive policy of the queue itself needs a maxReceiveCount
    several times as high, or it moves them first, and without a reason.
    """

    deadline: float = 60.0
    margin: float = 30.0
    poll: int = 20
    backoff: float = 30.0
    longest_backoff: float = 900.0
    max_receives: int = 8
    pause: float = 5.0
    """After an error of SQS or of the results store."""

    def __post_init__(self) -> None:
        seconds = (self.deadline, self.margin, self.backoff, self.longest_backoff, self.pause)
        _need(all(_is_seconds(one) for one in seconds), "its times are numbers of seconds, not < 0")
        _need(self.deadline > 0, "the deadline of a call is above 0")
        _need(
            self.deadline + self.margin <= LONGEST_VISIBILITY,
            f"deadline and margin are {LONGEST_VISIBILITY} s at most: SQS hides no message longer",
        )
        _need(self.longest_backoff <= LONGEST_VISIBILITY, f"no wait is over {LONGEST_VISIBILITY} s")
        _need(_is_whole(self.poll) and 0 <= self.poll <= LONGEST_POLL, "poll is 0 to 20 seconds")
        _need(_is_whole(self.max_receives) and self.max_receives >= 1, "max_receives is 1 or more")

    @property
    def visibility(self) -> int:
        return ceil(self.deadline + self.margin)

    def wait_after(self, attempt: int, share: float) -> float:
        """Seconds before the next, of which `share` (0 to 1) is chance's."""
        doubled = self.backoff * 2.0 ** min(attempt - 1, 30)
        return min(self.longest_backoff, doubled) * (1 + share) / 2


def _need(holds: bool, rule: str) -> None:
    if not holds:
        raise InputError(f"a worker cannot work so: {rule}")


def _is_seconds(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and isfinite(value) and value >= 0  # type: ignore[arg-type,operator]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
