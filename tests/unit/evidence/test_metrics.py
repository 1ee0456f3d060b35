from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mangaops.errors import AwsDenied, AwsThrottled, AwsUnreachable
from mangaops.evidence.sources.metrics import MetricReader
from mangaops.model.evidence import Evidence, EvidenceState, Series, SeriesGroup
from mangaops.model.query import Baseline
from mangaops.model.telemetry import MetricState
from support.declared import END, END_S, WINDOW, asked, metric
from support.fake_telemetry import FakeCloudWatch
from support.fake_time import FakeClock, FakeStop

DAY = 86400
HALF_HOUR = {
    "namespace": "Manga",
    "metric": "latency",
    "dimensions": {},
    "stat": "p95",
    "period": 60,
    "start": "2026-11-21T11:00:00Z",
    "end": "2026-11-21T11:30:00Z",
}


def minutes(*values: float, end: int = END_S) -> dict[int, float]:
    """The newest minutes before the end, oldest first."""
    return {end - (len(values) - n) * 60: value for n, value in enumerate(values)}


def read(cloudwatch, *declarations, window=WINDOW) -> dict[str, Evidence]:
    reader = MetricReader(cloudwatch, wall=lambda: END + timedelta(seconds=40))
    question = replace(asked(FakeStop(FakeClock())), window=window)
    items = [item for together in reader.read_all(declarations, question) for item in together]
    assert len(items) == len(declarations)
    return {item.id: item for item in items}


def test_a_metric_is_a_series_of_the_window():
    points = minutes(300, 200, 400)
    cloudwatch = FakeCloudWatch({("latency", (), "p95"): points})
    assert read(cloudwatch, metric("a"))["a"] == Evidence(
        id="a",
        kind="metric",
        state=EvidenceState.OK,
        value=Series(
            start=END_S - 1800,
            end=END_S,
            period=60,
            points=tuple(points.items()),
            newest=END_S,
        ),
        summary={"points": 3, "latest": 400, "min": 200, "max": 400},
        query=HALF_HOUR,
        newest=END,
    )


def test_all_metrics_of_one_window_are_one_call_and_equal_ones_one_request():
    data = {("latency", (), "p95"): minutes(1), ("other", (), "p95"): minutes(1)}
    cloudwatch = FakeCloudWatch(data)
    read(cloudwatch, metric("a"), metric("b"), metric("c", "other"))
    assert [(len(requests), start, end) for requests, start, end in cloudwatch.calls] == [
        (2, END_S - 1800, END_S)
    ]


def test_a_pool_is_one_point_with_its_samples_and_its_newest_minute():
    cloudwatch = FakeCloudWatch(
        {
            ("latency", (), "p95"): {END_S - 660: 1, END_S - 600: 20, END_S - 240: 30},
            ("latency", (), "SampleCount"): {END_S - 600: 4, END_S - 240: 5},
        }
    )
    got = read(cloudwatch, metric("a", pool=timedelta(minutes=10)))["a"]
    assert got.value == Series(
        start=END_S - 600,
        end=END_S,
        period=600,
        points=((END_S - 600, 50),),
        newest=END_S - 180,
        samples=9,
    )
    assert got.summary == {"points": 1, "latest": 50, "min": 50, "max": 50, "n": 9}
    assert got.query["period"] == 600


def test_a_star_is_every_listed_value_of_metrics_with_exactly_these_dimensions():
    cloudwatch = FakeCloudWatch(
        {("latency", (("Intent", "faq"),), "p95"): minutes(7)},
        listed={
            "latency": [
                {},
                {"Intent": "greeting"},
                {"Intent": "faq"},
                {"Intent": "faq", "Model": "haiku"},
            ]
        },
    )
    got = read(
        cloudwatch, metric("a", dimensions={"Intent": "*"}), metric("b", dimensions={"Intent": "*"})
    )
    bounds = {"start": END_S - 1800, "end": END_S, "period": 60}
    assert got["a"].value == SeriesGroup(
        by=("Intent",),
        series=(
            Series(labels={"Intent": "faq"}, points=((END_S - 60, 7),), newest=END_S, **bounds),
            Series(labels={"Intent": "greeting"}, points=(), **bounds),
        ),
    )
    assert got["a"].summary == {
        "series": 2,
        "members": {
            "Intent=faq": {"points": 1, "latest": 7, "min": 7, "max": 7},
            "Intent=greeting": {"points": 0},
        },
    }
    assert cloudwatch.listings == ["Manga latency"]
    assert len(cloudwatch.calls) == 1


