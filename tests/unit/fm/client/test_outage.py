"""A model that is down for a minute, and one that stays down: what reaches it, what users get."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops import fm
from support.fake_time import FakeClock
from support.fm import Desk, Entry, Scripted, ask, desk, said, unavailable

OUTAGE = 60.0
PRIMARY = fm.manga_assist().policy("recommendation").route


def _alone() -> fm.Config:
    """The primary and nothing beside it but the intent's template."""
    ours = fm.manga_assist()
    policy = replace(ours.policy("recommendation"), alternates=(), backups=())
    return replace(ours, intents={"*": policy})


def _outage(
    seed: int, config: fm.Config | None = None, *, whole: bool = False
) -> tuple[Desk, list[fm.Answer], list[float]]:
    """A request each 4 s for two minutes, of which the first is the outage."""
    clock = FakeClock(0.0)
    reached: list[float] = []

    def answer(_: int, target: fm.Target) -> Entry:
        if target == PRIMARY:
            reached.append(clock.now)
        down = clock.now < OUTAGE and (whole or target == PRIMARY)
        return unavailable() if down else said()

    here = desk(Scripted(by=answer), config=config, clock=clock, seed=seed)
    answers = []
    for number in range(30):
        clock.now = max(clock.now, 4.0 * number)
        answers.append(here.client.complete(ask()))
    return here, answers, reached


@pytest.mark.parametrize("seed", range(10))
def test_a_minute_without_the_primary_is_hardly_noticed_by_anybody(seed: int) -> None:
    here, answers, reached = _outage(seed)

    assert all(answer.text for answer in answers)
    assert {answer.mode for answer in answers} <= {fm.Mode.PRIMARY, fm.Mode.REPAIRED}
    assert sum(at < OUTAGE for at in reached) <= 7
    assert min(at for at in reached if at >= OUTAGE) <= OUTAGE + 30
    assert answers[-1].mode is fm.Mode.PRIMARY
    assert len(here.of("bedrock_call")) == 30


@pytest.mark.parametrize("seed", range(10))
def test_where_there_is_nothing_but_the_primary_a_template_answers(seed: int) -> None:
    _, answers, reached = _outage(seed, _alone())

    assert {answer.mode for answer in answers} == {fm.Mode.PRIMARY, fm.Mode.TEMPLATE}
    assert sum(at < OUTAGE for at in reached) <= 7
    assert min(at for at in reached if at >= OUTAGE) <= OUTAGE + 30
    assert answers[-1].mode is fm.Mode.PRIMARY


@pytest.mark.parametrize("seed", [1, 4])
def test_traffic_before_an_outage_makes_nobody_s_answer_a_template(seed: int) -> None:
    """A request each 4 s, and enough of them in the window to conclude something."""
    clock = FakeClock(0.0)
    reached: list[float] = []

    def answer(_: int, target: fm.Target) -> Entry:
        if target == PRIMARY:
            reached.append(clock.now)
        return unavailable() if target == PRIMARY and 200 <= clock.now < 260 else said()

    here = desk(Scripted(by=answer), clock=clock, seed=seed)
    modes = set()
    for number in range(80):
        clock.now = max(clock.now, 4.0 * number)
        modes.add(here.client.complete(ask()).mode)

    assert modes == {fm.Mode.PRIMARY, fm.Mode.REPAIRED}
    assert sum(200 <= at < 260 for at in reached) <= 7
    assert min(at for at in reached if at >= 260) <= 290


@pytest.mark.parametrize("seed", [1, 4])
@pytest.mark.parametrize("per_second", [0.5, 1.0, 5.0])
def test_a_minute_without_the_primary_s_model_gives_no_template_where_another_answers(
    per_second: float, seed: int
) -> None:
    """Traffic before and after; the primary's model has no other route."""
    ours = fm.manga_assist()
    policy = replace(ours.policy("recommendation"), alternates=())
    clock = FakeClock(0.0)

    def answer(_: int, target: fm.Target) -> Entry:
        return unavailable() if target == PRIMARY and 120 <= clock.now < 180 else said()

    config = replace(ours, intents={"*": policy})
    here = desk(Scripted(by=answer), config=config, clock=clock, seed=seed)
    modes = []
    for number in range(round(240 * per_second)):
        clock.now = max(clock.now, number / per_second)
        modes.append((clock.now, here.client.complete(ask()).mode))

    assert {mode for _, mode in modes} == {fm.Mode.PRIMARY, fm.Mode.BACKUP}
    longest_wait_and_two_probes = 180 + 33 + 12
    assert {mode for at, mode in modes if at > longest_wait_and_two_probes} == {fm.Mode.PRIMARY}


def test_calls_that_a_retry_saved_did_not_fail() -> None:
    """One request in ten fails, and each call is answered by the primary's model."""
    config = replace(_alone(), retry=fm.RetryConfig(budget=fm.RatioBudget(ratio=0.5)))
    here = desk(Scripted(by=lambda n, _: unavailable() if n % 10 == 0 else said()), config=config)

    modes = set()
    for _ in range(300):
        here.clock.now += 1
        modes.add(here.client.complete(ask()).mode)

    assert modes == {fm.Mode.PRIMARY}


def test_after_an_outage_of_all_models_the_primary_is_used_again() -> None:
    _, answers, reached = _outage(3, whole=True)

    assert answers[2].mode is fm.Mode.TEMPLATE
    assert sum(at < OUTAGE for at in reached) <= 7
    assert answers[-1].mode is fm.Mode.PRIMARY


@pytest.mark.parametrize("budget", [fm.TokenBucket, fm.RatioBudget])
def test_a_full_outage_is_hardly_amplified_even_without_breakers(
    budget: type[fm.TokenBucket | fm.RatioBudget],
) -> None:
    config = replace(
        _alone(),
        breaker=fm.BreakerConfig(mode=fm.BreakerMode.DISABLED),
        rate=fm.RateConfig(min_calls=10_000),
        retry=fm.RetryConfig(budget=budget()),
    )
    here = desk(Scripted(by=lambda *_: unavailable()), config=config)

    for _ in range(1500):
        assert here.client.complete(ask()).text

    assert len(here.transport.sent) <= 1.10 * 1500


def test_with_its_breakers_a_full_outage_reaches_the_models_hardly_at_all() -> None:
    here = desk(Scripted(by=lambda *_: unavailable()))

    for number in range(600):
        here.clock.now = max(here.clock.now, 1000 + number)
        assert here.client.complete(ask()).text

    by_target = {target: here.transport.targets.count(target) for target in here.transport.targets}
    assert len(by_target) == 3
    assert max(by_target.values()) <= 20
