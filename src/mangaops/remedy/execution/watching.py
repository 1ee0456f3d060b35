"""Did the alarm get better, worse, or is there no evidence yet?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from mangaops.errors import MangaopsError, Stopped
from mangaops.model.change import Outlook, Watched
from mangaops.remedy.execution.stopping import Stopper

EVERY_S = 10.0
DEFAULT_WATCH = timedelta(minutes=10)
_MUCH_FURTHER = 1.2
"""Worse is further from the threshold than before by more than this factor: alarming
metrics of one system differ by some per cent from minute to minute without any cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One look at the alarm: whether it holds, in words and in numbers.

    `holds` is None when that was not seen, or when it holds no longer but is not over for
    long enough to be believed. `observed` and `threshold` are of the check `what`, None
    where it was not seen; only figures of one check are ever compared.
    """

    holds: bool | None
    text: str
    what: str = ""
    observed: float | None = None
    threshold: float | None = None

    @property
    def distance(self) -> float | None:
        """How far it is from the threshold, as a share of that."""
        if self.observed is None or not self.threshold:
            return None
        return abs(self.observed - self.threshold) / abs(self.threshold)


class Watch(Protocol):
    """What to look at: the trigger of the diagnosis, or the remedy's own probe."""

    def look(self) -> Sight: ...


def judge(before: Sight, after: Sight) -> Outlook:
    """Improved when the alarm does not hold any more, worse when it holds and did not, or is
    much further from its threshold than it was.
    """
    if after.holds is None:
        return Outlook.NO_EVIDENCE
    if not after.holds:
        return Outlook.IMPROVED
    if before.holds is False:
        return Outlook.WORSE
    was, now = before.distance, after.distance
    if before.what != after.what:
        return Outlook.NO_EVIDENCE
    if was is not None and now is not None and now > _MUCH_FURTHER * was:
        return Outlook.WORSE
    return Outlook.NO_EVIDENCE


def sight(watch: Watch) -> Sight:
    """A look that failed is one that saw nothing."""
    try:
        return watch.look()
    except Stopped:
        raise
    except MangaopsError as error:
        return Sight(holds=None, text=f"not seen: {error}")


def watched(
    watch: Watch,
    before: Sight,
    *,
    length: timedelta,
    monotonic: Callable[[], float],
    stop: Stopper,
    tell: Callable[[str], None],
) -> Watched:
    """Looks at once and then every 10 s, until the alarm is over or `length` is. After a
    Ctrl-C it ends with what was seen last.
    """
    end = monotonic() + length.total_seconds()
    after = Sight(holds=None, text="not looked at")
    try:
        while True:
            after = sight(watch)
            outlook = judge(before, after)
            tell(f"{outlook.value}: {after.text}")
            left = end - monotonic()
            if outlook is Outlook.IMPROVED or left <= 0:
                break
            stop.pause(min(EVERY_S, left))
    except Stopped:
        pass  # the caller sees that it was asked for
    return Watched(outlook=judge(before, after), before=before.text, after=after.text)
