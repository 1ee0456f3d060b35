"""Customers of the sandbox's models, and how faults of the models show in the service's logs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.error import HTTPError

import boto3
import pytest

from mangaops.cli.questions import QUESTIONS as QUERIES
from mangaops.errors import InputError
from mangaops.sandbox.traffic import LOG_GROUP, QUESTIONS, read_traffic
from support.started import Started, started


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("home"), "--empty", "--traffic", "3000") as one:
        one.put("models", {"speed": 0, "faults": [{"chaos": "throttled"}]})
        yield one


def _until(ready: Callable[[], bool]) -> None:
    for _ in range(500):
        if ready():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not come to that")


def _answer(sandbox: Started, question: str) -> list[list[dict[str, str]]]:
    """What `mangaops logs QUESTION` asks, of the minute that is not over yet."""
    logs: Any = boto3.client(
        "logs",
        endpoint_url=sandbox.variables["AWS_ENDPOINT_URL"],
        region_name="ap-northeast-1",
        aws_access_key_id="SANDBOXACCESSKEY0001",
        aws_secret_access_key="any",
    )
    now = datetime.fromisoformat(sandbox.administer("GET", "health")["now"]).timestamp()
    asked = logs.start_query(
        logGroupName=LOG_GROUP,
        startTime=int(now) - 600,
        endTime=int(now) + 60,
        queryString=QUERIES[question].query,
    )
    answer: dict[str, Any] = {"status": "Running"}
    while answer["status"] == "Running":
        answer = logs.get_query_results(queryId=asked["queryId"])
    rows: list[list[dict[str, str]]] = answer["results"]
    return rows


def test_faults_of_the_models_show_in_the_logs_of_errors(sandbox: Started) -> None:
    _until(lambda: sandbox.administer("GET", "traffic")["asked"] > 20)
    told = sandbox.put("traffic", {"per_minute": 0})
    assert told is None

    _until(lambda: any("Throttling" in str(row) for row in _answer(sandbox, "errors")))
    _until(lambda: any("open" in str(row) for row in _answer(sandbox, "breaker")))
    calls = sandbox.administer("GET", "models/calls")["calls"]
    assert {call["error"] for call in calls if call["ended"]} <= {"ThrottlingException", None}
    assert sandbox.administer("GET", "traffic")["per_minute"] == 0


def test_wrong_traffic_is_refused(sandbox: Started) -> None:
    with pytest.raises(HTTPError) as refused:
        sandbox.put("traffic", {"per_minute": -1})
    with refused.value as answer:
        assert "per_minute" in json.loads(answer.read())["error"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "per_minute: Field required"),
        ({"per_minute": "much"}, "per_minute"),
        ({"per_minute": 1, "intents": {"faqs": 1}}, 'did you mean "faq"?'),
        ({"per_minute": 1, "intents": {"faq": 0}}, "no intent has a weight"),
        ({"per_minute": 1, "intents": {"faq": -1}}, "a number from 0 on"),
        ({"per_minute": 1, "intent": "faq"}, "not permitted"),
    ],
)
def test_what_is_wrong_with_traffic_is_said(body: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as refused:
        read_traffic(body)
    assert told in refused.value.what


def test_all_intents_are_asked_unless_some_are_named() -> None:
    assert set(read_traffic({"per_minute": 1}).intents) == set(QUESTIONS)
    assert read_traffic({"per_minute": 1, "intents": {"faq": 2}}).intents == {"faq": 2}
