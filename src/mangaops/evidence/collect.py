"""The rounds of a diagnosis: read, let the walk decide, read what it asks for.

All metrics go out first, as one batch. Whenever evidence arrives, `decide` walks again
over what there is: it answers with a result, or with what it needs. What it needs is
read in parallel; what it may need soon is read ahead if that is one free call. So a
result never waits for evidence that it does not depend on: that is stopped, and
reported `not_needed`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from mangaops.evidence.budget import ScanBudget, cost
from mangaops.evidence.gather import Gathering
from mangaops.evidence.progress import Progress
from mangaops.evidence.readers import Readers
from mangaops.model.diagnosis import Cost, Needs
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.time import Window

T = TypeVar("T")

DEADLINE = 60.0
GRACE = 2.0


class Calls(Protocol):
    """What was asked of AWS so far (`aws.calls.CallCounter`)."""

    @property
    def sent(self) -> int: ...

    @property
    def metrics(self) -> int: ...


class Declares(Protocol):
    """What is to be read, by id: a runbook, or a few declarations of their own."""

    @property
    def evidence(self) -> Mapping[str, EvidenceDeclaration]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected(Generic[T]):
    """`evidence` has every declared id. `result` is a `Needs` only if the walk needs
    nothing but a person's answer: pass `evidence` to the next `collect` as `known`.
    """

    result: T | Needs
    evidence: EvidenceSet
    interrupted: bool
    cost: Cost
    seconds: float


class Collector:
    """Collects for one command. Use it in a `with`: its end waits a moment for the
    StopQuery of what is no longer needed, which AWS would otherwise go on scanning for.
    """

    def __init__(
        self,
        readers: Readers,
        *,
        budget: ScanBudget,
        calls: Calls,
        tell: Callable[[Progress], None],
        deadline: float = DEADLINE,
        log_price_per_gb: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._readers = readers
        self._budget = budget
        self._calls = calls
        self._tell = tell
        self._seconds = deadline
        self._price = log_price_per_gb
        self._clock = clock
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()

    def close(self) -> None:
        """Waits, at most GRACE seconds, for readers that have been stopped."""
        until = self._clock() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, until - self._clock()))

    def collect(
        self,
        runbook: Declares,
        window: Window,
        decide: Callable[[EvidenceSet], T | Needs],
        *,
        known: EvidenceSet | None = None,
        beside: Callable[[], object] | None = None,
    ) -> Collected[T]:
        """Reads until `decide` has a result, the deadline, or Ctrl-C.

        After the deadline or the first Ctrl-C everything that is missing is in state
        `timeout` and `decide` has the last word; a second Ctrl-C is raised. `beside` is
        called in a thread of its own once the first request is on its way.

        Raises the error (AwsCredentials, AwsUnreachable, InputError) if AWS has not
        answered anything: there is nothing to diagnose then.
        """
        began = self._clock()
        gathering = Gathering(
            self._readers,
            runbook.evidence,
            window,
            clock=self._clock,
            until=began + self._seconds,
            tell=self._tell,
            known=known,
        )
        interrupted = False
        try:
            gathering.begin(beside)
            result = self._decided(gathering, decide)
            gathering.raise_if_unanswered()
        except KeyboardInterrupt:
            interrupted = True
            gathering.give_up("interrupted")
            result = self._decided(gathering, decide)
        finally:
            self._threads += gathering.stop_all()
        return Collected(
            result=result,
            evidence=gathering.complete(),
            interrupted=interrupted,
            cost=self._cost(),
            seconds=self._clock() - began,
        )

    def _decided(
        self, gathering: Gathering, decide: Callable[[EvidenceSet], T | Needs]
    ) -> T | Needs:
        while True:
            answer = decide(gathering.evidence)
            if not isinstance(answer, Needs) or answer.evidence <= gathering.evidence.items.keys():
                return answer
            gathering.read(answer.evidence, ahead=answer.soon)
            if not gathering.news():
                gathering.give_up(f"not read within the deadline of {self._seconds:g} s")

    def _cost(self) -> Cost:
        return cost(
            calls=self._calls.sent,
            metrics=self._calls.metrics,
            scanned=self._budget.used,
            log_price_per_gb=self._price,
        )
