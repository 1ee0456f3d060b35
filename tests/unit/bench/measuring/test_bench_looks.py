"""--until-decided: parts of a schedule, and a verdict that later looks do not take back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.bench.comparing.comparison import Verdict
from mangaops.bench.comparing.report import compared
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.comparing.sides import sides
from mangaops.bench.measuring.looks import Part, parts, verdict_of
from mangaops.bench.measuring.schedule import Schedule
from support.bench_runs import AFTER, BEFORE, START, Behaviour, bench_run

SCHEDULE = Schedule(messages={"faq": 1, "order": 2}, arms=2, samples=8, warm_up=1, seed=3)


def test_the_looks_come_after_a_quarter_half_and_all_of_the_samples() -> None:
    found = list(parts(SCHEDULE, SCHEDULE.calls()))
    assert [(part.look, part.samples, len(part.calls)) for part in found] == [
        (1, 2, 12),
        (2, 4, 8),
        (3, 8, 16),
    ]
    assert [call for part in found for call in part.calls] == list(SCHEDULE.calls())


def test_a_resumed_run_has_the_looks_that_are_left() -> None:
    left = [call for call in SCHEDULE.calls() if call.number >= 16]
    warming = list(SCHEDULE.warming(len(SCHEDULE)))
    found = list(parts(SCHEDULE, [*warming, *left]))
    assert [part.samples for part in found] == [2, 4, 8]
    assert found[0].calls == tuple(warming)
    assert [len(part.calls) for part in found[1:]] == [4, 16]


def part(look: int) -> Part:
    return Part(look=look, samples=200, calls=())


@pytest.mark.parametrize(
    ("after", "n", "first", "last"),
    [
        (replace(AFTER, p50=2600, p95=5200), 200, Verdict.FAIL, Verdict.FAIL),
        (BEFORE, 400, Verdict.INCONCLUSIVE, Verdict.PASS),
    ],
    ids=["twice", "same"],
)
def test_an_early_look_needs_more_than_a_late_one(
    after: Behaviour, n: int, first: Verdict, last: Verdict
) -> None:
    run = bench_run(intents={"recommendation": (BEFORE, after)}, n=n)
    rules = Rules()
    early, late = (
        verdict_of(run.header, run.samples, part(look), rules, at=START) for look in (1, 3)
    )
    assert (early, late) == (first, last)
    whole = compared(*sides(run, None, baseline=None, candidate=None), rules)
    assert whole.verdict is late
