"""When more than 5 % of an intent's calls to a model fail, its template answers instead.

Apart from the breaker, which opens at 50 %: a route that fails one call in ten is not down, and
still spoils one answer in ten. It trips when, of at least 20 calls, 15 % failed or so many that it
is 95 % certain that the true rate is above 5 %. Of fewer calls two failures would do, and a
short outage at night would be followed by minutes of templates. A plain "rate above 5 %" of
20 calls would trip in 6 % of the minutes of a model that fails in 2 % of its calls.

While it is tripped, a trickle of the calls still goes to the model, so that it can be seen to
be well again: 5 %, and never less than one call a window. It ends when it is 95 % certain that
the true rate is below 3 %, which takes about a hundred calls within a window. Where a trickle
does not have so many, each window of the trickle in which less than 3 % fails doubles it, until
it is all of the traffic: about five windows.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from mangaops.errors import InputError
from mangaops.fm.binomial import at_least, at_most, lower_bound, upper_bound
from mangaops.fm.breaker.window import Window
from mangaops.fm.failure import FailureClass

COUNTED = frozenset(
    {
        FailureClass.THROTTLE,
        FailureClass.TRANSIENT,
        FailureClass.CLIENT_TIMEOUT,
        FailureClass.MODEL_TIMEOUT,
        FailureClass.STREAM_CUT,
    }
)
"""The other classes say nothing about the model: such a call is not counted at all."""

_CALLS, _FAILED = 0, 1


class RateState(StrEnum):
    INSUFFICIENT_TRAFFIC = "insufficient_traffic"
    """Too few calls in the window to conclude anything soon: not the same as well."""
    WATCHING = "watching"
    TRIPPED = "tripped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateConfig:
    """`window` is seconds, `min_calls` a number of calls, all others are shares from 0 to 1.

    `tolerated` is the rate that trips when it is exceeded for certain, `plain` the one that
    trips without more ado, `recovered` the one to fall below; `alpha` the chance of error.
    """

    window: float = 60
    min_calls: int = 20
    tolerated: float = 0.05
    plain: float = 0.15
    recovered: float = 0.03
    trickle: float = 0.05
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.recovered < self.tolerated < self.plain <= 1:
            raise InputError("of a rate fallback, recovered < tolerated < plain, all from 0 to 1")
        if not (0 < self.trickle < 1 and 0 < self.alpha < 1):
            raise InputError("a rate fallback's trickle and alpha are between 0 and 1")
        if not (self.window >= 1 and self.min_calls >= 1):
            raise InputError("a rate fallback's window and min_calls are at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateView:
    """The last window of one intent on one model. `low` and `high` bound the true rate, each
    with a chance of error of `alpha`; `share` is what goes to the model.
    """

    state: RateState
    calls: int
    failures: int
    low: float
    high: float
    share: float


class _Watched:
    """One intent on one model. `share` is 1.0 while it is not tripped."""

    __slots__ = ("let_through_at", "looked_at", "seen", "seen_failing", "share", "window")

    def __init__(self, seconds: float) -> None:
        self.window = Window(seconds, 2)
        self.end()

    @property
    def tripped(self) -> bool:
        return self.share < 1

    def trip(self, share: float, now: float) -> None:
        self.window.clear()
        self.share = share
        self.let_through_at = now
        self.look_again()

    def look_again(self) -> None:
        self.looked_at = 0.0
        self.seen = self.seen_failing = 0

    def end(self) -> None:
        self.window.clear()
        self.share = 1.0
        self.let_through_at = 0.0
        self.look_again()


class RateFallback:
    """Thread-safe. Intents and models are to be few: each pair is remembered for good."""

    def __init__(
        self,
        config: RateConfig,
        *,
        clock: Callable[[], float],
        rng: random.Random | None = None,
    ) -> None:
        """Without `rng` the trickle is the same in each process; it needs no more than that."""
        self._config = config
        self._clock = clock
        self._rng = rng or random.Random(0)  # noqa: S311 - it chooses a share of the calls
        self._lock = Lock()
        self._watched: dict[tuple[str, str], _Watched] = {}

    def record(self, intent: str, model: str, failure_class: FailureClass | None) -> None:
        """What became of a call that was sent; None: the model answered."""
        if failure_class is not None and failure_class not in COUNTED:
            return
        with self._lock:
            now = self._clock()
            watched = self._of(intent, model)
            failed = failure_class is not None
            counts = (_CALLS, _FAILED) if failed else (_CALLS,)
            calls, failures = watched.window.add(now, *counts)
            if not watched.tripped:
                if failed and self._trips(calls, failures):
                    watched.trip(self._config.trickle, now)
            elif self._has_recovered(calls, failures):
                watched.end()
            else:
                self._look(watched, now, failed=failed)

    def active(self, intent: str, model: str) -> bool:
        """Whether this one call is to be answered without the model."""
        with self._lock:
            watched = self._watched.get((intent, model))
            if watched is None or not watched.tripped:
                return False
            now = self._clock()
            long_ago = now - watched.let_through_at >= self._config.window
            if not long_ago and self._rng.random() >= watched.share:
                return True
            watched.let_through_at = now
            return False

    def view(self, intent: str, model: str) -> RateView:
        with self._lock:
            watched = self._of(intent, model)
            calls, failures = watched.window.at(self._clock())
            share = watched.share
        few = calls < self._config.min_calls
        quiet = RateState.INSUFFICIENT_TRAFFIC if few else RateState.WATCHING
        return RateView(
            state=RateState.TRIPPED if share < 1 else quiet,
            calls=calls,
            failures=failures,
            low=lower_bound(failures, calls, self._config.alpha),
            high=upper_bound(failures, calls, self._config.alpha),
            share=share,
        )

    def _of(self, intent: str, model: str) -> _Watched:
        key = (intent, model)
        found = self._watched.get(key)
        if found is None:
            found = self._watched[key] = _Watched(self._config.window)
        return found

    def _trips(self, calls: int, failures: int) -> bool:
        """The lower bound is above a rate exactly when so many failures are that unlikely by it.

        It cannot be above the rate that is seen, so that a healthy model costs a comparison.
        """
        config = self._config
        if calls < config.min_calls or failures <= config.tolerated * calls:
            return False
        if failures >= config.plain * calls:
            return True
        return at_least(failures, calls, config.tolerated) < config.alpha

    def _has_recovered(self, calls: int, failures: int) -> bool:
        config = self._config
        if failures >= config.recovered * calls:
            return False
        return at_most(failures, calls, config.recovered) < config.alpha

    def _look(self, watched: _Watched, now: float, *, failed: bool) -> None:
        """After each window, begun by a call: twice as much of the traffic, or the least again."""
        if watched.seen and now - watched.looked_at >= self._config.window:
            well = watched.seen_failing < self._config.recovered * watched.seen
            watched.share = 2 * watched.share if well else self._config.trickle
            if not watched.tripped:
                watched.end()
                return
            watched.look_again()
        if not watched.seen:
            watched.looked_at = now
        watched.seen += 1
        watched.seen_failing += failed
