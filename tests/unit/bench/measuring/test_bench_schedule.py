"""Arms are interleaved in blocks; the same seed gives the same calls, more samples a longer run."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mangaops.bench.measuring.limiter import Spacing
from mangaops.bench.measuring.schedule import Schedule
from support.fake_time import FakeClock


def schedule(**other: int) -> Schedule:
    numbers = {"arms": 2, "samples": 6, "warm_up": 2, "seed": 7} | other
    return Schedule(messages={"faq": 1, "recommendation": 3}, **numbers)


@given(st.integers(1, 2), st.integers(1, 9), st.integers(0, 3), st.integers(0, 2**31))
def test_each_block_has_every_intent_and_arm_once(
    arms: int, samples: int, warm_up: int, seed: int
) -> None:
    plan = schedule(arms=arms, samples=samples, warm_up=warm_up, seed=seed)
    calls = list(plan.calls())
    size = 2 * arms
    assert [call.number for call in calls] == list(range(len(plan)))
    assert plan.measured == sum(not call.warm_up for call in calls) == samples * size
    assert [call.warm_up for call in calls] == sorted((c.warm_up for c in calls), reverse=True)
    for start in range(0, len(calls), size):
        block = calls[start : start + size]
        assert len({(call.intent, call.arm) for call in block}) == size


def test_both_arms_get_the_same_messages() -> None:
    got: dict[int, Counter[tuple[str, int]]] = {0: Counter(), 1: Counter()}
    for call in schedule().calls():
        if not call.warm_up:
            got[call.arm][call.intent, call.message] += 1
    assert got[0] == got[1]
    assert set(got[0]) == {("faq", 0), *(("recommendation", n) for n in range(3))}


def test_the_seed_decides_the_order_and_more_samples_only_add() -> None:
    calls = list(schedule().calls())
    assert calls == list(schedule().calls())
    assert calls != list(schedule(seed=8).calls())
    assert list(schedule(samples=60).calls())[: len(calls)] == calls


def test_a_position_in_a_block_belongs_to_no_arm() -> None:
    firsts = Counter(
        call.arm
        for number, call in enumerate(schedule(samples=500, warm_up=0).calls())
        if number % 4 == 0
    )
    assert 200 < firsts[0] < 300


def test_a_resumed_run_warms_up_with_numbers_of_its_own() -> None:
    plan = schedule()
    warming = list(plan.warming(len(plan)))
    assert [call.number for call in warming] == list(range(len(plan), len(plan) + 8))
    assert all(call.warm_up for call in warming)


def test_calls_are_evenly_spaced_and_lost_time_is_not_made_up_for() -> None:
    clock = FakeClock()
    spacing = Spacing(4, clock=clock)
    assert spacing.delay() == 0
    spacing.taken()
    assert spacing.delay() == 0.25
    clock.now += 10
    assert spacing.delay() == 0
    spacing.taken()
    assert spacing.delay() == 0.25
    assert Spacing(None, clock=clock).delay() == 0
