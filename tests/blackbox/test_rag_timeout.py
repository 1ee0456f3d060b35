"""rag-timeout, by telemetry that a stranger puts into an empty sandbox."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pytest

from blackbox.cases import Answers, Case, check
from blackbox.minutes import since, until, without
from blackbox.seeding import Log, Metric, Minutes, Sandbox

ORCHESTRATOR = "MangaAssist/Orchestrator"
ECS = {"ClusterName": "mangaassist-prod", "ServiceName": "orchestrator"}
NAT = {"NatGatewayId": "nat-mangaassist"}
CLIENT = {"ClientId": "123456789012"}
COLLECTION = {**CLIENT, "CollectionId": "c0llect10n0001", "CollectionName": "manga-products"}
GROUP = {**CLIENT, "CollectionGroupId": "gr0up0001", "CollectionGroupName": "mangaassist-search"}
NEVER = None
HOUR = 60


def seeded(
    *,
    rag: Minutes = 4100.0,
    tasks: Mapping[str, Minutes] | None = None,
    cpu: Minutes = 47.0,
    memory: Minutes = 52.0,
    nat: Mapping[str, Minutes] | None = None,
    search: Minutes = 700.0,
    rate: Minutes = 300.0,
    ocu: Minutes = 4.0,
) -> list[Metric]:
    """Only retrieval is slow, the collection is fast, and it has capacity to spare."""
    by_task = {"session": 90.0, "profile": 110.0, "cache": 20.0, **(tasks or {})}
    by_name = {"ErrorPortAllocation": 0.0, "PacketsDropCount": 0.0, **(nat or {})}
    return [
        Metric(ORCHESTRATOR, "parallel_rag_latency_ms", rag),
        *(
            Metric(ORCHESTRATOR, "parallel_task_latency_ms", minutes, {"Task": task})
            for task, minutes in {"rag": rag, **by_task}.items()
        ),
        Metric("AWS/ECS", "CPUUtilization", cpu, ECS),
        Metric("AWS/ECS", "MemoryUtilization", memory, ECS),
        *(Metric("AWS/NATGateway", name, minutes, NAT) for name, minutes in by_name.items()),
        Metric("AWS/AOSS", "SearchRequestLatency", search, COLLECTION),
        Metric("AWS/AOSS", "SearchRequestRate", rate, COLLECTION, last=HOUR),
        Metric("AWS/AOSS", "SearchOCU", ocu, GROUP),
    ]


def dns(rcode: str, times: int, ago_s: float = 60.0, name: str = "abc.aoss.amazonaws.com.") -> Log:
    fields = {"query_name": name, "rcode": rcode, "srcaddr": "10.0.1.7"}
    return Log("/aws/route53/resolver/mangaassist", fields, ago_s=ago_s, times=times)


def timed_out(times: int, degraded: int, answered: int) -> list[Log]:
    group = "/mangaassist/orchestrator"
    message = "Proceeding without RAG context due to timeout"
    return [
        Log(group, {"log_type": "parallel_task", "task": "rag", "status": "timeout"}, times=times),
        Log(group, {"log_type": "degraded", "message": message}, times=degraded),
        Log(group, {"log_type": "bedrock_call", "status": "success"}, times=answered),
    ]


def both_slow(**more: Minutes) -> list[Metric]:
    return seeded(tasks={"session": 1400.0, "profile": 1300.0}, **more)


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
        conclusion=PATH,
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


def test_an_older_group_of_the_same_name_weighs_but_does_not_hide(fresh: Sandbox) -> None:
    end = fresh.slot()
    older = {**GROUP, "CollectionGroupId": "an0lder0ne"}
    stopped = Metric("AWS/AOSS", "SearchOCU", until(200, 3.0), older, last=220)
    fresh.put(end, [*seeded(search=2600.0, ocu=15.0), stopped])
    answer = fresh.diagnose("rag-timeout", end)
    assert answer.verdict == ("diagnosed", "confirmed", "search-capacity", 3)
    spare = fresh.slot()
    fresh.put(spare, seeded(search=2600.0, ocu=4.0))
    answer = fresh.diagnose("rag-timeout", spare)
    assert answer.verdict == ("diagnosed", "likely", "search-index-hotspot", 3)


def test_degraded_mode_is_reported_beside_the_diagnosis(sandbox: Sandbox) -> None:
    assert _reported(sandbox, timed_out(times=12, degraded=12, answered=30)) == (
        "Degraded mode: works; in the window retrieval time-outs 12, degraded answers 12, "
        "successful model calls 30"
    )
    assert _reported(sandbox, timed_out(times=12, degraded=9, answered=30)) == (
        "Degraded mode: does not cover every time-out; in the window retrieval time-outs 12, "
        "degraded answers 9, successful model calls 30"
    )
    assert _reported(sandbox, timed_out(times=0, degraded=0, answered=30)) == (
        "Degraded mode: not needed; in the window retrieval time-outs 0, degraded answers 0, "
        "successful model calls 30"
    )


def _reported(sandbox: Sandbox, logs: list[Log]) -> str:
    end = sandbox.slot()
    sandbox.put(end, seeded(search=2600.0), logs)
    (line,) = sandbox.diagnose("rag-timeout", end).document["report"]
    return str(line)


DENIED = [
    ("aoss:BatchGetCollection*=denied", "capacity", "capacity-used-up"),
    ("aoss-data:*=denied", "index", "ef-search-changed"),
    ("ssm:GetParameter=denied", "configured_ef_search", "ef-search-changed"),
    ("cloudwatch:ListMetrics=denied", "search_latency", "search-slow"),
]


@pytest.mark.parametrize(("rule", "evidence", "node"), DENIED)
def test_what_may_not_be_read_leaves_the_cause_open(
    rule: str, evidence: str, node: str, sandbox: Sandbox
) -> None:
    end = sandbox.slot()
    sandbox.put(end, seeded(search=2600.0))
    with sandbox.faults(rule):
        answer = sandbox.diagnose("rag-timeout", end)
    assert answer.verdict == ("inconclusive", "none", None, 4)
    assert (answer.nodes[-1], answer.missing) == (node, [evidence])


def test_resolver_logs_that_may_not_be_read_leave_the_cause_open(sandbox: Sandbox) -> None:
    end = sandbox.slot()
    sandbox.put(end, seeded(), RESOLVES)
    with sandbox.faults("logs:StartQuery=denied"):
        answer = sandbox.diagnose("rag-timeout", end)
    assert answer.verdict == ("inconclusive", "none", None, 4)
    assert (answer.nodes[-1], answer.state("dns")) == ("dns-failing", "denied")


def test_an_ef_search_other_than_configured_is_the_cause(sandbox: Sandbox) -> None:
    end = sandbox.slot()
    sandbox.put(end, seeded(search=2600.0))
    with sandbox.parameter("/mangaassist/search/ef_search", "128"):
        answer = sandbox.diagnose("rag-timeout", end)
    assert answer.verdict == ("diagnosed", "confirmed", "knn-ef-search-changed", 3)
    assert "256" in answer.cause
    assert "128" in answer.cause


def test_outside_a_group_the_account_s_maximum_counts(fresh: Sandbox) -> None:
    aoss = fresh.client("opensearchserverless")
    (collection,) = aoss.batch_get_collection(names=["manga-products"])["collectionDetails"]
    aoss.delete_collection(id=collection["id"])
    while aoss.batch_get_collection(names=["manga-products"])["collectionDetails"]:
        time.sleep(0.2)
    aoss.create_collection(name="manga-products", type="VECTORSEARCH")
    metrics = [one for one in seeded(search=2600.0) if one.name != "SearchOCU"]
    end = fresh.slot()
    fresh.put(end, [*metrics, Metric("AWS/AOSS", "SearchOCU", 9.0, CLIENT)])
    answer = fresh.diagnose("rag-timeout", end)
    assert answer.verdict == ("diagnosed", "confirmed", "search-capacity", 3)
    below = fresh.slot()
    fresh.put(below, [*metrics, Metric("AWS/AOSS", "SearchOCU", 8.9, CLIENT)])
    assert fresh.diagnose("rag-timeout", below).id != "search-capacity"
