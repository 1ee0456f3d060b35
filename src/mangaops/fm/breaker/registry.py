"""The breakers of all targets: one for each model or profile, region and operation."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Lock

from mangaops.fm.breaker.circuit import CircuitBreaker
from mangaops.fm.breaker.config import BreakerConfig
from mangaops.fm.breaker.shared_circuit import SharedCircuit
from mangaops.fm.breaker.sharing import Sharing
from mangaops.fm.breaker.transitions import Transition
from mangaops.fm.target import Target


class Breakers:
    """Thread-safe. The Transition that `on_transition` gets says whose it is.

    `operation` is any word that separates what fails on its own: streams do, beside calls.
    With `sharing` they go by what all tasks found out.
    """

    def __init__(
        self,
        config: BreakerConfig,
        *,
        clock: Callable[[], float],
        rng: random.Random,
        on_transition: Callable[[Transition], None] | None = None,
        sharing: Sharing | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._rng = rng
        self._on_transition = on_transition
        self._sharing = sharing
        self._lock = Lock()
        self._breakers: dict[tuple[Target, str], CircuitBreaker] = {}

    def of(self, target: Target, operation: str) -> CircuitBreaker:
        """The same one each time; made when it is first asked for."""
        key = (target, operation)
        found = self._breakers.get(key)
        if found is not None:
            return found
        with self._lock:
            if key not in self._breakers:
                self._breakers[key] = self._new(target, operation)
            return self._breakers[key]

    def each(self) -> Iterator[tuple[Target, str, CircuitBreaker]]:
        """Those that were asked for, in that order."""
        with self._lock:
            known = list(self._breakers.items())
        for (target, operation), breaker in known:
            yield target, operation, breaker

    def _new(self, target: Target, operation: str) -> CircuitBreaker:
        def report(change: Transition) -> None:
            if self._on_transition is not None:
                self._on_transition(replace(change, target=target, operation=str(operation)))

        if self._sharing is None:
            return CircuitBreaker(
                self._config, clock=self._clock, rng=self._rng, on_transition=report
            )
        return SharedCircuit(
            self._config,
            key=f"{target.region}/{target.model_id}/{operation}",
            sharing=self._sharing,
            clock=self._clock,
            rng=self._rng,
            on_transition=report,
        )
