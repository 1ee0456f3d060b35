"""Telemetry of a scenario, minute by minute, on a clock that is moved by hand."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from mangaops.sandbox.insights.aggregates import percentile
from mangaops.sandbox.overlay import Call
from mangaops.sandbox.services.log_groups import events_between, group_of
from mangaops.sandbox.telemetry.changes import Change
from mangaops.sandbox.telemetry.log_mix import CallErrors, Calls, LogMix
from mangaops.sandbox.telemetry.normal import signals
from mangaops.sandbox.telemetry.shapes import Latency, Level, Rate
from mangaops.sandbox.telemetry.writer import Plan, Writer
from mangaops.sandbox.world import World
from support.overlay_calls import StandingClock

STREAMING = "MangaAssist/Streaming"
FIRST_TOKEN = "first_token_latency_ms"
SIGNALS = signals(account="123456789012", collection_id="c", group_id="g")


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


def world_of(clock: StandingClock, account: str) -> World:
    """moto's log groups are one for the process, so each world has an account of its own."""
    return World(clock=clock, account=account)


def written(world: World, **changes: object) -> Writer:
    plan: dict[str, object] = {"name": "test", "signals": SIGNALS, "onset": 20, "history": 40}
    writer = Writer(world, Plan(**{**plan, **changes}))  # type: ignore[arg-type]
    writer.catch_up()
    return writer


def values(
    world: World, namespace: str, name: str, minutes: range, **labels: str
) -> list[list[float]]:
    """The raw values of each minute, counted from the world's present minute."""
    series = world.metrics.series(namespace, name, labels)
    zero = int(world.now().timestamp()) // 60 * 60
    found = []
    for minute in minutes:
        at = zero + 60 * minute
        points = [] if series is None else series.between(at, at + 60, None)
        found.append([value for _, point in points for value in point.values])
    return found


def test_normal_latencies_are_within_what_telemetry_md_calls_normal(clock: StandingClock) -> None:
    world = world_of(clock, "100000000001")
    written(world)
    past = range(-60, 1)
    for labels, limit in (({"Model": "haiku"}, 400), ({"Model": "sonnet"}, 1100), ({}, 1100)):
        for minute in values(world, STREAMING, FIRST_TOKEN, past, **labels):
            assert percentile(minute, 95) < limit


def test_the_running_minute_is_written_in_advance_and_the_next_one_later(
    clock: StandingClock,
) -> None:
    world = world_of(clock, "100000000002")
    writer = written(world)
    assert all(values(world, STREAMING, FIRST_TOKEN, range(-60, 1)))
    clock.move(60)
    assert not any(values(world, STREAMING, FIRST_TOKEN, range(1)))
    writer.catch_up()
    assert all(values(world, STREAMING, FIRST_TOKEN, range(-61, 1)))


def test_the_series_without_dimensions_holds_all_intents(clock: StandingClock) -> None:
    world = world_of(clock, "100000000003")
    written(world)
    (whole,) = values(world, STREAMING, FIRST_TOKEN, range(1))
    parts = [
        values(world, STREAMING, FIRST_TOKEN, range(1), Intent=intent)[0]
        for intent in ("greeting", "faq", "order_tracking", "recommendation", "comparison")
    ]
    assert sorted(whole) == sorted(value for part in parts for value in part)


def test_a_change_begins_at_its_onset_and_is_only_for_what_it_names(clock: StandingClock) -> None:
    world = world_of(clock, "100000000004")
    slow = Latency(p50=5000, p95=6000)
    change = Change(
        metric=f"{STREAMING}:{FIRST_TOKEN}", where={"Intent": ("faq",)}, since=20, shape=slow
    )
    written(world, changes=(change,))
    faq = values(world, STREAMING, FIRST_TOKEN, range(-22, -18), Intent="faq")
    assert [min(minute) > 3000 for minute in faq] == [False, False, True, True]
    assert len(faq[2]) == len(faq[1])
    others = values(world, STREAMING, FIRST_TOKEN, range(-20, 1), Intent="greeting")
    assert max(max(minute) for minute in others) < 400


def test_a_metric_can_stop_and_does_not_come_back(clock: StandingClock) -> None:
    world = world_of(clock, "100000000005")
    writer = written(world, changes=(Change(metric=f"{STREAMING}:{FIRST_TOKEN}", since=10),))
    clock.move(120)
    writer.catch_up()
    found = values(world, STREAMING, FIRST_TOKEN, range(-14, 1))
    assert [bool(minute) for minute in found] == [True, True] + [False] * 13


