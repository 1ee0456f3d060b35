"""Telemetry of a test, answered as CloudWatch answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mangaops.model.condition import Place
from mangaops.model.evidence import EvidenceState, Series, SeriesGroup
from mangaops.model.query import Baseline, MetricQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.time import Window
from mangaops.testing.case import Given, GivenSeries
from mangaops.testing.given import evidence_of
from mangaops.testing.notation import minutes

END = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)
WINDOW = Window(start=END - timedelta(minutes=30), end=END)
PLACE = Place(file="a.test.yaml", line=1, column=1)
PLAIN = MetricQuery(namespace="Own", name="answer_ms", stat="p95")


def read(query: MetricQuery, *series: GivenSeries) -> Series | SeriesGroup | EvidenceState:
    declaration = EvidenceDeclaration(id="answer", kind="metric", query=query, place=PLACE)
    given = Given(id="answer", place=PLACE, series=series)
    evidence = evidence_of(declaration, given, WINDOW)
    if evidence.value is None:
        return evidence.state
    assert isinstance(evidence.value, Series | SeriesGroup)
    return evidence.value


def given(**statistics: str) -> GivenSeries:
    return GivenSeries(statistics={name: minutes(text) for name, text in statistics.items()})


def values(series: Series | SeriesGroup | EvidenceState) -> list[float]:
    assert isinstance(series, Series)
    return [value for _, value in series.points]


def test_the_last_value_is_the_newest_complete_minute() -> None:
    series = read(PLAIN, given(p95="1x29 7"))
    assert isinstance(series, Series)
    assert series.points[-1] == (END.timestamp() - 60, 7)
    assert (len(series.points), series.newest) == (30, END.timestamp())


def test_a_longer_series_than_the_window_is_read_as_far_as_it_goes() -> None:
    assert values(read(PLAIN, given(p95="9x60 1x30"))) == [1] * 30


@pytest.mark.parametrize(
    ("stat", "pooled"),
    [("p95", 20), ("Average", 20), ("Sum", 200), ("Maximum", 30), ("Minimum", 10)],
)
def test_a_pool_is_one_value_by_the_rule_of_its_statistic(stat: str, pooled: float) -> None:
    query = replace(PLAIN, stat=stat, pool=timedelta(minutes=10))
    assert values(read(query, given(**{stat: "10x5 30x5"}))) == [pooled]


def test_samples_are_counted_from_the_values_or_as_given() -> None:
    query = replace(PLAIN, pool=timedelta(minutes=10))
    counted = read(query, given(p95="1x8 _ 1"))
    told = read(query, given(p95="1x10", SampleCount="50x10"))
    assert isinstance(counted, Series)
    assert isinstance(told, Series)
    assert (counted.samples, told.samples) == (9, 500)


def test_another_statistic_than_the_given_one_is_not_there() -> None:
    assert read(replace(PLAIN, stat="p50"), given(p95="1x30")) is EvidenceState.NO_DATA


def test_members_of_a_group_are_those_that_are_given() -> None:
    query = replace(PLAIN, dimensions={"Stage": "prod", "Intent": "*"})
    faq = replace(given(p95="1x30"), labels={"Intent": "faq"})
    other = replace(given(p95="2x30"), labels={"Intent": "greeting"})
    group = read(query, faq, other)
    assert isinstance(group, SeriesGroup)
    assert [(one.labels, values(one)[0]) for one in group.series] == [
        ({"Intent": "faq"}, 1),
        ({"Intent": "greeting"}, 2),
    ]


def test_earlier_days_are_the_same_hours() -> None:
    query = replace(PLAIN, baseline=Baseline(days=2))
    day = {"p95": minutes("5x30")}
    series = read(query, replace(given(p95="1x30"), earlier=(day,)))
    assert isinstance(series, Series)
    assert [values(one) for one in series.earlier] == [[5] * 30, []]


def test_old_minutes_alone_are_stale() -> None:
    assert read(PLAIN, given(p95="1x25 _x5")) is EvidenceState.STALE
    assert values(read(PLAIN, given(p95="1x26 _x4"))) == [1] * 26


def test_a_sparse_count_may_be_old() -> None:
    assert values(read(replace(PLAIN, stat="Sum", sparse=True), given(Sum="1 _x20"))) == [1]
