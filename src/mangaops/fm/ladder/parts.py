"""What all calls of a client share: budgets, breakers, what was learnt, and where it is logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mangaops.fm.breaker.registry import Breakers
from mangaops.fm.config import Config
from mangaops.fm.hooks import Hooks
from mangaops.fm.ladder.latch import Latches
from mangaops.fm.ladder.quality import Quality
from mangaops.fm.rate import RateFallback
from mangaops.fm.records.metrics import Metrics
from mangaops.fm.requests.tokens import TokenCounter
from mangaops.fm.retry.policy import RetryPolicy
from mangaops.fm.target import Target
from mangaops.fm.transport.raw import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`transport` gives the transport, which is built when it is first needed.

    `log` takes one record and raises nothing, `lost` counts one that could not be made.
    Everything here is used by several threads.
    """

    config: Config
    transport: Callable[[], Transport]
    breakers: Breakers
    retry: RetryPolicy
    latches: Latches
    rate: RateFallback
    quality: Quality
    counter: TokenCounter
    hooks: Hooks
    clock: Callable[[], float]
    wall: Callable[[], datetime]
    sleep: Callable[[float], None]
    log: Callable[[Mapping[str, Any]], None]
    lost: Callable[[], None]
    metrics: Metrics
    session_salt: bytes

    def name_of(self, target: Target) -> str:
        """What logs and metrics call the model: `sonnet`, `other` for one that nobody knows."""
        return self.config.models.name_of(target.model_id)
