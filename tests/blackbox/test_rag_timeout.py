"""rag-timeout, by telemetry that a stranger puts into an empty sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blackbox.cases import Answers, Case, check
from blackbox.minutes import since, until, without
from blackbox.retrieval import NEVER, both_slow, dns, seeded
from blackbox.seeding import Sandbox

HOTSPOT, CAPACITY = "search-index-hotspot confirmed", "search-capacity confirmed"
PATH = "vpc-endpoint-path likely"
RESOLVES = [dns("NOERROR", 40)]

TRIGGER = [
    Case(name="exactly at the limit", metrics=seeded(rag=3000.0), conclusion="healthy"),
    Case(name="just above the limit", metrics=seeded(rag=3000.1), logs=RESOLVES, conclusion=PATH),
    Case(
        name="bad for four minutes only",
        metrics=seeded(rag=since(4, 6000.0, 600.0)),
        conclusion="healthy",
    ),
    Case(
        name="bad until eight minutes ago",
        metrics=seeded(rag=until(8, 6000.0, 600.0)),
        conclusion="healthy",
    ),
    Case(
        name="bad for six minutes after a normal hour",
        metrics=seeded(rag=since(6, 6000.0, 600.0), search=since(6, 3100.0, 700.0)),
        conclusion=HOTSPOT,
    ),
    Case(
        name="three of five minutes are lost",
        metrics=seeded(rag=without(1, 2, 3, value=4100.0)),
        conclusion="inconclusive",
        missing=("rag_latency",),
        at="trigger",
    ),
    Case(
        name="one of five minutes is lost",
        metrics=seeded(rag=without(2, value=4100.0), search=3000.0),
        conclusion="search-index-hotspot likely",
    ),
    Case(
        name="the metric stopped ten minutes ago",
        metrics=seeded(rag=until(10, 4100.0)),
        conclusion="inconclusive",
        missing=("rag_latency",),
        at="trigger",
    ),
    Case(
        name="nothing at all is published",
        metrics=[],
        conclusion="inconclusive",
        missing=("rag_latency",),
        at="trigger",
    ),
]

NETWORK = [
    Case(
        name="the cache is slow as well, and CPU is above its limit",
        metrics=seeded(tasks={"cache": 1000.1}, cpu=90.1),
        conclusion="orchestrator-overloaded confirmed",
    ),
    Case(
        name="the other tasks are exactly at their limit",
        metrics=seeded(tasks=dict.fromkeys(("session", "profile", "cache"), 1000.0), cpu=99.0),
        logs=RESOLVES,
        conclusion=PATH,
    ),
    Case(
        name="the other tasks were slow until fifteen minutes ago",
        metrics=seeded(tasks={"session": until(15, 5000.0, 90.0)}, cpu=99.0),
        logs=RESOLVES,
        conclusion=PATH,
    ),
    Case(
        name="CPU exactly at its limit, no error at the NAT gateway",
        metrics=both_slow(cpu=90.0),
        conclusion="vpc-network-degraded likely",
    ),
    Case(
        name="one port was not allocated",
        metrics=both_slow(nat={"ErrorPortAllocation": since(1, 1.0, 0.0)}),
        conclusion="vpc-network-degraded confirmed",
    ),
    Case(
        name="packets are dropped, and port errors are not published",
        metrics=both_slow(nat={"ErrorPortAllocation": NEVER, "PacketsDropCount": 12.0}),
        conclusion="vpc-network-degraded confirmed",
    ),
    Case(
        name="packets were dropped until twenty minutes ago",
        metrics=both_slow(nat={"PacketsDropCount": until(20, 900.0, 0.0)}),
        conclusion="vpc-network-degraded likely",
    ),
    Case(
        name="the NAT gateway publishes nothing",
        metrics=both_slow(nat={"ErrorPortAllocation": NEVER, "PacketsDropCount": NEVER}),
        conclusion="vpc-network-degraded likely",
    ),
    Case(
        name="several tasks are slow, and CPU is not published",
        metrics=both_slow(cpu=NEVER, nat={"PacketsDropCount": 12.0}),
        conclusion="inconclusive",
        missing=("cpu",),
        at="host-overloaded",
    ),
    Case(
        name="the session task is not published",
        metrics=seeded(tasks={"session": NEVER}, search=4000.0),
        conclusion="inconclusive",
        missing=("session_latency",),
        at="others-slow",
    ),
    Case(
        name="the session task is not published, the profile task is slow",
        metrics=seeded(tasks={"session": NEVER, "profile": 2500.0}, cpu=97.0),
        conclusion="orchestrator-overloaded confirmed",
    ),
]

SEARCH = [
    Case(
        name="search exactly at its limit",
        metrics=seeded(search=2000.0, ocu=16.0),
        logs=RESOLVES,
        conclusion=PATH,
    ),
    Case(name="search just above its limit", metrics=seeded(search=2000.1), conclusion=HOTSPOT),
    Case(
        name="search was slow until fifteen minutes ago",
        metrics=seeded(search=until(15, 9000.0, 700.0), ocu=16.0),
        logs=RESOLVES,
        conclusion=PATH,
    ),
    Case(
        name="search publishes nothing",
        metrics=seeded(search=NEVER),
        logs=RESOLVES,
        conclusion="inconclusive",
        missing=("search_latency",),
        at="search-slow",
    ),
    Case(
        name="search stopped ten minutes ago",
        metrics=seeded(search=until(10, 700.0)),
        logs=RESOLVES,
        conclusion="inconclusive",
        missing=("search_latency",),
        at="search-slow",
    ),
    Case(
        name="exactly nine tenths of the maximum",
        metrics=seeded(search=2600.0, ocu=14.4),
        conclusion=CAPACITY,
    ),
    Case(
        name="just below nine tenths of the maximum",
        metrics=seeded(search=2600.0, ocu=14.3),
        conclusion=HOTSPOT,
    ),
    Case(
        name="at the maximum until fifteen minutes ago",
        metrics=seeded(search=2600.0, ocu=until(15, 16.0, 4.0)),
        conclusion=HOTSPOT,
    ),
    Case(
        name="at the minimum, and the rate more than doubled",
        metrics=seeded(search=2600.0, ocu=2.0, rate=since(11, 630.0, 300.0)),
        conclusion=CAPACITY,
    ),
    Case(
        name="at the minimum, and the rate exactly doubled",
        metrics=seeded(search=2600.0, ocu=2.0, rate=since(11, 600.0, 300.0)),
        conclusion=HOTSPOT,
    ),
    Case(
        name="above the minimum, and the rate more than doubled",
        metrics=seeded(search=2600.0, ocu=4.0, rate=since(11, 900.0, 300.0)),
        conclusion=HOTSPOT,
    ),
    Case(
        name="at the minimum, and the rate is not published",
        metrics=seeded(search=2600.0, ocu=2.0, rate=NEVER),
        conclusion="inconclusive",
        missing=("search_rate",),
        at="capacity-used-up",
    ),
    Case(
        name="the units in use are not published",
        metrics=seeded(search=2600.0, ocu=NEVER),
        conclusion="inconclusive",
        missing=("group_ocu",),
        at="capacity-used-up",
    ),
]

DNS = [
    Case(
        name="one name did not resolve",
        metrics=seeded(),
        logs=[dns("NOERROR", 500), dns("SERVFAIL", 1)],
        conclusion="dns-resolution-failure confirmed",
    ),
    Case(
        name="names did not resolve until twenty minutes ago",
        metrics=seeded(),
        logs=[dns("NOERROR", 50), dns("SERVFAIL", 300, ago_s=1260)],
        conclusion="dns-resolution-failure likely",
    ),
    Case(
        name="another name does not resolve",
        metrics=seeded(),
        logs=[*RESOLVES, dns("NXDOMAIN", 30, name="old-host.internal.")],
        conclusion=PATH,
    ),
    Case(
        name="the log has only other names",
        metrics=seeded(),
        logs=[dns("NOERROR", 30, name="dynamodb.ap-northeast-1.amazonaws.com.")],
        conclusion="inconclusive",
        missing=("dns",),
        at="dns-failing",
    ),
    Case(
        name="the resolver's log is empty",
        metrics=seeded(),
        conclusion="inconclusive",
        missing=("dns",),
        at="dns-failing",
    ),
]

CASES = [*TRIGGER, *NETWORK, *SEARCH, *DNS]


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> Iterator[Answers]:
    found = Answers(sandbox, "rag-timeout", CASES)
    yield found
    found.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rag_timeout_concludes_what_an_expert_would(case: Case, answers: Answers) -> None:
    check(case, answers.of(case))
