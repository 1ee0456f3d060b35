"""What many tasks agree on about one breaker, where that is kept, and the rules of changing it.

Rule: every change is written on condition that nobody wrote since it was read, and makes a
new generation; so exactly one task has the probe, and what was found out under an older
generation neither opens nor closes. A probe is a lease: when it ends, another may try.
Reason: tasks that learn alone each send their own five failing calls, and each its own probe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock
from typing import Protocol

from mangaops.fm.breaker.transitions import BreakerState

_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """`state` is closed or open: half open is an open one whose time is over.

    `until` and `lease_until` are seconds of the store's clock; `until` of a closed one is when
    it was closed. `opened` counts the openings
    in a row, `passed` the probes that succeeded since. `owner` has the probe until
    `lease_until`; both are empty when nobody has.
    """

    generation: int
    state: BreakerState
    until: float = 0.0
    opened: int = 0
    passed: int = 0
    owner: str = ""
    lease_until: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`agreed` is None where nothing was ever written, or it is forgotten. `now` is the
    store's time when it was read.
    """

    agreed: Agreed | None
    now: float


class SharedState(Protocol):
    """May raise anything; then each task goes by its own state. Used by one thread at a time.

    Its client needs time-outs well below a second. `margin` is by how many seconds the
    clocks of those who write may differ; 0 where the store's own clock is read.
    """

    @property
    def margin(self) -> float: ...

    def read(self, key: str) -> Seen: ...

    def write(self, key: str, agreed: Agreed, *, after: int) -> bool:
        """Whether it was written: only over generation `after` (0: over nothing)."""


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One task's breaker opened by what it counted under `generation`, `age` seconds ago."""

    generation: int
    open_for: float
    opened: int
    reason: str
    age: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What became of the probe of `owner`, whose lease made `generation`.

    `open_for` and `opened` are for one that failed; `needed` is how many successes close.
    """

    generation: int
    owner: str
    verdict: Verdict
    needed: int
    open_for: float = 0.0
    opened: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """This task has the probe."""

    agreed: Agreed


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """`retry_in` is seconds until it makes sense to ask again."""

    seen: Seen
    retry_in: float


def tell_opening(state: SharedState, key: str, opening: Opening) -> Seen:
    """What is agreed then: the opening, unless others opened before or closed since."""
    seen = state.read(key)
    for _ in range(_TRIES):
        now = seen.agreed
        if now is not None and (
            now.state is not BreakerState.CLOSED
            or (now.generation != opening.generation and closed_since(seen, opening.age))
        ):
            return seen
        made = Agreed(
            generation=_next(seen, opening.generation),
            state=BreakerState.OPEN,
            until=seen.now + max(0.0, opening.open_for - opening.age),
            opened=opening.opened,
            reason=opening.reason,
        )
        if state.write(key, made, after=_generation(seen)):
            return replace(seen, agreed=made)
        seen = state.read(key)
    return seen


def tell_ruling(state: SharedState, key: str, ruling: Ruling) -> Seen:
    """What is agreed then. Too late, when another has the probe or the state changed."""
    seen = state.read(key)
    now = seen.agreed
    if now is None or (now.generation, now.owner) != (ruling.generation, ruling.owner):
        return seen
    made = _ruled(replace(now, generation=now.generation + 1, owner="", lease_until=0.0), ruling)
    if made.state is BreakerState.CLOSED:
        made = replace(made, until=seen.now)
    if ruling.verdict is Verdict.FAILED:
        made = replace(made, until=seen.now + ruling.open_for)
    if state.write(key, made, after=now.generation):
        return replace(seen, agreed=made)
    return state.read(key)


def ask_for_probe(
    state: SharedState,
    key: str,
    *,
    owner: str,
    seconds: float,
    known: int,
    opened: int,
    over: int = 0,
) -> Granted | Refused:
    """`known` is the generation that this task heard of last: who asks has waited for the end
    of its open time by its own clock. `over` is one whose lease ended by that clock, if any.
    A store that does not know of the opening (it was out of reach, or forgot) learns of it now.
    """
    seen = state.read(key)
    now = seen.agreed
    if now is not None and now.state is BreakerState.CLOSED and now.generation > known:
        return Refused(seen=seen, retry_in=0.0)
    if now is None or now.state is BreakerState.CLOSED:
        now = Agreed(generation=known, state=BreakerState.OPEN, opened=opened)
    wait = max(_opens_in(now, seen, known), _lease_left(now, seen, state.margin, over))
    if wait > 0:
        return Refused(seen=seen, retry_in=wait)
    made = replace(now, generation=_next(seen, known), owner=owner, lease_until=seen.now + seconds)
    if state.write(key, made, after=_generation(seen)):
        return Granted(agreed=made)
    return Refused(seen=state.read(key), retry_in=seconds)


def closed_since(seen: Seen, age: float) -> bool:
    """Whether what is agreed was closed less than `age` seconds ago; by a clock that is ahead,
    it was closed just now.
    """
    agreed = seen.agreed
    if agreed is None or agreed.state is not BreakerState.CLOSED:
        return False
    return seen.now - agreed.until < age


def _opens_in(now: Agreed, seen: Seen, known: int) -> float:
    return 0.0 if now.generation <= known else now.until - seen.now


def _lease_left(now: Agreed, seen: Seen, margin: float, over: int) -> float:
    held = bool(now.owner) and now.generation != over
    return now.lease_until + margin - seen.now if held else 0.0


def _ruled(agreed: Agreed, ruling: Ruling) -> Agreed:
    match ruling.verdict:
        case Verdict.PASSED if agreed.passed + 1 >= ruling.needed:
            return Agreed(generation=agreed.generation, state=BreakerState.CLOSED)
        case Verdict.PASSED:
            return replace(agreed, passed=agreed.passed + 1)
        case Verdict.FAILED:
            return replace(agreed, passed=0, opened=ruling.opened, reason=ruling.reason)
        case Verdict.UNDECIDED:
            return agreed


def _generation(seen: Seen) -> int:
    return 0 if seen.agreed is None else seen.agreed.generation


def _next(seen: Seen, known: int) -> int:
    """Above all before. What a store forgot is counted on from its clock, in milliseconds."""
    if seen.agreed is None:
        return max(int(seen.now * 1000), known + 1)
    return seen.agreed.generation + 1


class MemoryState:
    """Of one process: for tests, and for clients that share breakers in one process."""

    margin = 0.0

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[str, Agreed] = {}

    def read(self, key: str) -> Seen:
        with self._lock:
            return Seen(agreed=self._kept.get(key), now=self._clock())

    def write(self, key: str, agreed: Agreed, *, after: int) -> bool:
        with self._lock:
            kept = self._kept.get(key)
            if (0 if kept is None else kept.generation) != after:
                return False
            self._kept[key] = agreed
            return True
