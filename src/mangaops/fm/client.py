"""The client: one call, and always an answer.

    client = fm.Client()                                   # MangaAssist's own configuration
    answer = client.complete(fm.Request(intent="faq", messages=(fm.user("Hours?"),)))
    for event in client.stream(request): ...

Rule: exactly one `bedrock_call` record for each call, whatever ends it; nobody outside sees an
exception but for a cancellation (Ctrl-C), which is raised on, and for a call that cannot be
begun: what is no request, a deadline that is no number.
Only this file knows the real clock, sleep and randomness.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from mangaops.fm.answer import Answer, StreamEvent
from mangaops.fm.breaker.registry import Breakers
from mangaops.fm.breaker.sharing import Sharing
from mangaops.fm.breaker.transitions import Transition
from mangaops.fm.config import Config
from mangaops.fm.defaults import manga_assist
from mangaops.fm.hooks import Hooks
from mangaops.fm.ladder.beginning import begun, check_arguments
from mangaops.fm.ladder.call import pieces_of
from mangaops.fm.ladder.latch import Latches
from mangaops.fm.ladder.log import log_transition
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.quality import Quality
from mangaops.fm.rate import RateFallback
from mangaops.fm.records.metrics import Metrics
from mangaops.fm.records.sink import JsonLines
from mangaops.fm.requests.request import Request
from mangaops.fm.requests.tokens import TokenCounter
from mangaops.fm.retry.deadline import Deadline
from mangaops.fm.retry.policy import RetryPolicy
from mangaops.fm.streaming import AnswerStream, ending_of, events_of
from mangaops.fm.target import Target
from mangaops.fm.transport.hanging_up import HangUp
from mangaops.fm.transport.raw import Transport

LogSink = Callable[[Mapping[str, Any]], None]
_sleep = time.sleep  # noqa: TID251 - the default of the argument


def _utc() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the default of the argument


def _told_or_own(wall: Callable[[], datetime]) -> Callable[[], datetime]:
    """The machine's time when `wall` fails: a record is worth more than where its time is from."""

    def told() -> datetime:
        try:
            return wall()
        except Exception:  # noqa: BLE001 - the caller's own code
            return _utc()

    return told


class Client:
    """Asks models by the ladder of `config`. Used by several threads at once.

    `endpoint_url` leads to another Bedrock Runtime than AWS's; `transport` replaces boto3
    altogether, which otherwise is loaded by the first call. `log_sink` takes each record;
    without one they are lines of JSON on the standard output. A sink that raises loses that
    record and nothing else; `log_failures` counts them. `session_salt` is what sessions are
    hashed with: all tasks of a service share it, or their records do not join. `breakers` may
    be shared with other clients; then their transitions are logged by who made them. With
    `sharing` they go by what all tasks of the service found out.
    """

    def __init__(  # noqa: PLR0913 - all that is real can be replaced
        self,
        config: Config | None = None,
        *,
        endpoint_url: str | None = None,
        transport: Transport | None = None,
        hooks: Hooks | None = None,
        breakers: Breakers | None = None,
        sharing: Sharing | None = None,
        metrics: Metrics | None = None,
        session_salt: bytes | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = _utc,
        sleep: Callable[[float], None] = _sleep,
        rng: random.Random | None = None,
        log_sink: LogSink | None = None,
    ) -> None:
        self.config = config or manga_assist()
        self.log_failures = 0
        self._endpoint_url = endpoint_url
        self._transport = transport
        self._lock = Lock()
        self._rng = rng or random.SystemRandom()  # no state that a fork would copy
        self.breakers = breakers or self._own_breakers(clock, sharing)
        self._parts = Parts(
            config=self.config,
            transport=self._connected,
            breakers=self.breakers,
            hooks=hooks or Hooks(),
            clock=clock,
            wall=_told_or_own(wall),
            sleep=sleep,
            log=log_sink or JsonLines(sys.stdout),
            lost=self._lost,
            metrics=metrics or Metrics(intents=frozenset(self.config.intents) - {"*"}),
            session_salt=session_salt or os.urandom(16),
            **self._learning(clock),
        )

    def _own_breakers(self, clock: Callable[[], float], sharing: Sharing | None) -> Breakers:
        return Breakers(
            self.config.breaker,
            clock=clock,
            rng=self._rng,
            on_transition=self._changed,
            sharing=sharing,
        )

    def _learning(self, clock: Callable[[], float]) -> dict[str, Any]:
        """What all calls of the client learn from each other."""
        config = self.config
        count = self._count if config.count_tokens else None
        return {
            "retry": RetryPolicy(config.retry, rng=self._rng),
            "latches": Latches(clock=clock),
            "rate": RateFallback(config.rate, clock=clock, rng=self._rng),
            "quality": Quality(unusable_rate=config.unusable_rate, clock=clock),
            "counter": TokenCounter(config.models, clock=clock, count=count),
        }

    def complete(self, request: Request, *, deadline: Deadline | float | None = None) -> Answer:
        """The whole answer. `deadline` is in seconds from now; None is the intent's own."""
        check_arguments(request, deadline)
        call = begun(self._parts, request, deadline)
        return ending_of(pieces_of(self._parts, call)).answer

    def stream(self, request: Request, *, deadline: Deadline | float | None = None) -> AnswerStream:
        """The answer piece by piece, then `Done` or `Interrupted`. The call begins with the
        first `next`; closing it, from whichever thread, cancels it.
        """
        check_arguments(request, deadline)
        hang_up = HangUp()
        return AnswerStream(self._events(request, deadline, hang_up), hang_up)

    def _events(
        self, request: Request, deadline: Deadline | float | None, hang_up: HangUp
    ) -> Generator[StreamEvent, None, None]:
        call = begun(self._parts, request, deadline, hang_up=hang_up)
        yield from events_of(pieces_of(self._parts, call))

    def _connected(self) -> Transport:
        with self._lock:
            if self._transport is None:
                from mangaops.fm.transport.bedrock import (  # noqa: PLC0415 - not before a call
                    BedrockTransport,
                    clients_of,
                )

                clients = clients_of(endpoint_url=self._endpoint_url)
                self._transport = BedrockTransport(clients, clock=self._parts.clock)
            return self._transport

    def _count(self, target: Target, request: Request) -> int:
        return self._connected().count_tokens(target, request)

    def _changed(self, change: Transition) -> None:
        log_transition(self._parts, change)

    def _lost(self) -> None:
        with self._lock:
            self.log_failures += 1
