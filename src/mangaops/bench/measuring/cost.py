"""What a run may cost before it starts, and what it has cost so far. US dollars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mangaops.bench.runs.sample import Sample
from mangaops.model.asking import INTERRUPTED, TIMEOUT, Reply
from mangaops.model.settings import Price
from mangaops.model.tokens import CERTAIN

MILLION = 1_000_000
CACHE_READ = 0.1
"""What a token that was read from the prompt cache costs, of one that was not."""
AROUND = 12
"""Tokens that the message format adds to a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The calls of one intent and arm. `price` is None where nobody has said it."""

    intent: str
    arm: int
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    price: Price | None

    @property
    def call_usd(self) -> float:
        """The most that one call costs."""
        return cost(self.price, self.input_tokens, self.output_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """`low_usd`: with answers of no length. `high_usd`: with answers as long as they may be."""

    calls: int
    input_tokens: int
    output_tokens: int
    low_usd: float
    high_usd: float
    unpriced: tuple[str, ...] = ()


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """By the longest configured name that is a part of the model's id."""
    found = [name for name in prices if name.lower() in model.lower()]
    return prices[max(found, key=len)] if found else None


def cost(price: Price | None, input_tokens: int, output_tokens: int, cached: int = 0) -> float:
    """`cached` tokens are part of `input_tokens`. Without a price nothing is known: 0."""
    if price is None:
        return 0.0
    fresh = input_tokens - cached * (1 - CACHE_READ)
    return (fresh * price.input + output_tokens * price.output) / MILLION


def estimate(loads: Iterable[Load]) -> Estimate:
    each = tuple(loads)
    return Estimate(
        calls=sum(one.calls for one in each),
        input_tokens=sum(one.calls * one.input_tokens for one in each),
        output_tokens=sum(one.calls * one.output_tokens for one in each),
        low_usd=sum(
            one.calls * cost(one.price, int(one.input_tokens * CERTAIN), 0) for one in each
        ),
        high_usd=sum(one.calls * one.call_usd for one in each),
        unpriced=tuple(dict.fromkeys(one.model for one in each if one.price is None)),
    )


class Spending:
    """Keeps a run within `limit_usd`: what is under way counts with the most it can cost.

    A call that failed before it was answered costs nothing. One that broke off or timed out
    has been worked on: it counts whole.
    """

    def __init__(self, loads: Iterable[Load], *, limit_usd: float | None) -> None:
        self._loads = {(one.intent, one.arm): one for one in loads}
        self._limit = limit_usd
        self._reserved = 0.0
        self.usd = 0.0

    def allows(self, intent: str, arm: int) -> bool:
        most = self._loads[intent, arm].call_usd
        return self._limit is None or self.usd + self._reserved + most <= self._limit

    def begin(self, intent: str, arm: int) -> None:
        self._reserved += self._loads[intent, arm].call_usd

    def end(self, intent: str, arm: int, reply: Reply | Sample) -> None:
        self._reserved = max(0.0, self._reserved - self._loads[intent, arm].call_usd)
        self.count(intent, arm, reply)

    def count(self, intent: str, arm: int, reply: Reply | Sample) -> None:
        """Also for samples that a resumed run has already."""
        self.usd += _spent(self._loads[intent, arm], reply)


def _spent(load: Load, reply: Reply | Sample) -> float:
    if reply.input_tokens is not None:
        output = reply.output_tokens or 0
        return cost(load.price, reply.input_tokens, output, reply.cached_tokens or 0)
    broke = reply.first_token_ms is not None or reply.failure in {INTERRUPTED, TIMEOUT}
    return load.call_usd if broke else 0.0
