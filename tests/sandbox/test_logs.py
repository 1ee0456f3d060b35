"""Logs Insights and FilterLogEvents over the wire, with events that boto3 put."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from mangaops.sandbox.application import Application
from mangaops.sandbox.listen import Listener
from mangaops.sandbox.services import SERVICES
from mangaops.sandbox.services.log_queries import LogQueries
from mangaops.sandbox.world import World

GROUP = "/test/orchestrator"
QUERY = 'filter log_type = "bedrock_call" | stats count(*) as calls by status | sort status'


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def logs(world: World) -> Iterator[Any]:
    application = Application(world=world, services=SERVICES, sleep=time.sleep)
    listener = Listener(application)
    listener.start()
    client = boto3.client(
        "logs",
        endpoint_url=listener.url,
        region_name=world.region,
        aws_access_key_id="SANDBOX",
        aws_secret_access_key="secret",
    )
    yield client
    client.close()
    listener.stop()


@pytest.fixture(scope="module")
def start(logs: Any) -> int:
    """Epoch seconds of the first of ten events, one a second; every third is an error."""
    first = int(time.time()) - 600
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="task/1")
    documents = [
        {
            "log_type": "bedrock_call",
            "status": "error" if number % 3 == 0 else "success",
            "latency_ms": number * 100,
        }
        for number in range(10)
    ]
    events = [
        {"timestamp": (first + number) * 1000, "message": json.dumps(document)}
        for number, document in enumerate(documents)
    ]
    logs.put_log_events(logGroupName=GROUP, logStreamName="task/1", logEvents=events)
    return first


@pytest.fixture
def complete(logs: Any, start: int) -> Callable[..., dict[str, Any]]:
    def run(query: str, **changes: Any) -> dict[str, Any]:
        arguments = {
            "logGroupName": GROUP,
            "startTime": start,
            "endTime": start + 60,
            "queryString": query,
            **changes,
        }
        chosen = {name: value for name, value in arguments.items() if value is not None}
        query_id = logs.start_query(**chosen)["queryId"]
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            answer: dict[str, Any] = logs.get_query_results(queryId=query_id)
            if answer["status"] == "Complete":
                return answer
            assert answer["status"] == "Running"
            time.sleep(0.05)
        raise AssertionError("the query never completed")

    return run


def rows(answer: dict[str, Any]) -> list[dict[str, str]]:
    return [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]


def code_of(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value.response["Error"]["Code"])


def test_a_query_counts_what_was_put(complete: Callable[..., dict[str, Any]]) -> None:
    answer = complete(QUERY)
    assert rows(answer) == [{"status": "error", "calls": "4"}, {"status": "success", "calls": "6"}]
    assert answer["statistics"]["recordsMatched"] == 10
    assert answer["statistics"]["recordsScanned"] == 10
    assert answer["statistics"]["bytesScanned"] > 500


def test_running_comes_first_with_rows_that_are_no_result(logs: Any, start: int) -> None:
    arguments = {"startTime": start, "endTime": start + 60, "queryString": QUERY}
    query_id = logs.start_query(logGroupName=GROUP, **arguments)["queryId"]
    first = logs.get_query_results(queryId=query_id)
    assert first["status"] == "Running"
    assert sum(int(row["calls"]) for row in rows(first)) == 5


def test_both_ends_of_the_time_are_included(
    complete: Callable[..., dict[str, Any]], start: int
) -> None:
    answer = complete("stats count(*) as n", startTime=start + 2, endTime=start + 4)
    assert rows(answer) == [{"n": "3"}]


def test_groups_are_named_in_one_of_three_ways(
    complete: Callable[..., dict[str, Any]], logs: Any, world: World, start: int
) -> None:
    arn = f"arn:aws:logs:{world.region}:{world.account}:log-group:{GROUP}"
    for way in ({"logGroupNames": [GROUP]}, {"logGroupIdentifiers": [arn]}):
        assert rows(complete("stats count(*) as n", logGroupName=None, **way)) == [{"n": "10"}]
    times = {"startTime": start, "endTime": start, "queryString": "fields a"}
    assert code_of(logs.start_query, **times) == "InvalidParameterException"
    both = {"logGroupName": GROUP, "logGroupNames": [GROUP]}
    assert code_of(logs.start_query, **times, **both) == "InvalidParameterException"
    wildcard = {"logGroupIdentifiers": [arn + ":*"]}
    assert code_of(logs.start_query, **times, **wildcard) == "InvalidParameterException"
    unknown = {"logGroupName": "/no/such/group"}
    assert code_of(logs.start_query, **times, **unknown) == "ResourceNotFoundException"


def test_a_malformed_query_fails_at_the_start_with_its_place(logs: Any, start: int) -> None:
    with pytest.raises(logs.exceptions.MalformedQueryException) as refused:
        logs.start_query(
            logGroupName=GROUP,
            startTime=start,
            endTime=start + 1,
            queryString="stats percentile(latency_ms, 95)",
        )
    assert refused.value.response["queryCompileError"] == {
        "location": {"startCharOffset": 6, "endCharOffset": 16},
        "message": "No such function: percentile",
    }


def test_times_length_and_language_are_checked(logs: Any, start: int) -> None:
    good = {
        "logGroupName": GROUP,
        "startTime": start,
        "endTime": start + 1,
        "queryString": "fields a",
    }
    for change in (
        {"endTime": start - 1},
        {"queryString": "fields a #" + "x" * 10_000},
        {"queryLanguage": "PPL"},
    ):
        code = code_of(logs.start_query, **{**good, **change})
        assert code == "InvalidParameterException"


def test_results_come_in_pages(
    complete: Callable[..., dict[str, Any]], logs: Any, start: int
) -> None:
    answer = complete("fields latency_ms | sort latency_ms")
    arguments = {"startTime": start, "endTime": start + 60, "queryString": "fields latency_ms"}
    query_id = logs.start_query(logGroupName=GROUP, **arguments)["queryId"]
    time.sleep(0.5)
    first = logs.get_query_results(queryId=query_id, maxItems=6)
    rest = logs.get_query_results(queryId=query_id, maxItems=6, nextToken=first["nextToken"])
    assert [len(first["results"]), len(rest["results"])] == [6, 4]
    assert "nextToken" not in rest
    assert len(answer["results"]) == 10


def test_a_query_is_stopped_once_and_an_ended_one_never(
    logs: Any, world: World, start: int
) -> None:
    queries = world.state(LogQueries)
    arguments = {"startTime": start, "endTime": start + 60, "queryString": QUERY}
    queries.seconds = 60.0
    query_id = logs.start_query(logGroupName=GROUP, **arguments)["queryId"]
    queries.seconds = 0.15
    assert logs.stop_query(queryId=query_id)["success"] is True
    assert logs.get_query_results(queryId=query_id)["status"] == "Cancelled"
    assert code_of(logs.stop_query, queryId=query_id) == "InvalidParameterException"
    listed = logs.describe_queries(logGroupName=GROUP, status="Cancelled")["queries"]
    assert [query["queryId"] for query in listed] == [query_id]
    assert code_of(logs.get_query_results, queryId="none") == "ResourceNotFoundException"


def test_more_queries_than_the_limit_are_refused(logs: Any, world: World, start: int) -> None:
    queries = world.state(LogQueries)
    queries.limit = 0
    arguments = {"startTime": start, "endTime": start + 60, "queryString": QUERY}
    code = code_of(logs.start_query, logGroupName=GROUP, **arguments)
    queries.limit = 100
    assert code == "LimitExceededException"


def test_filter_log_events_reads_json_patterns(logs: Any, start: int) -> None:
    found = logs.filter_log_events(
        logGroupName=GROUP,
        startTime=start * 1000,
        endTime=(start + 9) * 1000,
        filterPattern='{ $.status = "error" && $.latency_ms > 300 }',
    )
    latencies = [json.loads(event["message"])["latency_ms"] for event in found["events"]]
    assert latencies == [600, 900]


@pytest.mark.usefixtures("start")
def test_filter_log_events_in_pages_and_by_stream(logs: Any) -> None:
    first = logs.filter_log_events(logGroupName=GROUP, limit=7, logStreamNames=["task/1"])
    token = first["nextToken"]
    rest = logs.filter_log_events(logGroupName=GROUP, limit=7, nextToken=token)
    assert [len(first["events"]), len(rest["events"])] == [7, 3]
    assert logs.filter_log_events(logGroupName=GROUP, logStreamNamePrefix="x")["events"] == []
    code = code_of(logs.filter_log_events, logGroupName=GROUP, filterPattern="{ $.a = }")
    assert code == "InvalidParameterException"
