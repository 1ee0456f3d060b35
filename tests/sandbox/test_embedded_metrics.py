"""Metrics embedded in log events (EMF), over the wire; with the client's own records as well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import boto3
import pytest

from mangaops.fm.answer import Mode, Usage
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.records.attempt import AttemptRecord
from mangaops.fm.records.call import CallRecord
from mangaops.fm.records.metrics import NAMESPACE, Metrics
from mangaops.fm.records.sink import JsonLines
from mangaops.fm.records.status import Status
from mangaops.sandbox.application import Application
from mangaops.sandbox.listen import Listener
from mangaops.sandbox.services import SERVICES
from mangaops.sandbox.services.embedded_metrics import embedded_in
from mangaops.sandbox.world import World

GROUP = "/test/embedded"
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    world = World()
    listener = Listener(Application(world=world, services=SERVICES, sleep=lambda _: None))
    listener.start()
    made: dict[str, Any] = {}

    def make(service: str) -> Any:
        if service not in made:
            made[service] = boto3.client(
                service,
                endpoint_url=listener.url,
                region_name=world.region,
                aws_access_key_id="SANDBOX",
                aws_secret_access_key="secret",
            )
        return made[service]

    make("logs").create_log_group(logGroupName=GROUP)
    make("logs").create_log_stream(logGroupName=GROUP, logStreamName="task/1")
    yield make
    for one in made.values():
        one.close()
    listener.stop()


@pytest.fixture
def put(client: Client) -> Callable[..., Any]:
    def put_events(*messages: str) -> Any:
        events = [{"timestamp": int(AT.timestamp() * 1000), "message": text} for text in messages]
        return client("logs").put_log_events(
            logGroupName=GROUP, logStreamName="task/1", logEvents=events
        )

    return put_events


def _directive(**more: Any) -> dict[str, Any]:
    return {
        "Namespace": "Test/Emf",
        "Dimensions": [[], ["Model"], ["Model", "Intent"]],
        "Metrics": [
            {"Name": "latency", "Unit": "Milliseconds"},
            {"Name": "failed", "StorageResolution": 1},
        ],
        **more,
    }


def _event(**more: Any) -> dict[str, Any]:
    at = int(AT.timestamp() * 1000)
    return {
        "_aws": {"Timestamp": at, "CloudWatchMetrics": [_directive()]},
        "Model": "sonnet",
        "Intent": "faq",
        "latency": [100, 200, 900.5],
        "failed": 1,
        "correlation_id": "c-1",
        **more,
    }


def _read(client: Client, name: str, stat: str = "Average", **options: Any) -> list[float]:
    dimensions = [{"Name": key, "Value": text} for key, text in options.get("labels", {}).items()]
    metric = {
        "Namespace": options.get("namespace", "Test/Emf"),
        "MetricName": name,
        "Dimensions": dimensions,
    }
    statistic = {"Metric": metric, "Period": options.get("period", 60), "Stat": stat}
    unit = {"Unit": options["unit"]} if "unit" in options else {}
    answer = client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": {**statistic, **unit}}],
        StartTime=AT - timedelta(minutes=2),
        EndTime=AT + timedelta(minutes=2),
    )
    return list(answer["MetricDataResults"][0]["Values"])


def test_an_event_makes_a_datapoint_of_each_metric_for_each_set_of_dimensions(
    client: Client, put: Callable[..., Any]
) -> None:
    put(json.dumps(_event()), json.dumps(_event(failed=0, latency=50)))

    both = {"Model": "sonnet", "Intent": "faq"}
    for labels in ({}, {"Model": "sonnet"}, both):
        assert _read(client, "failed", labels=labels) == [0.5]
        assert _read(client, "latency", "SampleCount", labels=labels) == [4]
    assert _read(client, "latency", "Maximum", unit="Milliseconds") == [900.5]
    assert _read(client, "latency", "Maximum", unit="Seconds") == []
    assert _read(client, "failed", labels={"Intent": "faq"}) == []


def test_only_a_metric_of_one_second_has_periods_of_ten(
    client: Client, put: Callable[..., Any]
) -> None:
    directive = _directive(Namespace="Test/Fine", Dimensions=[[]])
    at = int(AT.timestamp() * 1000)
    put(json.dumps(_event(_aws={"Timestamp": at, "CloudWatchMetrics": [directive]})))

    assert _read(client, "failed", namespace="Test/Fine", period=10) == [1]
    assert _read(client, "latency", namespace="Test/Fine", period=10) == []


def test_the_event_is_a_log_line_as_well(client: Client, put: Callable[..., Any]) -> None:
    put(json.dumps(_event(correlation_id="c-kept")))

    found = client("logs").filter_log_events(
        logGroupName=GROUP, filterPattern='{ $.correlation_id = "c-kept" }'
    )
    assert [json.loads(each["message"])["failed"] for each in found["events"]] == [1]


NOT_EMF = {
    "text": "no JSON, with the word _aws",
    "list": '["_aws"]',
    "nan": json.dumps(_event()).replace("900.5", "NaN"),
    "no-timestamp": json.dumps(_event(_aws={"CloudWatchMetrics": [_directive()]})),
    "timestamp-is-text": json.dumps(
        _event(_aws={"Timestamp": "1", "CloudWatchMetrics": [_directive()]})
    ),
    "no-directives": json.dumps(_event(_aws={"Timestamp": 1})),
    "no-namespace": json.dumps(
        _event(_aws={"Timestamp": 1, "CloudWatchMetrics": [_directive(Namespace="")]})
    ),
    "dimensions-are-names": json.dumps(
        _event(_aws={"Timestamp": 1, "CloudWatchMetrics": [_directive(Dimensions=["Model"])]})
    ),
    "too-many-dimensions": json.dumps(
        _event(
            _aws={
                "Timestamp": 1,
                "CloudWatchMetrics": [_directive(Dimensions=[[f"d{n}" for n in range(31)]])],
            }
        )
    ),
    "too-many-metrics": json.dumps(
        _event(
            _aws={
                "Timestamp": 1,
                "CloudWatchMetrics": [_directive(Metrics=[{"Name": f"m{n}"} for n in range(101)])],
            }
        )
    ),
    "bad-unit": json.dumps(
        _event(
            _aws={
                "Timestamp": 1,
                "CloudWatchMetrics": [_directive(Metrics=[{"Name": "failed", "Unit": ["ms"]}])],
            }
        )
    ),
    "bad-resolution": json.dumps(
        _event(
            _aws={
                "Timestamp": 1,
                "CloudWatchMetrics": [
                    _directive(Metrics=[{"Name": "failed", "StorageResolution": 5}])
                ],
            }
        )
    ),
    "logger-prefix": f"INFO:app:{json.dumps(_event())}",
    "far-future": json.dumps(_event(_aws={"Timestamp": 10**18, "CloudWatchMetrics": []})),
}


@pytest.mark.parametrize("message", NOT_EMF.values(), ids=NOT_EMF)
def test_what_is_not_sound_is_a_log_line_and_no_more(message: str) -> None:
    assert embedded_in(message) == ()


@pytest.mark.parametrize(
    "target", ["fast", True, None, {}, [], [1, "2"], list(range(101)), 10**400], ids=repr
)
def test_a_metric_without_numbers_is_left_out(target: Any) -> None:
    found = embedded_in(json.dumps(_event(latency=target)))
    assert {one.name for one in found} == {"failed"}


@pytest.mark.parametrize("label", [None, 3, "", "x" * 1025], ids=["null", "number", "none", "long"])
def test_a_set_with_a_dimension_without_a_text_is_left_out(label: Any) -> None:
    found = embedded_in(json.dumps(_event(Intent=label)))
    assert {tuple(one.dimensions) for one in found} == {(), ("Model",)}


def test_a_metric_from_long_ago_is_none(client: Client, put: Callable[..., Any]) -> None:
    old = int((AT - timedelta(days=15)).timestamp() * 1000)
    directive = _directive(Namespace="Test/Old")
    put(json.dumps(_event(_aws={"Timestamp": old, "CloudWatchMetrics": [directive]})))

    listed = client("cloudwatch").list_metrics(Namespace="Test/Old")["Metrics"]
    assert listed == []


def test_the_clients_own_records_are_metrics(client: Client, put: Callable[..., Any]) -> None:
    stream = StringIO()
    sink, metrics = JsonLines(stream), Metrics()
    for number in range(20):
        failed = number < 5
        sink(metrics.document(_call(number, failed=failed)))
        sink(metrics.document(_attempt(number, failed=failed)))
    put(*stream.getvalue().splitlines())

    def read(name: str, stat: str = "Average", **options: Any) -> list[float]:
        return _read(client, name, stat, namespace=NAMESPACE, **options)

    assert read("BedrockCalls", "Sum") == [20]
    assert read("UnansweredRate", period=10) == [0.25]
    assert read("BedrockThrottleRate", labels={"Model": "sonnet"}) == [0.25]
    assert read("BedrockErrorRate", labels={"Intent": "comparison"}, period=10) == [0.25]
    assert read("BedrockLatencyMs", "p95", labels={"Intent": "comparison"}) == [1805]
    assert read("TimeToFirstToken", "SampleCount") == [15]
    assert read("CircuitBreakerState", "Maximum", period=10) == [2]
    assert read("BedrockCalls", "Sum", labels={"correlation_id": "c-1"}) == []


def _call(number: int, *, failed: bool) -> CallRecord:
    return CallRecord(
        at=AT,
        correlation_id=f"c-{number}",
        intent="comparison",
        model="sonnet",
        model_id="jp.anthropic.claude-sonnet-4-6",
        status=Status.THROTTLED if failed else Status.SUCCESS,
        latency_s=number / 10,
        attempts=1,
        retry_count=0,
        mode=Mode.TEMPLATE if failed else Mode.PRIMARY,
        first_token_s=None if failed else 0.2,
        usage=None if failed else Usage(input=10, output=20),
        breaker="open" if number == 4 else "closed",
    )


def _attempt(number: int, *, failed: bool) -> AttemptRecord:
    failure = Failure(failure_class=FailureClass.THROTTLE, code="ThrottlingException")
    return AttemptRecord(
        at=AT,
        correlation_id=f"c-{number}",
        attempt=1,
        intent="comparison",
        model="sonnet",
        model_id="jp.anthropic.claude-sonnet-4-6",
        region="ap-northeast-1",
        latency_s=number / 10,
        failure=failure if failed else None,
    )
