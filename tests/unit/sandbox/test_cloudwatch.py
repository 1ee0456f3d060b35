"""CloudWatch's handlers with a standing clock; each answer fits botocore's shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from mangaops.sandbox.services.cloudwatch import OPERATIONS
from mangaops.sandbox.world import World
from support.overlay_calls import NOON, Caller, StandingClock

MINUTE = timedelta(minutes=1)
START = NOON - 10 * MINUTE


@pytest.fixture
def cloudwatch() -> Caller:
    """Two series of ten minutes: `a` counts 1 to 10, `b` is 2 but lacks the fifth minute."""
    world = World(clock=StandingClock())
    for number in range(10):
        at = (START + number * MINUTE).timestamp()
        world.metrics.put("Shop", "a", {}, at, [float(number + 1)])
        if number != 4:
            world.metrics.put("Shop", "b", {"Kind": "x"}, at, [1.0, 1.0], unit="Count")
    return Caller(world, "cloudwatch", OPERATIONS)


def _metric(name: str, stat: str = "Sum", period: int = 60, **more: Any) -> dict[str, Any]:
    dimensions = [{"Name": "Kind", "Value": "x"}] if name == "b" else []
    metric = {"Namespace": "Shop", "MetricName": name, "Dimensions": dimensions}
    return {
        "Id": more.pop("Id", name),
        "MetricStat": {"Metric": metric, "Period": period, "Stat": stat, **more},
    }


def _math(expression: str, **more: Any) -> dict[str, Any]:
    return {"Id": "e", "Expression": expression, **more}


def _get(
    cloudwatch: Caller,
    *queries: Mapping[str, Any],
    start: datetime = START,
    end: datetime = NOON,
    **more: Any,
) -> dict[str, list[float]]:
    answer = cloudwatch(
        "GetMetricData",
        MetricDataQueries=list(queries),
        StartTime=start,
        EndTime=end,
        ScanBy="TimestampAscending",
        **more,
    )
    return {one["Id"]: one["Values"] for one in answer["MetricDataResults"]}


def _refused(cloudwatch: Caller, *queries: Mapping[str, Any], **more: Any) -> tuple[str, str]:
    asked = {"MetricDataQueries": list(queries), "StartTime": START, "EndTime": NOON, **more}
    fault = cloudwatch.fault("GetMetricData", **asked)
    return fault.code, fault.message


def test_the_start_is_inclusive_and_the_end_is_not(cloudwatch: Caller) -> None:
    told = _get(cloudwatch, _metric("a"), start=START + MINUTE, end=START + 3 * MINUTE)
    assert told == {"a": [2.0, 3.0]}


def test_the_start_is_rounded_down_to_the_minute(cloudwatch: Caller) -> None:
    start = START + timedelta(seconds=59)
    assert _get(cloudwatch, _metric("a"), start=start, end=START + MINUTE) == {"a": [1.0]}


def test_periods_count_from_the_start_and_the_last_may_be_cut(cloudwatch: Caller) -> None:
    told = _get(cloudwatch, _metric("a", "Maximum", 180), start=START + MINUTE)
    assert told == {"a": [4.0, 7.0, 10.0]}


def test_a_start_of_long_ago_is_rounded_down_to_the_hour(cloudwatch: Caller) -> None:
    start = NOON - timedelta(days=64, minutes=13)
    answer = cloudwatch(
        "GetMetricData",
        MetricDataQueries=[_metric("a", "SampleCount", 86400)],
        StartTime=start,
        EndTime=NOON,
    )
    (result,) = answer["MetricDataResults"]
    assert result["Timestamps"] == [NOON - timedelta(hours=1)]
    assert result["Values"] == [10.0]


def test_a_metric_that_does_not_exist_is_empty_and_complete(cloudwatch: Caller) -> None:
    answer = cloudwatch(
        "GetMetricData",
        MetricDataQueries=[_metric("c"), _metric("b", Unit="Seconds")],
        StartTime=START,
        EndTime=NOON,
    )
    states = [(one["Id"], one["Values"], one["StatusCode"]) for one in answer["MetricDataResults"]]
    assert states == [("c", [], "Complete"), ("b", [], "Complete")]


def test_dimensions_are_matched_exactly(cloudwatch: Caller) -> None:
    query = _metric("b")
    query["MetricStat"]["Metric"]["Dimensions"] = []
    assert _get(cloudwatch, query) == {"b": []}


def test_standard_resolution_has_no_seconds(cloudwatch: Caller) -> None:
    assert _get(cloudwatch, _metric("a", period=10)) == {"a": []}


def test_a_page_may_end_within_a_result(cloudwatch: Caller) -> None:
    asked = {
        "MetricDataQueries": [_metric("a"), _metric("c"), _metric("b")],
        "StartTime": START,
        "EndTime": NOON,
        "MaxDatapoints": 8,
    }
    pages, token = [], None
    while True:
        answer = cloudwatch("GetMetricData", **asked, **({"NextToken": token} if token else {}))
        pages.append(
            [(one["Id"], len(one["Values"]), one["StatusCode"])
             for one in answer["MetricDataResults"]]
        )  # fmt: skip
        token = answer.get("NextToken")
        if token is None:
            break
    assert pages == [
        [("a", 8, "PartialData"), ("c", 0, "PartialData"), ("b", 0, "PartialData")],
        [("a", 2, "Complete"), ("c", 0, "Complete"), ("b", 6, "PartialData")],
        [("b", 3, "Complete")],
    ]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + 1", [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ("100 * a / b", [50, 100, 150, 200, 300, 350, 400, 450, 500]),
        ("-a ^ 2", [-1, -4, -9, -16, -25, -36, -49, -64, -81, -100]),
        ("a / (a - 3)", [-0.5, -2, 4, 2.5, 2, 1.75, 1.6, 1.5, 10 / 7]),
        ("SUM(METRICS())", [3, 4, 5, 6, 5, 8, 9, 10, 11, 12]),
        ("AVG([a, b])", [1.5, 2, 2.5, 3, 5, 4, 4.5, 5, 5.5, 6]),
        ("FILL(b, 0)", [2, 2, 2, 2, 0, 2, 2, 2, 2, 2]),
        ("FILL(b, REPEAT)", [2] * 10),
        ("RATE(a) * PERIOD(a)", [1] * 9),
        ("DIFF(FILL(b, 0))", [0, 0, 0, -2, 2, 0, 0, 0, 0]),
        ("MAX([FLOOR(a / 4), b])", [2, 2, 2, 2, 1, 2, 2, 2, 2, 2]),
    ],
)
def test_metric_math(cloudwatch: Caller, expression: str, expected: list[float]) -> None:
    told = _get(cloudwatch, _math(expression), _metric("a"), _metric("b"))
    assert told["e"] == pytest.approx(expected)


def test_expressions_build_on_each_other_and_metrics_may_be_hidden(cloudwatch: Caller) -> None:
    hidden = {**_metric("a"), "ReturnData": False}
    told = _get(cloudwatch, _math("f * 2"), {"Id": "f", "Expression": "a * 2"}, hidden)
    assert told["e"] == [4.0 * value for value in range(1, 11)]
    assert list(told) == ["e", "f"]


@pytest.mark.parametrize(
    "expression",
    [
        "SEARCH('{Shop} a', 'Sum', 60)",
        "SELECT AVG(a) FROM Shop",
        "ANOMALY_DETECTION_BAND(a)",
        "a.real",
        "nope + 1",
        "e + 1",
        "SUM(a)",
        "1 + 1",
        "a if a else 1",
        "__import__('os')",
        "METRICS()",
        "1 / 0 * a",
        "((",
    ],
)
def test_an_expression_that_is_not_served_is_refused(cloudwatch: Caller, expression: str) -> None:
    code, message = _refused(cloudwatch, _math(expression), _metric("a"))
    assert code == "ValidationError"
    assert message.startswith("Error in expression")


@pytest.mark.parametrize(
    ("queries", "more", "message"),
    [
        ([], {}, "MetricDataQueries is required"),
        ([_metric("a")], {"EndTime": START}, "StartTime must be less than"),
        ([_metric("a"), _metric("a")], {}, "are not unique"),
        ([_metric("a", Id=f"q{n}") for n in range(501)], {}, "not have a size greater than 500"),
        ([_metric("a", period=90)], {}, "multiple of 60"),
        ([_metric("a", Id="Upper")], {}, "must match"),
        ([_metric("a", "p101")], {}, "not a valid statistic"),
        ([{**_metric("a"), "Expression": "a"}], {}, "exactly one of MetricStat and Expression"),
        ([{**_metric("a"), "ReturnData": False}], {}, "must have ReturnData true"),
        ([_metric("a")], {"MaxDatapoints": 0}, "MaxDatapoints"),
    ],
)
def test_a_wrong_request_is_a_validation_error(
    cloudwatch: Caller, queries: list[Any], more: dict[str, Any], message: str
) -> None:
    code, told = _refused(cloudwatch, *queries, **more)
    assert code == "ValidationError"
    assert message in told


@pytest.mark.parametrize(
    ("datum", "code"),
    [
        ({}, "MissingParameter"),
        ({"Value": 1.0, "Values": [1.0]}, "InvalidParameterCombination"),
        ({"Values": [1.0, 2.0], "Counts": [1.0]}, "InvalidParameterValue"),
        ({"Values": [1.0] * 151}, "InvalidParameterValue"),
        ({"Value": float("inf")}, "InvalidParameterValue"),
        ({"Value": 1.0, "Timestamp": NOON - timedelta(days=15)}, "InvalidParameterValue"),
        ({"Value": 1.0, "Timestamp": NOON + timedelta(hours=3)}, "InvalidParameterValue"),
        ({"Value": 1.0, "Unit": "Parsecs"}, "InvalidParameterValue"),
        ({"Value": 1.0, "StorageResolution": 30}, "InvalidParameterValue"),
        ({"Value": 1.0, "Dimensions": [{"Name": "K", "Value": ""}]}, "InvalidParameterValue"),
    ],
)
def test_nothing_of_a_refused_put_is_kept(
    cloudwatch: Caller, datum: dict[str, Any], code: str
) -> None:
    data = [{"MetricName": "good", "Value": 1.0}, {"MetricName": "bad", **datum}]
    fault = cloudwatch.fault("PutMetricData", Namespace="New", MetricData=data)
    assert fault.code == code
    assert cloudwatch("ListMetrics", Namespace="New")["Metrics"] == []


def test_what_is_put_is_got_by_unit_and_by_second(cloudwatch: Caller) -> None:
    at = START + timedelta(seconds=7)
    common = {"MetricName": "c", "Timestamp": at, "StorageResolution": 1}
    data = [
        {**common, "Value": 3.0, "Unit": "Seconds"},
        {**common, "Values": [1.0, 2.0], "Counts": [2.0, 1.0], "Unit": "Milliseconds"},
    ]
    cloudwatch("PutMetricData", Namespace="Shop", MetricData=data)
    one = _metric("c", "SampleCount", 1)
    told = _get(cloudwatch, one, _metric("c", "Sum", Unit="Milliseconds", Id="unit"))
    assert told == {"c": [4.0], "unit": [4.0]}


def test_metrics_are_listed_by_parts_of_their_dimensions(cloudwatch: Caller) -> None:
    put = cloudwatch.world.metrics.put
    put("Shop", "b", {"Kind": "y", "Store": "1"}, NOON.timestamp(), [1.0])
    put("Shop", "old", {}, (NOON - timedelta(hours=4)).timestamp(), [1.0])
    put("Shop", "gone", {}, (NOON - timedelta(days=15)).timestamp(), [1.0])

    def listed(**asked: Any) -> list[tuple[str, list[str]]]:
        found = cloudwatch("ListMetrics", Namespace="Shop", **asked)["Metrics"]
        return [(one["MetricName"], [d["Value"] for d in one["Dimensions"]]) for one in found]

    assert listed() == [("a", []), ("b", ["x"]), ("b", ["y", "1"]), ("old", [])]
    assert listed(RecentlyActive="PT3H") == [("a", []), ("b", ["x"]), ("b", ["y", "1"])]
    assert listed(Dimensions=[{"Name": "Kind"}]) == [("b", ["x"]), ("b", ["y", "1"])]
    assert listed(Dimensions=[{"Name": "Kind", "Value": "y"}]) == [("b", ["y", "1"])]
    assert listed(MetricName="a", Dimensions=[{"Name": "Kind"}]) == []


def _statistics(cloudwatch: Caller, **more: Any) -> Mapping[str, Any]:
    asked = {
        "Namespace": "Shop",
        "MetricName": "a",
        "StartTime": START,
        "EndTime": NOON,
        "Period": 300,
        **more,
    }
    return cloudwatch("GetMetricStatistics", **asked)


def test_the_older_call_knows_extended_statistics(cloudwatch: Caller) -> None:
    answer = _statistics(cloudwatch, Statistics=["Sum"], ExtendedStatistics=["p50"])
    assert answer["Datapoints"] == [
        {"Timestamp": START, "Unit": "None", "Sum": 15.0, "ExtendedStatistics": {"p50": 3.0}},
        {
            "Timestamp": START + 5 * MINUTE,
            "Unit": "None",
            "Sum": 40.0,
            "ExtendedStatistics": {"p50": 8.0},
        },
    ]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "InvalidParameterCombination"),
        ({"Statistics": ["Median"]}, "InvalidParameterValue"),
        ({"ExtendedStatistics": ["Sum"]}, "InvalidParameterValue"),
        ({"Statistics": ["Sum"], "Period": 90}, "InvalidParameterValue"),
        ({"Statistics": ["Sum"], "EndTime": START}, "InvalidParameterValue"),
        (
            {"Statistics": ["Sum"], "Period": 60, "StartTime": NOON - timedelta(days=2)},
            "InvalidParameterCombination",
        ),
    ],
)
def test_the_older_call_refuses_as_aws_does(
    cloudwatch: Caller, more: dict[str, Any], code: str
) -> None:
    asked = {"Namespace": "Shop", "MetricName": "a", "StartTime": START, "EndTime": NOON}
    fault = cloudwatch.fault("GetMetricStatistics", **{**asked, "Period": 300, **more})
    assert fault.code == code
