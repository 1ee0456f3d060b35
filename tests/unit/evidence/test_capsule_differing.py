"""Two capsules: what changed, and what changed most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.differing import difference
from mangaops.evidence.capsule.measuring import Change, What
from mangaops.model.evidence import (
    Evidence,
    EvidenceSet,
    EvidenceState,
    Record,
    Series,
    SeriesGroup,
    Table,
    Value,
)
from support.capsules import CAPSULE


def series(*values: float, **labels: str) -> Series:
    points = tuple((60.0 * minute, value) for minute, value in enumerate(values))
    return Series(labels=labels, start=0, end=60.0 * len(values), period=60, points=points)


def holding(**values: Value | EvidenceState) -> Capsule:
    items = {}
    for name, value in values.items():
        state = value if isinstance(value, EvidenceState) else EvidenceState.OK
        kept = None if isinstance(value, EvidenceState) else value
        items[name] = Evidence(id=name, kind="metric", state=state, value=kept)
    return replace(CAPSULE, evidence=EvidenceSet(items=items))


def changes(a: Value | EvidenceState, b: Value | EvidenceState) -> list[tuple[object, ...]]:
    found = difference(holding(x=a), holding(x=b)).changes
    return [(one.what.value, one.subject, one.a, one.b) for one in found]


def test_equal_capsules_do_not_differ() -> None:
    found = difference(CAPSULE, CAPSULE)
    assert (found.changes, found.circumstances, found.common) == ((), (), 4)


def test_a_series_is_compared_by_its_median() -> None:
    assert changes(series(1, 400, 400), series(800, 800, 9000)) == [("series", "", 400.0, 800.0)]


def test_a_change_smaller_than_its_own_noise_is_none() -> None:
    quiet = changes(series(*[100.0] * 8), series(*[120.0] * 8))
    noisy = changes(series(50, 80, 100, 150, 90, 130), series(60, 90, 120, 160, 100, 150))
    assert (quiet, noisy) == ([("series", "", 100.0, 120.0)], [])


def test_members_are_compared_by_their_labels() -> None:
    one = SeriesGroup(by=("Intent",), series=(series(1, Intent="faq"), series(2, Intent="x")))
    other = SeriesGroup(by=("Intent",), series=(series(5, Intent="faq"), series(2, Intent="y")))
    assert sorted(changes(one, other), key=str) == [
        ("series", "Intent=faq", 1.0, 5.0),
        ("series", "Intent=x", 2.0, None),
        ("series", "Intent=y", None, 2.0),
    ]


def test_rows_are_compared_by_their_texts_and_without_times() -> None:
    one = Table(
        columns=("intent", "at", "n"),
        rows=({"intent": "faq", "at": 1, "n": 5}, {"intent": "x", "at": 1, "n": 1}),
    )
    other = Table(columns=("intent", "at", "n"), rows=({"intent": "faq", "at": 9, "n": 50},))
    assert changes(one, other) == [("cell", "faq n", 5, 50), ("rows", "", 2, 1)]


def test_changes_of_the_same_size_stand_in_the_order_of_the_rows() -> None:
    names = ("faq", "comparison", "greeting", "recommendation", "order_tracking")
    one, other = (
        Table(columns=("intent", "n"), rows=tuple({"intent": name, "n": n} for name in names))
        for n in (5, 50)
    )
    assert changes(one, other) == [("cell", f"{name} n", 5, 50) for name in names]


def test_a_variable_is_compared_by_its_name() -> None:
    one = Table(columns=("name", "value"), rows=({"name": "POOL", "value": "5"},))
    other = Table(columns=("name", "value"), rows=({"name": "POOL", "value": "10"},))
    assert changes(one, other) == [("cell", "POOL value", "5", "10")]


def test_records_are_compared_by_field() -> None:
    rows = Table(columns=("id",), rows=({"id": "d-1"},))
    none = Table(columns=("id",), rows=())
    one = Record(fields={"max": 8, "exists": True, "deployments": rows, "gone": "x"})
    other = Record(fields={"max": 2, "exists": False, "deployments": none})
    assert sorted(changes(one, other)) == [
        ("field", "exists", True, False),
        ("field", "gone", "x", None),
        ("field", "max", 8, 2),
        ("rows", "deployments", 1, 0),
    ]


def test_the_largest_change_is_the_first_and_states_come_before_figures() -> None:
    before = holding(a=series(100), b=series(100), c=series(1), d=series(3), e=series(0))
    after = holding(
        a=series(150), b=series(50), c=EvidenceState.DENIED, d=EvidenceState.NOT_NEEDED, e=series(4)
    )
    found = difference(before, after).changes
    assert [one.evidence for one in found] == ["c", "e", "b", "a", "d"]


@pytest.mark.parametrize("shape", [series(1), Record(fields={}), Table(columns=(), rows=())])
def test_values_of_another_shape_are_not_compared(shape: Value) -> None:
    assert changes(SeriesGroup(by=(), series=()), shape) == []


def test_runbook_and_parameters_are_circumstances() -> None:
    other = replace(CAPSULE, digest="f" * 64, sets={"sustained": "7m", "x": "1"})
    found = difference(CAPSULE, other).circumstances
    assert [(one.what, one.evidence, one.a, one.b) for one in found] == [
        (What.RUNBOOK, "runbook", f"first-token {CAPSULE.digest[:8]}", "first-token ffffffff"),
        (What.PARAMETER, "sustained", "5m", "7m"),
        (What.PARAMETER, "x", None, "1"),
    ]


def test_of_two_runbooks_evidence_of_the_same_query_is_compared() -> None:
    query = {"namespace": "AWS/ECS", "metric": "CPU", "stat": "Average", "dimensions": {}}
    one = holding(cpu=series(10), only=series(1))
    named = Evidence(
        id="host",
        kind="metric",
        state=EvidenceState.OK,
        value=series(90),
        query={**query, "start": "then", "period": 300},
    )
    asked = replace(one.evidence.items["cpu"], query={**query, "start": "now", "period": 60})
    a = replace(one, evidence=one.evidence.with_items(asked))
    b = replace(one, runbook="other", evidence=EvidenceSet(items={"host": named}))
    found = difference(a, b)
    weight = found.changes[0].weight
    expected = Change(evidence="cpu", what=What.SERIES, a=10.0, b=90.0, weight=weight)
    assert (found.changes, found.common) == ((expected,), 1)
    assert (found.only_a, found.only_b) == (("only",), ())


def test_two_runbooks_without_a_common_query_have_nothing_in_common() -> None:
    assert difference(CAPSULE, replace(holding(a=series(1)), runbook="other")).common == 0