def test_a_fixed_dimension_beside_a_star_holds():
    cloudwatch = FakeCloudWatch(
        {("latency", (("Intent", "faq"), ("Model", "haiku")), "p95"): minutes(7)},
        listed={
            "latency": [{"Intent": "faq", "Model": "haiku"}, {"Intent": "faq", "Model": "sonnet"}]
        },
    )
    got = read(cloudwatch, metric("a", dimensions={"Intent": "*", "Model": "haiku"}))["a"]
    assert [series.labels for series in got.value.series] == [{"Intent": "faq"}]


def test_a_star_that_matches_nothing_is_no_data_without_a_call():
    cloudwatch = FakeCloudWatch()
    got = read(cloudwatch, metric("a", dimensions={"Intent": "*"}))["a"]
    assert (got.state, got.detail) == (
        EvidenceState.NO_DATA,
        "no metric Manga latency p95 {Intent=*} is listed; a new one takes up to 15 min to be",
    )
    assert cloudwatch.calls == []


def test_no_datapoint_says_whether_the_metric_is_known():
    cloudwatch = FakeCloudWatch(listed={"latency": [{}]})
    got = read(cloudwatch, metric("known"), metric("wrong", "latnecy"))
    assert got["known"].detail == (
        "no datapoint of Manga latency p95 in the window; the metric exists, nothing was published"
    )
    assert got["wrong"].detail == (
        "no datapoint of Manga latnecy p95 in the window; the metric is not listed either: "
        "check its name, dimensions and the region"
    )
    assert {item.state for item in got.values()} == {EvidenceState.NO_DATA}
    assert got["known"].query == HALF_HOUR


def test_a_sparse_metric_without_a_datapoint_is_not_looked_up():
    cloudwatch = FakeCloudWatch()
    got = read(cloudwatch, metric("a", sparse=True))["a"]
    assert got.state is EvidenceState.NO_DATA
    assert cloudwatch.listings == []


@pytest.mark.parametrize(
    ("age", "state"), [(4, EvidenceState.OK), (5, EvidenceState.STALE), (19, EvidenceState.STALE)]
)
def test_data_that_ended_five_minutes_before_the_window_is_stale(age, state):
    cloudwatch = FakeCloudWatch({("latency", (), "p95"): {END_S - age * 60 - 60: 5}})
    got = read(cloudwatch, metric("a"))["a"]
    assert got.state is state
    assert got.newest == END - timedelta(minutes=age)
    assert (got.value is None) == (state is EvidenceState.STALE)


def test_stale_says_how_old():
    cloudwatch = FakeCloudWatch({("latency", (), "p95"): {END_S - 1200: 5}})
    assert read(cloudwatch, metric("a"))["a"].detail == (
        "the newest data of Manga latency p95 ended 19 min before the window did, "
        "at 2026-11-21T11:11:00Z"
    )


def test_a_sparse_count_is_never_stale():
    cloudwatch = FakeCloudWatch({("errors", (), "Sum"): {END_S - 1500: 5}})
    assert (
        read(cloudwatch, metric("a", "errors", "Sum", sparse=True))["a"].state is EvidenceState.OK
    )


def test_buckets_of_ten_minutes_may_be_ten_minutes_old():
    cloudwatch = FakeCloudWatch({("latency", (), "p95"): {END_S - 1200: 5}})
    got = read(cloudwatch, metric("a", period=timedelta(minutes=10)))["a"]
    assert got.state is EvidenceState.STALE
    cloudwatch = FakeCloudWatch({("latency", (), "p95"): {END_S - 600: 5}})
    assert (
        read(cloudwatch, metric("a", period=timedelta(minutes=10)))["a"].state is EvidenceState.OK
    )


