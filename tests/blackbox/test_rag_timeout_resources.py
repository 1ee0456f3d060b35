"""rag-timeout: what it reads besides metrics, and what it may not read."""

from __future__ import annotations

import time

import pytest

from blackbox.minutes import until
from blackbox.retrieval import CLIENT, GROUP, dns, seeded, timed_out
from blackbox.seeding import Log, Metric, Sandbox

RESOLVES = [dns("NOERROR", 40)]


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
