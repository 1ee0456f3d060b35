"""Injected faults, as clients see them."""

from __future__ import annotations

import urllib.error
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

NAME = "/mangaassist/router/adaptive_routing"
Ask = Callable[..., Any]


def _code(call: Callable[[], object]) -> tuple[str, int]:
    with pytest.raises(ClientError) as failed:
        call()
    response = failed.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    ("service", "operation", "kind", "expected"),
    [
        ("ssm", "describe_parameters", "throttle", ("ThrottlingException", 400)),
        ("ssm", "describe_parameters", "denied", ("AccessDeniedException", 400)),
        ("cloudwatch", "list_metrics", "denied", ("AccessDenied", 403)),
        ("cloudwatch", "list_metrics", "throttle", ("Throttling", 400)),
        ("sts", "get_caller_identity", "custom:ExpiredToken:Expired:403", ("ExpiredToken", 403)),
        ("lambda", "list_functions", "throttle", ("TooManyRequestsException", 429)),
        ("s3", "list_buckets", "throttle", ("SlowDown", 503)),
        ("ec2", "describe_vpcs", "denied", ("UnauthorizedOperation", 403)),
        ("logs", "describe_log_groups", "server-error", ("ServiceUnavailableException", 500)),
    ],
)
def test_each_service_fails_with_its_own_code(
    client: Callable[..., Any],
    administer: Ask,
    service: str,
    operation: str,
    kind: str,
    expected: tuple[str, int],
) -> None:
    administer("PUT", "faults", {"rules": [f"{service}:*={kind}"]})
    assert _code(getattr(client(service), operation)) == expected


def test_a_fault_can_hit_the_first_calls_only(client: Callable[..., Any], administer: Ask) -> None:
    rule = {"service": "ssm", "operation": "GetParameter", "kind": "throttle", "first": 2}
    administer("PUT", "faults", {"rules": [rule]})
    ssm = client("ssm")
    for _ in range(2):
        assert _code(lambda: ssm.get_parameter(Name=NAME))[0] == "ThrottlingException"
    assert ssm.get_parameter(Name=NAME)["Parameter"]["Value"] == "off"
    assert len(ssm.get_parameters(Names=[NAME])["Parameters"]) == 1


def test_a_dropped_connection_is_no_answer(client: Callable[..., Any], administer: Ask) -> None:
    administer("PUT", "faults", {"rules": ["ssm:*=drop"]})
    with pytest.raises(ConnectionClosedError):
        client("ssm").get_parameter(Name=NAME)


def test_partial_data_is_half_of_it_and_says_so(
    client: Callable[..., Any], administer: Ask
) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    points = [
        {"MetricName": "n", "Timestamp": now - timedelta(minutes=age), "Value": 1.0}
        for age in range(1, 5)
    ]
    client("cloudwatch").put_metric_data(Namespace="Test/Partial", MetricData=points)
    administer("PUT", "faults", {"rules": ["cloudwatch:GetMetricData=partial"]})
    metric = {"Namespace": "Test/Partial", "MetricName": "n"}
    stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}
    (result,) = client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "n", "MetricStat": stat}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now,
    )["MetricDataResults"]
    assert (result["Values"], result["StatusCode"]) == ([1.0, 1.0], "PartialData")


def test_latency_is_in_the_log_of_calls(client: Callable[..., Any], administer: Ask) -> None:
    administer("PUT", "latency", {"ms": 60})
    administer("PUT", "faults", {"rules": ["ssm:GetParameter=latency:40"]})
    administer("DELETE", "calls")
    client("ssm").get_parameter(Name=NAME)
    (call,) = administer("GET", "calls")["calls"]
    assert 0.1 <= call["end"] - call["start"] < 1.0
    assert (call["service"], call["operation"], call["region"], call["error"]) == (
        "ssm",
        "GetParameter",
        "ap-northeast-1",
        "",
    )


def test_a_wrong_rule_changes_nothing(administer: Ask) -> None:
    administer("PUT", "faults", {"rules": ["ssm:*=throttle"]})
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        administer("PUT", "faults", {"rules": ["logs:*=denied", "ssm:*=explode"]})
    refused.value.close()
    assert [rule["service"] for rule in administer("GET", "faults")["rules"]] == ["ssm"]
