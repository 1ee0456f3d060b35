"""What a decided condition tells: one check a comparison, with figures and unit."""

from __future__ import annotations

import pytest

from mangaops.diagnose.evaluate import evaluate
from mangaops.model.diagnosis import Check
from mangaops.model.evidence import EvidenceSet, EvidenceState
from mangaops.model.query import TableStreamQuery
from support.evidence_building import (
    condition,
    evidence,
    facts,
    group,
    logs,
    metric,
    record,
    scope,
    series,
    table,
)

NAMES = scope(
    {
        "p95": metric(),
        "cpu": metric(),
        "fails": metric(sparse=True),
        "pings": metric(sparse=True),
        "by": metric(by=["Intent"]),
        "many": metric(by=["Intent"]),
        "calls": logs(intent="text", n="number"),
        "stream": TableStreamQuery(table="t"),
    },
    {"limit": 2000, "ratio": 0.05, "simple": ("faq", "order"), "span": 600},
    units={
        "p95": "ms",
        "by": "ms",
        "limit": "ms",
        "ratio": "ratio",
        "fails": "count",
        "pings": "count",
        "cpu": "percent",
        "span": "duration",
    },
    definitions={
        "slowest": "max(latest(s) for s in by if known(s))",
        "failing": "sum(fails) / sum(pings)",
        "is_slow": "latest(p95) > limit",
        "off": "not stream.enabled",
        "busy": "any(r.n > 3 for r in calls)",
    },
)
READ = evidence(
    p95=series(2410.0),
    cpu=EvidenceState.DENIED,
    fails=series(4, sparse=True),
    pings=series(20, sparse=True),
    by=group("Intent", {"faq": [2500.0], "order": [1500.0], "search": [None]}),
    many=group("Intent", {f"i{n:02}": [float(n)] for n in range(30)}),
    calls=table({"intent": "faq", "n": 3}, {"intent": "faq", "n": 5}, {"intent": "x", "n": 1}),
    stream=record(enabled=False, arn="a", view_type=None),
)


def checks(source: str, read: EvidenceSet = READ) -> tuple[Check, ...]:
    return evaluate(condition(source, NAMES), facts(NAMES, read)).checks


def test_a_comparison_tells_both_sides_margin_and_unit() -> None:
    assert checks("latest(p95) > limit") == (
        Check(
            expression="latest(p95) > limit",
            result=True,
            observed=2410.0,
            threshold=2000,
            margin=0.205,
            evidence=("p95",),
            unit="ms",
        ),
    )


def test_the_side_with_evidence_is_observed_wherever_it_stands() -> None:
    (check,) = checks("limit < latest(p95)")

    assert (check.observed, check.threshold) == (2410.0, 2000)


def test_with_evidence_on_both_sides_the_left_is_observed() -> None:
    (check,) = checks("sum(fails) < sum(pings)")

    assert (check.observed, check.threshold, check.evidence) == (4, 20, ("fails", "pings"))


def test_a_chain_is_one_check_a_pair() -> None:
    found = checks("1000 < latest(p95) <= limit")

    assert [(c.expression, c.result, c.observed, c.threshold) for c in found] == [
        ("1000 < latest(p95)", True, 2410.0, 1000),
        ("latest(p95) <= limit", False, 2410.0, 2000),
    ]


def test_a_margin_needs_two_numbers_and_a_threshold_that_is_not_zero() -> None:
    assert [check.margin for check in checks("sum(fails) > 0")] == [None]
    assert [check.margin for check in checks("most_common(calls, 'intent') == 'faq'")] == [None]
    assert [check.margin for check in checks("sum(fails) > -2")] == [3.0]


def test_an_unknown_check_names_what_was_not_seen() -> None:
    assert checks("latest(cpu) > 90 or latest(p95) > limit") == (
        Check(
            expression="latest(cpu) > 90",
            result=None,
            threshold=90,
            evidence=("cpu",),
            unit="percent",
            missing=("cpu",),
        ),
        Check(
            expression="latest(p95) > limit",
            result=True,
            observed=2410.0,
            threshold=2000,
            margin=0.205,
            evidence=("p95",),
            unit="ms",
        ),
    )


def test_what_is_pending_is_no_check_yet() -> None:
    found = checks("latest(p95) > 9999 or latest(cpu) > 90", evidence(p95=series(1.0)))

    assert [check.expression for check in found] == ["latest(p95) > 9999"]


def test_what_was_decided_without_a_part_does_not_tell_it() -> None:
    found = checks("latest(p95) > limit or latest(cpu) > 90")

    assert [check.expression for check in found] == ["latest(p95) > limit"]


def test_members_of_a_group_are_told_one_by_one_with_their_name() -> None:
    found = checks("all(latest(s) > limit for s in by if known(s))")

    assert [(c.expression, c.subject, c.result, c.observed, c.unit) for c in found] == [
        ("latest(s) > limit", "Intent=faq", True, 2500.0, "ms"),
        ("latest(s) > limit", "Intent=order", False, 1500.0, "ms"),
        ("known(s)", "Intent=search", False, False, ""),
    ]
    assert [check.missing for check in found] == [(), (), ("by",)]


