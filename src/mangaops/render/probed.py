"""One probe as it is shown: the calls through the client, and what each met.

What they come to is decided by the command (cli/probe_outcome.py), not here.
"""

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
    REFUSED = "refused"
    """AWS refused what was asked: the request, or the model's id (also when a backup answered
    for an id that somebody wrote)."""
    FAILED = "failed"
    """AWS was not asked at all: no credentials, no access, nobody there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Tokens that models told, and their price; None where one is not known.

    `untold` attempts may have been billed and told nothing: `untold_input` is our estimate of
    what they read, and `usd` is then the least that it was.
    """

    input: int = 0
    output: int = 0
    untold: int = 0
    untold_input: int = 0
    usd: float | None = 0.0

    @property
    def known(self) -> bool:
        """Whether there is a figure at all: nothing spent is one, nothing told is not."""
        return not self.untold or bool(self.input or self.output)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """One call. `records` are what the client logged for it, in order.

    `broken` is the reason why a stream was interrupted after text had come, `said` what AWS
    said of the last refusal.
    """

    answer: Answer
    outcome: Outcome
    records: tuple[Mapping[str, Any], ...]
    broken: str | None = None
    said: str | None = None
    spending: Spending

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
    def first_token_s(self) -> float | None:
        """A text of ours has no token: nobody waited for a model."""
        return None if self.answer.model_answered is None else self.answer.first_token_s

    @property
    def blocked(self) -> bool:
        """A model or a guardrail was asked, and refused the content."""
        failure = self.answer.failure
        return failure is not None and failure.failure_class is FailureClass.BLOCKED


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerShown:
    model_id: str
    region: str
    operation: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAnswer:
    """`wanted` calls were asked for; fewer `calls` were made where Ctrl-C stopped it.

    `model_id` and `region` are the intent's first choice, `outcome` is of all calls. `fault` is
    the summary of `chaos`, `free` a sandbox's call.
    """

    environment: str
    region: str
    intent: str
    model_id: str
    streamed: bool
    wanted: int
    outcome: Outcome
    calls: tuple[Probed, ...]
    spending: Spending
    breakers: tuple[BreakerShown, ...] = ()
    issues: tuple[Issue, ...] = ()
    chaos: str | None = None
    fault: str | None = None
    free: bool = False
    notes: tuple[str, ...] = ()
    next: str = ""
    interrupted: bool = False

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
    firsts = [one.first_token_s for one in given]
    return [math.inf if first is None else first * 1000 for first in firsts]


def _answered(one: Probed) -> bool:
    return one.answer.model_answered is not None and one.broken is None
