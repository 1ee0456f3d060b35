"""What a comparison says to type next: only what works, and only where it was measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mangaops.bench.comparing.report import compared
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.comparing.sides import sides
from mangaops.bench.runs.sample import Run
from mangaops.cli.bench.comparing import Compared, next_commands
from mangaops.cli.options import Where
from support.bench_runs import AFTER, BEFORE, FAQ, START, bench_run


def night(name: str, version: str, hours: int = 0) -> Run:
    """A run of what is active: its arm has no version as its name."""
    how = {"v2.0": BEFORE, "v2.1": AFTER}[version]
    run = bench_run(
        intents={"recommendation": (how,), "faq": (FAQ,)},
        arms=(version,),
        n=60,
        name=name,
        at=START + timedelta(hours=hours),
        kept=("faq",),
    )
    return replace(run, header=replace(run.header, arms=("active",)))


def found(first: Run, second: Run | None = None, elsewhere: str = "") -> Compared:
    a, b = sides(first, second, baseline=None, candidate=None)
    report = compared(a, b, Rules())
    return Compared(report=report, baseline=a, candidate=b, typed="A B", elsewhere=elsewhere)


def told(of: Compared) -> list[tuple[str, str]]:
    return list(next_commands(of, Where()))


def test_an_arms_label_is_never_a_version() -> None:
    both = found(night("b-1", "v2.0"), night("b-2", "v2.1", 1))
    ((_, line),) = told(both)
    assert "--baseline v2.0 --candidate v2.1" in line
    assert "active" not in line
    assert "faq" not in line
    labels = [tuple(one.label for one in pair) for pair in both.curves.values()]
    assert ("v2.0", "v2.1") in labels


def test_the_same_prompt_twice_leads_to_what_else_changed() -> None:
    same = found(night("b-1", "v2.0"), night("b-2", "v2.0", 1))
    assert told(same) == [("what else changed:", "mangaops bench history --changes")]


def test_calls_that_all_fail_are_not_made_again() -> None:
    dead = replace(AFTER, failures=1.0)
    ((_, line),) = told(found(bench_run(intents={"recommendation": (dead, dead)}, n=60)))
    assert line == "mangaops diagnose fm-errors"


def test_what_another_environment_measured_is_no_way_back_here() -> None:
    slow = replace(AFTER, p50=2400, p95=4800)
    run = bench_run(intents={"recommendation": (BEFORE, slow)})
    ((label, line),) = told(found(run, elsewhere="staging"))
    assert label == "measured in staging:"
    assert "rollback" not in line
    assert "rollback-prompt" in told(found(run))[0][1]