def test_forbidden_is_denied_and_not_empty():
    cloudwatch = FakeCloudWatch(states={"latency": MetricState.FORBIDDEN})
    got = read(cloudwatch, metric("a"))["a"]
    assert (got.state, got.detail) == (
        EvidenceState.DENIED,
        "Manga latency p95 may not be read: told: why",
    )


@pytest.mark.parametrize("state", [MetricState.PARTIAL, MetricState.INTERNAL_ERROR])
def test_what_cloudwatch_did_not_finish_has_failed(state):
    data = {("latency", (), "p95"): minutes(1, 2)}
    got = read(FakeCloudWatch(data, states={"latency": state}), metric("a"))["a"]
    assert (got.state, got.value) == (EvidenceState.FAILED, None)
    assert got.detail == f"CloudWatch answered {state} for Manga latency p95, twice: told: why"


def test_a_baseline_is_the_same_window_of_earlier_days_newest_first():
    data = {
        END_S - 60: 1.0,
        END_S - DAY - 60: 2.0,
        END_S - 2 * DAY - 1860: 99.0,  # before the window of that day
        END_S - 3 * DAY - 60: 4.0,
    }
    cloudwatch = FakeCloudWatch({("latency", (), "p95"): data})
    got = read(cloudwatch, metric("a", baseline=Baseline(days=3)))["a"]
    assert [day.points for day in got.value.earlier] == [
        ((END_S - DAY - 60, 2.0),),
        (),
        ((END_S - 3 * DAY - 60, 4.0),),
    ]
    assert got.summary["earlier_days"] == 2


def test_an_earlier_day_that_fails_is_left_out():
    def broken(_start: int, end: int) -> Exception | None:
        return AwsThrottled("slow down") if end <= END_S - 4 * DAY else None

    cloudwatch = FakeCloudWatch({("latency", (), "p95"): minutes(1)}, broken=broken)
    got = read(cloudwatch, metric("a", baseline=Baseline(days=7)))["a"]
    assert got.state is EvidenceState.OK
    assert [day.end for day in got.value.earlier] == [END_S - n * DAY for n in (1, 2, 3)]


def test_one_failing_call_leaves_the_others():
    def broken(start: int, _end: int) -> Exception | None:
        return AwsDenied("no", hint="ask") if start < END_S - 5 * DAY else None

    cloudwatch = FakeCloudWatch({("latency", (), "p95"): minutes(1)}, broken=broken)
    got = read(cloudwatch, metric("a"), metric("b", "other", window=timedelta(days=6)))
    assert got["a"].state is EvidenceState.OK
    assert (got["b"].state, got["b"].detail) == (EvidenceState.DENIED, "no; ask")


def test_no_answer_at_all_is_raised():
    cloudwatch = FakeCloudWatch(broken=lambda _s, _e: AwsUnreachable("gone"))
    with pytest.raises(AwsUnreachable, match="gone"):
        read(cloudwatch, metric("a"), metric("b", "other"))


def test_old_windows_are_read_in_the_buckets_that_are_kept():
    back = timedelta(days=20)
    window = replace(WINDOW, start=WINDOW.start - back, end=WINDOW.end - back)
    end = int(window.end.timestamp())
    cloudwatch = FakeCloudWatch({("latency", (), "p95"): {end - 300: 1}})
    got = read(cloudwatch, metric("a"), window=window)["a"]
    assert (got.value.period, got.value.end, got.state) == (300, end, EvidenceState.OK)
    assert got.newest == datetime.fromtimestamp(end, UTC)


def test_only_what_is_asked_for_within_three_hours_is_listed_as_recently_active():
    lately, longer = FakeCloudWatch(), FakeCloudWatch()
    star = {"Intent": "*"}
    read(lately, metric("a", dimensions=star, window=timedelta(hours=2, minutes=59)))
    read(longer, metric("a", dimensions=star, window=timedelta(hours=3)))
    assert (lately.recently, longer.recently) == ([True], [False])
