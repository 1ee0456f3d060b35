from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from mangaops.bench.comparing.latest import Pair, latest_pairs
from mangaops.bench.runs.sample import Run
from support.bench_runs import BEFORE, FAQ, START, Behaviour, bench_run

Told = tuple[str, int, str, int]
OLD, NEW = ("v2.0",), ("v2.1",)


def _run(hour: int, arms: tuple[str, ...], intents: Sequence[str] = ("faq",)) -> Run:
    return bench_run(
        name=f"b-{hour}",
        at=START + timedelta(hours=hour),
        arms=arms,
        n=2,
        intents={intent: (FAQ,) * len(arms) for intent in intents},
    )


def _pairs(*runs: Run | None) -> Mapping[str, Told]:
    """Run and arm of both sides, by intent. A None is a run that turns out to be damaged."""
    stored = {f"b-{hour}": run for hour, run in enumerate(runs)}
    headers = {name: (run or _run(int(name[2:]), NEW)).header for name, run in stored.items()}
    return {pair.intent: _told(pair) for pair in latest_pairs(headers, stored.__getitem__)}


def _told(pair: Pair) -> Told:
    one, other = pair.baseline, pair.candidate
    return one.run.header.run, one.arm, other.run.header.run, other.arm


def test_two_versions_of_one_run_are_compared_with_each_other() -> None:
    assert _pairs(_run(0, OLD), _run(1, ("v2.0", "v2.1"))) == {"faq": ("b-1", 0, "b-1", 1)}


def test_else_with_the_newest_earlier_run_of_another_version() -> None:
    runs = (_run(0, ("v1.8",)), _run(1, OLD), _run(2, NEW), _run(3, NEW))
    assert _pairs(*runs) == {"faq": ("b-1", 0, "b-3", 0)}


BOTH = ("v2.0", "v2.1")


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ((_run(0, BOTH), _run(1, NEW)), ("b-0", 0, "b-0", 1)),
        ((_run(0, BOTH), _run(1, OLD), _run(2, NEW)), ("b-0", 0, "b-0", 1)),
        ((_run(0, BOTH), _run(1, BOTH), _run(2, NEW)), ("b-1", 0, "b-1", 1)),
        ((_run(0, ("v2.1", "v2.0")), _run(1, NEW)), ("b-0", 1, "b-0", 0)),
        ((_run(0, BOTH), _run(1, ("v2.1", "v2.1"))), ("b-0", 0, "b-0", 1)),
        ((_run(0, BOTH), _run(1, ("v2.2",))), ("b-0", 1, "b-1", 0)),
        ((_run(0, BOTH), _run(1, ("v2.0-hotfix",)), _run(2, NEW)), ("b-1", 0, "b-2", 0)),
    ],
    ids=["nightly", "two nightlies", "newest", "turned round", "A/A", "third", "between"],
)
def test_two_versions_measured_at_once_are_not_hidden_by_later_runs_of_them(
    runs: Sequence[Run], told: Told
) -> None:
    assert _pairs(*runs) == {"faq": told}


def test_a_run_of_both_that_is_one_sided_hides_no_two_whole_ones() -> None:
    whole = _run(0, BOTH)
    cut = Run(header=whole.header, samples=tuple(one for one in whole.samples if one.arm == 0))
    assert _pairs(cut, _run(1, NEW)) == {"faq": ("b-0", 0, "b-1", 0)}


def test_else_with_the_newest_earlier_run_of_the_same_version() -> None:
    assert _pairs(_run(0, NEW), _run(1, NEW), _run(2, NEW)) == {"faq": ("b-1", 0, "b-2", 0)}


def test_one_version_under_both_arms_compares_nothing_by_itself() -> None:
    twice = bench_run(name="b-1", at=START + timedelta(hours=1), arms=("v2.1", "v2.1"), n=2)
    before = bench_run(name="b-0", arms=OLD, n=2, intents={"recommendation": (BEFORE,)})
    assert _pairs(before, twice) == {"recommendation": ("b-0", 0, "b-1", 1)}


def test_intents_are_compared_each_by_itself() -> None:
    runs = (_run(0, OLD, ("faq", "greeting")), _run(1, NEW, ("faq",)), _run(2, NEW, ("greeting",)))
    assert _pairs(*runs) == {"faq": ("b-0", 0, "b-1", 0), "greeting": ("b-0", 0, "b-2", 0)}


@pytest.mark.parametrize("runs", [(), (_run(0, NEW),), (None, _run(1, NEW)), (None, None)])
def test_a_run_with_nothing_before_it_is_not_compared(runs: tuple[Run | None, ...]) -> None:
    assert _pairs(*runs) == {}


def test_a_damaged_run_and_one_without_samples_of_the_intent_are_passed_over() -> None:
    empty = bench_run(
        name="b-2", at=START + timedelta(hours=2), arms=NEW, n=0, intents={"faq": (FAQ,)}
    )
    assert _pairs(_run(0, OLD), None, empty, _run(3, NEW)) == {"faq": ("b-0", 0, "b-3", 0)}


def test_one_sided_runs_with_two_versions_stay_one_sided() -> None:
    """The comparison then says INCONCLUSIVE: an older run would be another comparison."""
    whole = _run(1, ("v2.0", "v2.1"))
    cut = Run(header=whole.header, samples=tuple(one for one in whole.samples if one.arm == 0))
    assert _pairs(_run(0, OLD), cut) == {"faq": ("b-1", 0, "b-1", 1)}


def test_a_run_is_read_once_and_only_if_it_is_needed() -> None:
    runs = {f"b-{n}": _run(n, arms, ("faq", "greeting")) for n, arms in enumerate([NEW, OLD, NEW])}
    read: list[str] = []

    def reading(name: str) -> Run:
        read.append(name)
        return runs[name]

    latest_pairs({name: run.header for name, run in runs.items()}, reading)
    assert read == ["b-2", "b-1"]


def test_a_control_within_a_run_of_two_versions_is_compared_too() -> None:
    """Its own prompt is the same in both; that nothing moved is what it is there for."""
    slow = Behaviour(p50=900, p95=1900)
    run = bench_run(name="b-0", n=2, intents={"faq": (FAQ, slow), "greeting": (FAQ, FAQ)})
    assert set(_pairs(run)) == {"faq", "greeting"}