def test_filters_of_members_that_were_seen_are_not_told() -> None:
    found = checks("any(latest(s) > limit for s in by if s.Intent in simple)")

    assert [check.subject for check in found] == ["Intent=faq", "Intent=order"]


def test_of_many_members_twenty_are_told_and_the_deciding_ones_among_them() -> None:
    found = checks("any(latest(s) > 28 for s in many)")

    assert len(found) == 20
    assert [check.subject for check in found if check.result] == ["Intent=i29"]


def test_rows_of_a_table_are_one_check_of_the_whole_call() -> None:
    assert checks("any(r.n > 4 for r in calls if r.intent == 'faq')") == (
        Check(
            expression="any(r.n > 4 for r in calls if r.intent == 'faq')",
            result=True,
            observed=True,
            evidence=("calls",),
        ),
    )


def test_a_share_of_rows_is_observed_as_one_number() -> None:
    assert checks("share(r.intent == 'faq' for r in calls) > ratio") == (
        Check(
            expression="share(r.intent == 'faq' for r in calls) > ratio",
            result=True,
            observed=pytest.approx(2 / 3),
            threshold=0.05,
            margin=pytest.approx((2 / 3 - 0.05) / 0.05),
            evidence=("calls",),
            unit="ratio",
        ),
    )


def test_items_of_a_group_by_are_told_by_their_key() -> None:
    found = checks("any(g.share > 0.5 for g in group(calls, 'intent'))")

    assert [(c.subject, c.observed, c.evidence, c.unit) for c in found] == [
        ("intent=faq", pytest.approx(2 / 3), ("calls",), "ratio"),
        ("intent=x", pytest.approx(1 / 3), ("calls",), "ratio"),
    ]


def test_a_group_that_is_not_there_is_one_unknown_check() -> None:
    found = checks("any(latest(s) > 1 for s in by)", evidence(by=EvidenceState.NO_DATA))

    assert [(c.expression, c.result, c.missing) for c in found] == [
        ("any(latest(s) > 1 for s in by)", None, ("by",))
    ]


def test_a_flag_is_a_check_of_its_own() -> None:
    assert checks("not stream.enabled") == (
        Check(expression="stream.enabled", result=False, observed=False, evidence=("stream",)),
    )


def test_a_named_condition_tells_its_own_checks() -> None:
    assert [c.expression for c in checks("is_slow")] == ["latest(p95) > limit"]
    assert [c.expression for c in checks("off")] == ["stream.enabled"]
    assert [(c.expression, c.observed) for c in checks("busy")] == [("busy", True)]


def test_a_named_value_is_told_by_its_name() -> None:
    found = checks("slowest > limit and failing > ratio")

    assert [(c.expression, c.observed, c.unit, c.evidence) for c in found] == [
        ("slowest > limit", 2500.0, "ms", ("by",)),
        ("failing > ratio", 0.2, "ratio", ("fails", "pings")),
    ]


@pytest.mark.parametrize(
    ("source", "observed", "threshold"),
    [
        ("contains(most_common(calls, 'intent'), 'fa')", "faq", "fa"),
        ("starts_with('faq', most_common(calls, 'intent'))", "faq", "faq"),
        ("within(sum(fails), 5, 0.2)", 4, 5),
        ("known(p95)", True, None),
        ("most_common(calls, 'intent') in simple", "faq", "faq, order"),
        ("stream.view_type is None", None, None),
    ],
)
def test_other_questions_tell_what_they_looked_at(
    source: str, observed: object, threshold: object
) -> None:
    (check,) = checks(source)

    assert (check.expression, check.observed, check.threshold) == (source, observed, threshold)


@pytest.mark.parametrize(
    ("source", "unit"),
    [
        ("max(p95, span) > 2", "ms"),
        ("pct(p95, 95) * 2 > 2", "ms"),
        ("latest(p95) - limit > 2", "ms"),
        ("sum(fails) / sum(pings) > 2", "ratio"),
        ("latest(p95) / sum(pings) > 2", ""),
        ("slope(p95) > 2", ""),
        ("count(p95) > 2", "count"),
        ("rows(calls) > 2", "count"),
        ("age(window_start) > span", "duration"),
        ("window_start > 2", "time"),
        ("max(r.n for r in calls) > 2", ""),
        ("sum(sum(s) for s in by) > 2", "ms"),
        ("(latest(p95) if stream.enabled else limit) > 2", "ms"),
        ("-latest(p95) < 2", "ms"),
        ("round(latest(p95)) > 2", "ms"),
    ],
)
def test_units_follow_from_those_that_were_declared(source: str, unit: str) -> None:
    assert checks(source)[-1].unit == unit