def test_a_ramp_rises_from_its_onset_to_the_start_and_stays(clock: StandingClock) -> None:
    world = world_of(clock, "100000000006")
    ramp = Change(metric="AWS/ECS:MemoryUtilization", since=20, shape=Level(level=50, until=90))
    writer = written(world, changes=(ramp,))
    labels = {"ClusterName": "mangaassist-prod", "ServiceName": "orchestrator"}
    found = values(world, "AWS/ECS", "MemoryUtilization", range(-20, 1, 10), **labels)
    assert found == [[50.0], [70.0], [90.0]]
    clock.move(60)
    writer.catch_up()
    assert values(world, "AWS/ECS", "MemoryUtilization", range(1), **labels) == [[90.0]]


def test_business_metrics_have_the_same_hour_of_seven_days_and_changes_do_not_reach_them(
    clock: StandingClock,
) -> None:
    world = world_of(clock, "100000000007")
    name = "recommendation_purchases"
    none = Change(metric=f"MangaAssist/Business:{name}", since=60, shape=Rate(per_minute=0))
    written(world, changes=(none,))
    for day in range(8):
        minutes = range(-30 - 1440 * day, -1440 * day)
        total = sum(sum(minute) for minute in values(world, "MangaAssist/Business", name, minutes))
        assert (total == 0) if day == 0 else (140 < total < 220)


def test_a_minute_is_the_same_whatever_the_time_of_day() -> None:
    first, second = StandingClock(), StandingClock()
    second.move(5 * 3600 + 17)
    one, other = world_of(first, "100000000008"), world_of(second, "100000000009")
    written(one)
    written(other)
    minutes = range(-60, 1)
    assert values(one, STREAMING, FIRST_TOKEN, minutes) == values(
        other, STREAMING, FIRST_TOKEN, minutes
    )


def orchestrator(world: World, since: timedelta) -> list[dict[str, object]]:
    call = Call(
        service="logs",
        operation="",
        params={},
        region=world.region,
        account=world.account,
        caller="",
    )
    group = group_of(call, "/mangaassist/orchestrator")
    start = round((world.now() - since).timestamp() * 1000)
    return [json.loads(event.message) for event in events_between(group, start, None)]


def test_the_share_of_failing_calls_is_as_asked(clock: StandingClock) -> None:
    world = world_of(clock, "100000000010")
    errors = (CallErrors(share=0.5, code="ResourceNotFoundException", models=("sonnet",)),)
    written(world, mix=LogMix(calls=Calls(per_minute=100, errors=errors)))
    calls = [
        document
        for document in orchestrator(world, timedelta(minutes=20))
        if document["log_type"] == "bedrock_call"
    ]
    by_model = Counter((call["model"], call["status"]) for call in calls)
    sonnet = by_model["sonnet", "error"] + by_model["sonnet", "success"]
    assert 0.4 < by_model["sonnet", "error"] / sonnet < 0.6
    assert by_model["haiku", "error"] == 0


def test_an_attempt_is_logged_for_each_try_and_four_tasks_for_each_call(
    clock: StandingClock,
) -> None:
    world = world_of(clock, "100000000011")
    written(world)
    documents = orchestrator(world, timedelta(minutes=60))
    kinds = Counter(document["log_type"] for document in documents)
    tries = sum(int(str(d["attempts"])) for d in documents if d["log_type"] == "bedrock_call")
    assert kinds["bedrock_attempt"] == tries
    assert kinds["parallel_task"] == 4 * kinds["bedrock_call"]


def test_silent_groups_stay_silent_and_a_prefix_is_before_every_event(
    clock: StandingClock,
) -> None:
    world = world_of(clock, "100000000012")
    mix = LogMix(none=("resolver",), not_json=("invalidator",), stops={"orchestrator": 5})
    written(world, mix=mix)
    call = Call(
        service="logs",
        operation="",
        params={},
        region=world.region,
        account=world.account,
        caller="",
    )
    invalidator = list(events_between(group_of(call, "/aws/lambda/inventory-invalidator"), 0, None))
    assert {event.message[:18] for event in invalidator} == {"INFO:mangaassist:{"}
    assert orchestrator(world, timedelta(minutes=5)) == []
    assert orchestrator(world, timedelta(minutes=8)) != []
