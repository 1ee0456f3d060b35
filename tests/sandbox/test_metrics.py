"""Metrics over the wire: what is put is what is got, by boto3, the AWS CLI and raw CBOR."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mangaops.sandbox.control import Running
from mangaops.sandbox.wire import cbor

NAMESPACE = "Test/Streaming"
NAME = "first_token_latency_ms"
VALUES = [float(value) for value in range(1, 101)]


@pytest.fixture(scope="module")
def start(client: Callable[..., Any]) -> datetime:
    """The first of five minutes that each hold the values 1 to 100."""
    first = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
    for number in range(5):
        client("cloudwatch").put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {
                    "MetricName": NAME,
                    "Dimensions": [{"Name": "Model", "Value": "sonnet"}],
                    "Timestamp": first + timedelta(minutes=number, seconds=12),
                    "Values": VALUES,
                    "Counts": [1.0] * len(VALUES),
                    "Unit": "Milliseconds",
                }
            ],
        )
    return first


def _query(stat: str = "p95", period: int = 60, name: str = NAME) -> dict[str, Any]:
    dimensions = [{"Name": "Model", "Value": "sonnet"}]
    metric = {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": dimensions}
    return {"Id": "m", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def test_a_percentile_is_that_of_the_values_that_were_put(
    client: Callable[..., Any], start: datetime
) -> None:
    end = start + timedelta(minutes=5)
    answer = client("cloudwatch").get_metric_data(
        MetricDataQueries=[_query()], StartTime=start, EndTime=end, ScanBy="TimestampAscending"
    )
    assert answer["Messages"] == []
    (result,) = answer["MetricDataResults"]
    assert result == {
        "Id": "m",
        "Label": NAME,
        "Timestamps": [start + timedelta(minutes=number) for number in range(5)],
        "Values": pytest.approx([95.05] * 5),
        "StatusCode": "Complete",
    }


def test_pages_together_hold_every_datapoint_once(
    client: Callable[..., Any], start: datetime
) -> None:
    pages = (
        client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=[_query("Sum")],
            StartTime=start,
            EndTime=start + timedelta(minutes=5),
            MaxDatapoints=2,
        )
    )
    results = [page["MetricDataResults"][0] for page in pages]
    assert [(len(one["Values"]), one["StatusCode"]) for one in results] == [
        (2, "PartialData"),
        (2, "PartialData"),
        (1, "Complete"),
    ]
    moments = [moment for one in results for moment in one["Timestamps"]]
    assert moments == [start + timedelta(minutes=number) for number in (4, 3, 2, 1, 0)]


def test_another_region_has_none_of_it(client: Callable[..., Any], start: datetime) -> None:
    answer = client("cloudwatch", "us-east-1").get_metric_data(
        MetricDataQueries=[_query()], StartTime=start, EndTime=start + timedelta(minutes=5)
    )
    (result,) = answer["MetricDataResults"]
    assert (result["Values"], result["StatusCode"]) == ([], "Complete")


def test_an_error_has_the_code_that_sdks_know(client: Callable[..., Any], start: datetime) -> None:
    cloudwatch = client("cloudwatch")
    with pytest.raises(ClientError, match="StartTime must be less") as backwards:
        cloudwatch.get_metric_data(
            MetricDataQueries=[_query()], StartTime=start, EndTime=start - timedelta(minutes=5)
        )
    assert backwards.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(cloudwatch.exceptions.InvalidParameterValueException):
        cloudwatch.put_metric_data(
            Namespace=NAMESPACE, MetricData=[{"MetricName": NAME, "Value": float("nan")}]
        )


def test_a_compressed_request_is_read(client: Callable[..., Any]) -> None:
    data = [
        {"MetricName": "many", "Value": 1.0, "Dimensions": [{"Name": "Number", "Value": str(n)}]}
        for n in range(600)
    ]
    client("cloudwatch").put_metric_data(Namespace="Test/Many", MetricData=data)
    pages = client("cloudwatch").get_paginator("list_metrics").paginate(Namespace="Test/Many")
    assert [len(page["Metrics"]) for page in pages] == [500, 100]


def test_the_aws_cli_agrees(aws_cli: Callable[..., Any], start: datetime) -> None:
    end = start + timedelta(minutes=5)
    common = ("--namespace", NAMESPACE, "--metric-name", NAME)
    listed = aws_cli("cloudwatch", "list-metrics", *common)
    told = aws_cli(
        "cloudwatch", "get-metric-statistics", *common, "--dimensions",
        "Name=Model,Value=sonnet", "--start-time", start.isoformat(), "--end-time",
        end.isoformat(), "--period", "300", "--statistics", "Average", "SampleCount",
    )  # fmt: skip
    dimensions = [{"Name": "Model", "Value": "sonnet"}]
    metric = {"Namespace": NAMESPACE, "MetricName": NAME, "Dimensions": dimensions}
    assert listed == {"Metrics": [metric]}
    (point,) = told["Datapoints"]
    assert point.pop("Timestamp") == start.timestamp()
    assert point == {"Average": 50.5, "SampleCount": 500.0, "Unit": "Milliseconds"}


def test_the_aws_cli_reads_percentiles(aws_cli: Callable[..., Any], start: datetime) -> None:
    answer = aws_cli(
        "cloudwatch", "get-metric-data", "--start-time", start.isoformat(), "--end-time",
        (start + timedelta(minutes=5)).isoformat(), "--metric-data-queries",
        json.dumps([_query("p50", 300)]),
    )  # fmt: skip
    (result,) = answer["MetricDataResults"]
    assert (result["Values"], result["StatusCode"]) == ([50.5], "Complete")


def _cbor(sandbox: Running, operation: str, body: object) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    scope = f"{sandbox.access_key}/20261121/{sandbox.region}/monitoring/aws4_request"
    headers = {
        "smithy-protocol": "rpc-v2-cbor",
        "Content-Type": "application/cbor",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    }
    path = f"/service/GraniteServiceVersion20100801/operation/{operation}"
    connection.request("POST", path, cbor.dumps(body), headers)
    answer = connection.getresponse()
    assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
    told = cbor.loads(answer.read())
    connection.close()
    return answer.status, told


def test_cbor_clients_are_served(sandbox: Running, start: datetime) -> None:
    asked = {
        "MetricDataQueries": [_query("Maximum", 300)],
        "StartTime": start,
        "EndTime": start + timedelta(minutes=5),
    }
    status, answer = _cbor(sandbox, "GetMetricData", asked)
    assert status == 200
    assert answer["MetricDataResults"] == [
        {
            "Id": "m",
            "Label": NAME,
            "Timestamps": [start],
            "Values": [100.0],
            "StatusCode": "Complete",
        }
    ]


def test_cbor_clients_reach_moto_as_well(sandbox: Running, client: Callable[..., Any]) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName="slow",
        Namespace=NAMESPACE,
        MetricName=NAME,
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    status, answer = _cbor(sandbox, "DescribeAlarms", {"AlarmNames": ["slow"]})
    assert (status, [one["AlarmName"] for one in answer["MetricAlarms"]]) == (200, ["slow"])


def test_cbor_errors_have_their_type(sandbox: Running, start: datetime) -> None:
    asked = {"MetricDataQueries": [_query()], "StartTime": start, "EndTime": start}
    status, answer = _cbor(sandbox, "GetMetricData", asked)
    assert (status, answer["__type"]) == (400, "ValidationException")
