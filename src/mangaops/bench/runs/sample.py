"""One call of a benchmark, and the run that it belongs to. Times are milliseconds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

SCHEMA = "mangaops.bench-run/1"
UNIT = "ms"
LEAST_MS = 1e-6
MOST_MS = 1e9
"""Eleven days. A time is 0 or lies between these, so that no ratio and no sum overflows."""
MOST = 2**53
"""Of a count or a seed: what every reader of JSON has exactly."""


class CacheMode(StrEnum):
    """What the model's prompt cache may do: a run under one mode says nothing about another."""

    OFF = "off"
    """No cache points are sent."""
    WARM = "warm"
    """The system prompt is a cache point, and warm-up calls fill it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One call. `total_ms` and `first_token_ms` are None when the call failed before.

    `arm` is the position of its version in the run's `arms` (0 is the baseline). A warm-up
    call is kept, but no figure counts it. `failure` is the AWS error code, `timeout`,
    `interrupted` (a stream without its end) or another word of what went wrong. A call that
    only ended at its limit of output tokens did not fail: `stop_reason` says so.
    """

    number: int
    intent: str
    arm: int
    started_at: datetime
    model: str
    warm_up: bool = False
    first_token_ms: float | None = None
    total_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    stop_reason: str | None = None
    failure: str | None = None

    @property
    def latency_ms(self) -> float:
        """What quantiles count: infinite for a failed call."""
        if self.failure is not None or self.total_ms is None:
            return math.inf
        return self.total_ms

    @property
    def first_token_latency_ms(self) -> float | None:
        """Infinite when the call failed before it; None when it is not reported."""
        if self.first_token_ms is None and self.failure is not None:
            return math.inf
        return self.first_token_ms

    @property
    def ms_per_token(self) -> float | None:
        """Generation time of one output token, after the first."""
        if self.failure is not None or self.total_ms is None or self.first_token_ms is None:
            return None
        if self.output_tokens is None or self.output_tokens < 2:
            return None
        return (self.total_ms - self.first_token_ms) / (self.output_tokens - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptUsed:
    """The prompt of one intent in one arm. `prompt_tokens` as declared in the table, if it is."""

    version: str
    digest: str
    prompt_tokens: int | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """What holds for a whole run: its conditions and what it planned.

    `arms` are labels, the baseline first: one for a run of what is active, two for a
    comparison. `prompts` has, for each intent, one PromptUsed an arm. `interleaved` is
    whether the arms' calls came in random order. `cache` is a condition, like `region`.
    """

    run: str
    started_at: datetime
    arms: tuple[str, ...]
    prompts: Mapping[str, tuple[PromptUsed, ...]]
    environment: str = ""
    region: str = ""
    workload: str = ""
    seed: int = 0
    samples_per_arm: int = 0
    warm_up: int = 0
    concurrency: int = 1
    rate_per_s: float | None = None
    cache: CacheMode = CacheMode.OFF
    interleaved: bool = True
    client: str = ""
    unit: str = UNIT

    @property
    def intents(self) -> tuple[str, ...]:
        return tuple(self.prompts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run file as it was read. `finished_at` is None for one that was interrupted."""

    header: RunHeader
    samples: tuple[Sample, ...]
    finished_at: datetime | None = None
    place: str = ""
    notes: tuple[str, ...] = field(default=())

    def arm(self, intent: str, arm: int) -> tuple[Sample, ...]:
        """The samples that count, of one intent under one version."""
        return tuple(
            one
            for one in self.samples
            if one.intent == intent and one.arm == arm and not one.warm_up
        )
