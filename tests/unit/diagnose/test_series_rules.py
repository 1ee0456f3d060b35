"""Freshness, coverage and zeros: when a series decides, at the boundaries of each rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mangaops.diagnose.evaluate import Evaluation, evaluate
from mangaops.model.evidence import Series
from support.evidence_building import (
    END,
    WINDOW,
    condition,
    evidence,
    facts,
    metric,
    scope,
    series,
    value_of,
)

NAMES = scope({"m": metric()}, {"span": 600}, units={"span": "duration"})
COUNTED = scope({"m": metric(sparse=True)})
DAILY = scope({"m": metric(days=3)})

MIXED = (1.0, 4.0, 2.0, 8.0)


def told(source: str, one: Series, names: object = NAMES) -> Evaluation:
    return value_of(source, facts(names, evidence(m=one)))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("min(m)", 1),
        ("max(m)", 8),
        ("sum(m)", 15),
        ("avg(m)", 3.75),
        ("count(m)", 4),
        ("latest(m)", 8),
        ("pct(m, 50)", 3),
        ("pct(m, 0)", 1),
        ("pct(m, 100)", 8),
        ("rate(m)", 3.75),
        ("slope(m)", 1.9),
        ('min(m, "2m")', 2),
        ('sum(m, "2m")', 10),
        ('pct(m, 50, "2m")', 5),
        ('rate(m, "2m")', 5),
        ('slope(m, "2m")', 6),
        ('max(m, "1m")', 8),
        ("latest(m) - onset(m, 7)", 8 - (END.timestamp() - 60)),
        ("max(until(m, window_end - minutes(1)))", 4),
        ("min(m, span)", None),
    ],
)
def test_functions_of_a_series(source: str, value: float | None) -> None:
    assert told(source, series(*MIXED)).value == (pytest.approx(value) if value else value)


@pytest.mark.parametrize(
    ("minutes_old", "known"), [(0, True), (4, True), (4.99, True), (5, False), (6, False)]
)
def test_newest_data_that_ended_five_minutes_before_the_window_is_stale(
    minutes_old: float, known: bool
) -> None:
    newest = (END - timedelta(minutes=minutes_old)).timestamp()
    one = series(*[9.0] * 30, newest=newest)

    assert (told("latest(m)", one).value == 9) is known
    assert (told("min(m)", one).value == 9) is known
    assert told("known(m)", one).value is known


def test_a_stale_series_says_how_old_it_is() -> None:
    one = series(*[9.0] * 18, *[None] * 12)

    found = told("latest(m)", one)

    assert (found.value, found.missing) == (None, {"m"})
    assert [lost.why for lost in found.lost] == ["its newest data is 12 min old"]


def test_a_longer_period_allows_older_data() -> None:
    fresh = series(1, 2, 3, period=900, newest=END.timestamp() - 899)
    stale = series(1, 2, 3, period=900, newest=END.timestamp() - 900)

    assert told("latest(m)", fresh).value == 3
    assert told("latest(m)", stale).value is None


def test_a_pooled_series_is_dated_by_the_minute() -> None:
    fresh = series(1800.0, period=600, newest=END.timestamp() - 299)
    stale = series(1800.0, period=600, newest=END.timestamp() - 300)

    assert told("latest(m)", fresh).value == 1800
    assert told("max(m)", fresh).value == 1800
    assert told("latest(m)", stale).value is None


@pytest.mark.parametrize(
    ("present", "value", "gaps"),
    [(20, 7, False), (18, 7, False), (17, 7, True), (10, 7, True), (9, None, False)],
)
def test_half_of_the_points_decide_and_nine_in_ten_decide_without_gaps(
    present: int, value: float | None, gaps: bool
) -> None:
    values = [7.0] * (present - 1) + [None] * (20 - present) + [7.0]

    found = told("min(m)", series(*values))

    assert (found.value, found.gaps) == (value, gaps)


def test_too_few_points_say_how_many_there_were() -> None:
    found = told("min(m)", series(7.0, *[None] * 8, 7.0))

    assert [lost.why for lost in found.lost] == ["2 of 10 datapoints in 10 min"]


def test_the_gap_behind_the_newest_point_is_not_a_lack_of_coverage() -> None:
    found = told('min(m, "8m")', series(*[3.0] * 26, *[None] * 4))

    assert (found.value, found.gaps) == (3, False)


def test_a_sub_window_counts_its_own_points_only() -> None:
    one = series(*[None] * 20, *[3.0] * 10)

    assert told('min(m, "10m")', one).gaps is False
    assert told("min(m)", one).value is None


def test_one_point_is_enough_for_latest() -> None:
    assert told("latest(m)", series(*[None] * 29, 3.0)).value == 3


def test_a_series_without_a_point_is_unknown() -> None:
    found = told("max(m)", series(None, None))

    assert (found.value, [lost.why for lost in found.lost]) == (None, ["no datapoint"])


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_datapoint_that_is_no_number_makes_its_window_unknown(bad: float) -> None:
    one = series(bad, 1.0, 2.0, 3.0)

    assert told("max(m)", one).value is None
    assert told('max(m, "3m")', one).value == 3


def test_sums_that_overflow_are_unknown() -> None:
    assert told("sum(m)", series(1.7e308, 1.7e308)).value is None


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("sum(m)", 4),
        ("max(m)", 4),
        ('sum(m, "10m")', 0),
        ('max(m, "10m")', 0),
        ('count(m, "10m")', 0),
        ('rate(m, "10m")', 0),
        ("rate(m)", 4 / 30),
        ("latest(m)", None),
        ("known(m)", True),
    ],
)
def test_absent_minutes_of_a_sparse_series_count_nothing(source: str, value: float | None) -> None:
    one = series(4.0, *[None] * 29, sparse=True)

    assert told(source, one, COUNTED).value == value


def test_latest_of_a_sparse_series_is_its_newest_point_while_that_is_fresh() -> None:
    assert told("latest(m)", series(4.0, *[None] * 4, sparse=True), COUNTED).value == 4
    assert told("latest(m)", series(4.0, *[None] * 5, sparse=True), COUNTED).value is None


def test_a_sparse_series_without_any_point_is_unknown() -> None:
    found = told("sum(m)", series(None, None, sparse=True), COUNTED)

    assert (found.value, found.missing) == (None, {"m"})


def _day(days: int, *values: float | None) -> Series:
    return series(*values, end=END - timedelta(days=days))


def test_a_baseline_is_the_points_of_all_earlier_days() -> None:
    one = series(9, 9, earlier=(_day(1, 1, 2), _day(2, 3, 4), _day(3, 5, 6)))

    assert told("sum(baseline(m))", one, DAILY).value == 21
    assert told('max(baseline(m), "1m")', one, DAILY).value == 6
    assert told("rate(baseline(m))", one, DAILY).value == 3.5
    assert told("sum(baseline(m))", one, DAILY).gaps is False


def test_a_baseline_that_lacks_a_day_has_gaps() -> None:
    without_points = series(9, 9, earlier=(_day(1, 1, 2), _day(2, None, None), _day(3, 5, 6)))
    not_read = series(9, 9, earlier=(_day(1, 1, 2), _day(3, 5, 6)))

    for one in (without_points, not_read):
        found = told("sum(baseline(m))", one, DAILY)
        assert (found.value, found.gaps) == (14, True)


def test_a_baseline_without_any_day_is_unknown() -> None:
    found = told("sum(baseline(m))", series(9, 9, earlier=(_day(1, None, None),)), DAILY)

    assert [lost.why for lost in found.lost] == ["no earlier day has data"]


def test_the_onset_is_the_start_of_the_last_run_above_the_limit() -> None:
    one = series(9, 1, 1, 9, 9, 9)

    assert told("window_end - onset(m, 5)", one).value == 180


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ((9, 9, 1), "it is not above the limit now"),
        ((9, 9, 5), "it is not above the limit now"),
        ((9, 9, 9), "it began before the window"),
    ],
)
def test_an_onset_that_was_not_seen_is_unknown(values: tuple[float, ...], why: str) -> None:
    found = told("onset(m, 5)", series(*values))

    assert (found.value, [lost.why for lost in found.lost]) == (None, [why])


def test_a_metric_that_appears_within_the_window_above_the_limit_began_then() -> None:
    one = series(*[None] * 6, 9, 9, 9)

    assert told("window_end - onset(m, 5)", one).value == 180


def test_until_ends_at_a_time_and_is_judged_by_it() -> None:
    one = series(1, 2, 3, 9, 9, 9)

    assert told("max(until(m, onset(m, 5)))", one).value == 3
    assert told("max(until(m, window_start - days(1)))", one).value is None


def test_a_window_beyond_what_was_read_lacks_coverage() -> None:
    assert told('min(m, "20m")', series(*[3.0] * 9)).value is None
    assert told('min(m, "18m")', series(*[3.0] * 9)).gaps is True


def test_a_check_of_a_series_with_gaps_says_so() -> None:
    one = series(*[7.0] * 9, None, None, 7.0)

    found = evaluate(condition("min(m) > 5", NAMES), facts(NAMES, evidence(m=one)))

    assert [check.gaps for check in found.checks] == [True]
    assert WINDOW.end == END
