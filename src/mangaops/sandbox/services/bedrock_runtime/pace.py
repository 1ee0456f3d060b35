"""How fast a model answers under one version of a prompt, as a distribution.

Every draw is of the number of the call under its version: the n-th call takes as long in
every sandbox, in whatever order the calls of several versions come.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

MOST_SPREADS = 2.0
"""No draw is further out than two spreads: a model's worst answers have a limit."""
_SEED = "659"
"""Of a few thousand the one with which the first 60, 100, 200 and 400 calls of each usual
pace are spread as all of them are: p50 and p95 within 7 %.
"""
ANY = "*"
"""In place of a version: those of the intent that have no pace of their own."""

Version = tuple[str, str]
"""Intent and version of a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Medians in real time, spreads as the standard deviation of their logarithm.

    The time to the first token is `first_token_ms` and `per_1000_input_ms` for each 1,000
    input tokens. `output_tokens` is how long an answer is, if no limit ends it. A share
    `slow_share` of the calls takes `slow_factor` times as long, and a share `failure_share`
    fails with the error `failure`.
    """

    first_token_ms: float
    tokens_per_s: float
    output_tokens: float
    first_token_spread: float = 0.25
    speed_spread: float = 0.0
    output_spread: float = 0.0
    per_1000_input_ms: float = 0.0
    slow_share: float = 0.0
    slow_factor: float = 3.0
    failure_share: float = 0.0
    failure: str = "ThrottlingException"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One answer's length and times, in seconds of real time; `failure` is an error code."""

    first_token_s: float
    token_s: float
    tokens: int
    failure: str | None


def draw(pace: Pace, version: Version, number: int, input_tokens: int) -> Drawn:
    """The `number`-th answer under a version."""
    random = Random("/".join((_SEED, *version, str(number))))  # noqa: S311 - latencies, not secrets
    first, speed, length = (_factor(random, spread) for spread in _spreads(pace))
    slow = pace.slow_factor if random.random() < pace.slow_share else 1.0
    fails = random.random() < pace.failure_share
    prompt_ms = pace.per_1000_input_ms * input_tokens / 1000
    return Drawn(
        first_token_s=(pace.first_token_ms + prompt_ms) / 1000 * first * slow,
        token_s=speed * slow / pace.tokens_per_s,
        tokens=max(1, round(pace.output_tokens * length)),
        failure=pace.failure if fails else None,
    )


def _spreads(pace: Pace) -> tuple[float, float, float]:
    return pace.first_token_spread, pace.speed_spread, pace.output_spread


def _factor(random: Random, spread: float) -> float:
    """Lognormal around 1."""
    deviation = max(-MOST_SPREADS, min(MOST_SPREADS, random.gauss(0.0, 1.0)))
    return math.exp(spread * deviation)


_BEFORE = Pace(
    first_token_ms=500,
    first_token_spread=0.371,
    per_1000_input_ms=353,
    tokens_per_s=520,
    speed_spread=0.706,
    output_tokens=285,
    output_spread=0.08,
)
_AFTER = Pace(
    first_token_ms=560,
    first_token_spread=0.371,
    per_1000_input_ms=353,
    tokens_per_s=520,
    speed_spread=0.66,
    output_tokens=410,
    output_spread=0.08,
)
USUAL: Mapping[Version, Pace] = {
    ("recommendation", ANY): _BEFORE,
    ("recommendation", "v2.1"): _AFTER,
}
"""Recommendations before and after a prompt of 180 tokens became one of 520 (v2.1), with 20
of the customer's: p50 1,180 and p95 2,410 ms, first token p95 1,050 ms; then 1,620, 3,210
and 1,380 ms. Of the longer prompt, 120 ms are its input and 60 ms what it demands.
"""
