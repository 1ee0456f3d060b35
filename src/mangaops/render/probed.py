"""One probe as it is shown: the calls through the client, what each met, and what it comes to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mangaops.bench.measuring.summary import ENOUGH_FOR_P95, nearest_rank
from mangaops.fm.answer import Answer
from mangaops.fm.failure import FailureClass
from mangaops.fm.requests.issue import Issue

ENOUGH = {50: 5, 95: ENOUGH_FOR_P95}
"""Calls from which a percentile is told: of fewer the p95 is only the slowest."""
RANK_95 = 95


class Outcome(StrEnum):
    """What became of one call, and of all of them the worst."""

    HEALTHY = "healthy"
    """The first choice answered at the first attempt."""
    RETRIED = "retried"
    """The first choice answered, at a later attempt."""
    DEGRADED = "degraded"
    """Another way, another model or a text of ours answered; or a stream broke."""
    FAILED = "failed"
    """No model answered, for what waiting does not mend, or AWS was not reached at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """One call. `records` are what the client logged for it, in order.

    `broken` is the reason why a stream was interrupted after text had come.
    """

    answer: Answer
    records: tuple[Mapping[str, Any], ...]
    broken: str | None = None

    @property
    def attempts(self) -> tuple[Mapping[str, Any], ...]:
        return self._of("bedrock_attempt")

    @property
    def record(self) -> Mapping[str, Any]:
        """Of the call itself."""
        return next(iter(self._of("bedrock_call")), {})

    def _of(self, log_type: str) -> tuple[Mapping[str, Any], ...]:
        return tuple(one for one in self.records if one.get("log_type") == log_type)

    @property
    def outcome(self) -> Outcome:
        if self.broken is None and not self.answer.degraded:
            return Outcome.HEALTHY if self.answer.attempts <= 1 else Outcome.RETRIED
        return Outcome.FAILED if self._in_vain else Outcome.DEGRADED

    @property
    def _in_vain(self) -> bool:
        """No model answered, and no other time would be better, or nobody was there."""
        if self.answer.model_answered is not None or not self.attempts:
            return False
        config = FailureClass.CONFIG.value
        refused = self.attempts[-1].get("failure_class") == config
        return refused or all(one.get("http_status") is None for one in self.attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerShown:
    model_id: str
    region: str
    operation: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAnswer:
    """`wanted` calls were asked for; fewer `calls` were made where Ctrl-C stopped it.

    `model_id` and `region` are the intent's first choice. `fault` is the summary of `chaos`,
    `usd` None where a price is not known, `free` a sandbox's call.
    """

    environment: str
    region: str
    intent: str
    model_id: str
    streamed: bool
    wanted: int
    calls: tuple[Probed, ...]
    breakers: tuple[BreakerShown, ...] = ()
    issues: tuple[Issue, ...] = ()
    chaos: str | None = None
    fault: str | None = None
    usd: float | None = None
    free: bool = False
    notes: tuple[str, ...] = ()
    next: str = ""
    interrupted: bool = False

    @property
    def outcome(self) -> Outcome:
        order = list(Outcome)
        return max((one.outcome for one in self.calls), key=order.index, default=Outcome.FAILED)

    def count(self, outcome: Outcome) -> int:
        return sum(one.outcome is outcome for one in self.calls)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """None where there are too few. A failure is infinite."""
    return nearest_rank(values, percent, 100) if len(values) >= ENOUGH[percent] else None


def totals_ms(calls: Iterable[Probed]) -> list[float]:
    """Infinite for a call that no model answered whole."""
    return [one.answer.total_s * 1000 if _answered(one) else math.inf for one in calls]


def first_tokens_ms(calls: Iterable[Probed]) -> list[float]:
    """Infinite for a call that no model answered; none at all where nothing was streamed."""
    given = list(calls)
    if all(one.answer.first_token_s is None for one in given):
        return []
    return [_first_token_ms(one.answer) for one in given]


def _first_token_ms(answer: Answer) -> float:
    """A text of ours has no token: nobody waited for a model."""
    if answer.model_answered is None or answer.first_token_s is None:
        return math.inf
    return answer.first_token_s * 1000


def _answered(one: Probed) -> bool:
    return one.answer.model_answered is not None and one.broken is None
