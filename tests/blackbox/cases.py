"""A table of cases of one runbook: each seeded into its own slot, all asked at the same time.

One diagnosis takes about a second, most of it spent waiting, so that a module's fixture
asks for all its cases in a small pool, and each test looks at one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from blackbox.seeding import Answer, Log, Metric, Sandbox

AT_ONCE = 4
EXIT_CODES = {"healthy": 0, "diagnosed": 3, "inconclusive": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is seeded, and what an honest expert concludes from it.

    `conclusion` is `healthy`, `inconclusive`, or a diagnosis id with its verdict, such as
    `bedrock-throttling confirmed`; an outcome that decides nothing is written
    `inconclusive other-close-codes`. `missing` is what coverage must name, all of it.
    `at` is the last node of the path.
    """

    name: str
    metrics: Sequence[Metric]
    conclusion: str
    logs: Sequence[Log] = ()
    missing: tuple[str, ...] = ()
    at: str | None = None
    words: tuple[str, ...] = ()

    @property
    def verdict(self) -> tuple[str, str, str | None, int]:
        name, _, verdict = self.conclusion.partition(" ")
        if name in EXIT_CODES:
            return name, "none", verdict or None, EXIT_CODES[name]
        return "diagnosed", verdict, name, EXIT_CODES["diagnosed"]


C = TypeVar("C", bound=Case)


class Answers:
    """Seeds all cases, then asks for them; `of` waits for one answer.

    `also` seeds what is neither metric nor log, given the case and the end of its slot.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        runbook: str,
        cases: Sequence[C],
        also: Callable[[C, datetime], None] | None = None,
    ) -> None:
        ends = {case.name: sandbox.slot() for case in cases}
        assert len(ends) == len(cases), "two cases have one name"
        for case in cases:
            sandbox.put(ends[case.name], case.metrics, case.logs)
            if also is not None:
                also(case, ends[case.name])
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._asked: dict[str, Future[Answer]] = {
            case.name: self._pool.submit(sandbox.diagnose, runbook, ends[case.name], *case.words)
            for case in cases
        }

    def of(self, case: Case) -> Answer:
        return self._asked[case.name].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def check(case: Case, answer: Answer) -> None:
    """The whole of what a case says about its answer."""
    assert answer.verdict == case.verdict, (answer.nodes, answer.missing, answer.document)
    assert set(case.missing) <= set(answer.missing), answer.missing
    if case.at is not None:
        assert answer.nodes[-1] == case.at, answer.nodes
