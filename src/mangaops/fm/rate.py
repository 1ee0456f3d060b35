"""When more than 5 % of an intent's calls to a model fail, its template answers instead.

Apart from the breaker, which opens at 50 %: a route that fails one call in ten is not down, and
still spoils one answer in ten. It trips when, of at least 20 calls, 15 % failed or so many that it
is 95 % certain that the true rate is above 5 %. Of fewer calls two failures would do, and a
short outage at night would be followed by minutes of templates. A plain "rate above 5 %" of
20 calls would trip in 6 % of the minutes of a model that fails in 2 % of its calls.

What is counted is calls, not requests: one that a retry or the model's other route saved did not
fail, and one that a breaker kept back says nothing.

While it is tripped, a trickle of the calls still goes to the model, so that it can be seen to
be well again: 5 %, and never less than one call in `pace` seconds. Its share grows with each
call in a row that succeeds, and falls back to the trickle with one that fails. It ends after so
many in a row that it is 95 % certain that the true rate is below the one that trips without
more ado (15 %: 19 calls). Where it trips again within ten windows that was too soon: the next
time it has to be certain of 5 % (59 calls), then of 3 % (99). Earlier it ends when the calls of
one window say for certain that the true rate is below 3 %.

Figures (simulated, 300 seeds), at 0.5, 1 and 5 calls a second: after a minute in which every
call failed, the template is over 82, 58 and 21 s later in the median, and 105, 72 and 30 s later
in 95 % of the runs. A model that fails one call in ten trips after 108, 59 and 8 s, and about two
times in its first hour at each of these rates; one that fails in 2 %, in at most 3 % of the
runs of ten minutes.
Known cost: at 0.5 calls a second the trickle is one call in three, not in twenty.
"""

from __future__ import annotations

import math
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
_HELD = 10
"""Windows after which an end held."""


class RateState(StrEnum):
    INSUFFICIENT_TRAFFIC = "insufficient_traffic"
    """Too few calls in the window to conclude anything soon: not the same as well."""
    WATCHING = "watching"
    TRIPPED = "tripped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateConfig:
    """`window` and `pace` are seconds, `min_calls` a number of calls, all others are shares
    from 0 to 1.

    `tolerated` is the rate that trips when it is exceeded for certain, `plain` the one that
    trips without more ado, `recovered` the one to fall below; `alpha` the chance of error.
    """

    window: float = 60
    min_calls: int = 20
    tolerated: float = 0.05
    plain: float = 0.15
    recovered: float = 0.03
    trickle: float = 0.05
    pace: float = 5
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.recovered < self.tolerated < self.plain <= 1:
            raise InputError("of a rate fallback, recovered < tolerated < plain, all from 0 to 1")
        if not (0 < self.trickle < 1 and 0 < self.alpha < 1):
            raise InputError("a rate fallback's trickle and alpha are between 0 and 1")
        if not (self.window >= 1 and self.min_calls >= 1 and self.pace > 0):
            raise InputError(
                "a rate fallback's window and min_calls are at least 1, its pace above 0"
            )

    def in_a_row(self, relapses: int) -> int:
        """How many calls that all succeed end it, after so many ends that did not hold."""
        bounds = (self.plain, self.tolerated, self.recovered)
        below = bounds[min(relapses, len(bounds) - 1)]
        return math.ceil(math.log(self.alpha) / math.log1p(-below)) if below < 1 else 1


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
    """One intent on one model. `good` counts the calls in a row that succeeded while tripped."""

    __slots__ = ("ended_at", "good", "let_through_at", "relapses", "tripped", "window")

    def __init__(self, seconds: float) -> None:
        self.window = Window(seconds, 2)
        self.tripped = False
        self.good = self.relapses = 0
        self.let_through_at = 0.0
        self.ended_at = -math.inf

    def trip(self, now: float, *, held: float) -> None:
        """`held` is for how long an end must have held to be no mistake."""
        self.relapses = self.relapses + 1 if now - self.ended_at < held else 0
        self.window.clear()
        self.tripped = True
        self.good = 0
        self.let_through_at = now

    def end(self, now: float) -> None:
        self.window.clear()
        self.tripped = False
        self.ended_at = now


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
        """What became of a call that was sent, once for a call and model; None: it answered."""
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
                    watched.trip(now, held=_HELD * self._config.window)
                return
            watched.good = 0 if failed else watched.good + 1
            enough = watched.good >= self._config.in_a_row(watched.relapses)
            if enough or self._has_recovered(calls, failures):
                watched.end(now)

    def active(self, intent: str, model: str) -> bool:
        """Whether this one call is to be answered without the model."""
        with self._lock:
            watched = self._watched.get((intent, model))
            if watched is None or not watched.tripped:
                return False
            now = self._clock()
            long_ago = now - watched.let_through_at >= self._config.pace
            if not long_ago and self._rng.random() >= self._share(watched):
                return True
            watched.let_through_at = now
            return False

    def view(self, intent: str, model: str) -> RateView:
        with self._lock:
            watched = self._of(intent, model)
            calls, failures = watched.window.at(self._clock())
            tripped, share = watched.tripped, self._share(watched)
        few = calls < self._config.min_calls
        quiet = RateState.INSUFFICIENT_TRAFFIC if few else RateState.WATCHING
        return RateView(
            state=RateState.TRIPPED if tripped else quiet,
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

    def _share(self, watched: _Watched) -> float:
        """From the trickle to all of the traffic, each call that succeeds by the same factor."""
        if not watched.tripped:
            return 1.0
        done = watched.good / self._config.in_a_row(watched.relapses)
        return float(self._config.trickle ** (1 - done))
