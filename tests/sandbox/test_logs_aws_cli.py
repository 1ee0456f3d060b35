"""The AWS CLI, a client that nobody here wrote, agrees with boto3 about the logs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

GROUP = "/test/aws-cli"
QUERY = "stats count(*) as n, pct(ms, 50) as p50 by intent | sort intent"


@pytest.fixture(scope="module")
def start(aws_cli: Callable[..., Any]) -> int:
    """Three events that the AWS CLI put, a second apart; their first second."""
    first = int(time.time()) - 300
    aws_cli("logs", "create-log-group", "--log-group-name", GROUP)
    stream = ("--log-group-name", GROUP, "--log-stream-name", "s")
    aws_cli("logs", "create-log-stream", *stream)
    events = [
        {"timestamp": (first + number) * 1000, "message": json.dumps({"intent": intent, "ms": ms})}
        for number, (intent, ms) in enumerate((("faq", 10), ("faq", 30), ("greeting", 5)))
    ]
    aws_cli("logs", "put-log-events", *stream, "--log-events", json.dumps(events))
    return first


def complete(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        answer = ask()
        if answer["status"] == "Complete":
            return answer
        time.sleep(0.1)
    raise AssertionError("the query never completed")


def test_a_query_of_the_aws_cli_has_the_results_that_boto3_reads(
    aws_cli: Callable[..., Any], client: Callable[..., Any], start: int
) -> None:
    times = ("--start-time", str(start), "--end-time", str(start + 10))
    group = ("--log-group-name", GROUP)
    started = aws_cli("logs", "start-query", *group, *times, "--query-string", QUERY)
    words = ("logs", "get-query-results", "--query-id", started["queryId"])
    told = complete(lambda: aws_cli(*words))
    assert told["results"] == [
        [
            {"field": "intent", "value": "faq"},
            {"field": "n", "value": "2"},
            {"field": "p50", "value": "20"},
        ],
        [
            {"field": "intent", "value": "greeting"},
            {"field": "n", "value": "1"},
            {"field": "p50", "value": "5"},
        ],
    ]
    read = client("logs").get_query_results(queryId=started["queryId"])
    assert (read["results"], read["statistics"]) == (told["results"], told["statistics"])


def test_the_aws_cli_filters_events_by_a_json_pattern(
    aws_cli: Callable[..., Any], start: int
) -> None:
    words = ("--start-time", str(start * 1000), "--filter-pattern", "{ $.ms >= 10 }")
    told = aws_cli("logs", "filter-log-events", "--log-group-name", GROUP, *words)
    assert [json.loads(event["message"])["ms"] for event in told["events"]] == [10, 30]
