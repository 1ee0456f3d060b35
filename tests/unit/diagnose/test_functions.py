"""Functions of lists, tables, groups, times and texts: expression -> value."""

from __future__ import annotations

import pytest

from mangaops.model.evidence import Table
from mangaops.model.query import EcsServiceQuery, ParameterQuery
from support.evidence_building import (
    END,
    evidence,
    facts,
    group,
    logs,
    metric,
    record,
    scope,
    series,
    table,
    value_of,
)

NAMES = scope(
    {
        "calls": logs(intent="text", calls="number", slow="flag", at="time"),
        "empty": logs(intent="text", calls="number"),
        "holes": logs(intent="text", calls="number"),
        "by_intent": metric(by=["Intent"]),
        "service": EcsServiceQuery(cluster="c", service="s"),
        "setting": ParameterQuery(name="/p"),
    },
    {"limit": 5, "simple": ("faq", "greeting"), "word": "faq", "nothing": None, "yes": True},
    definitions={"total": "sum(r.calls for r in calls)", "half": "total / 2"},
)
AT = END.timestamp() - 600
READ = evidence(
    calls=table(
        {"intent": "faq", "calls": 4, "slow": True, "at": AT},
        {"intent": "faq", "calls": 8, "slow": False, "at": AT},
        {"intent": "search", "calls": 6, "slow": True, "at": AT},
        {"intent": "order", "calls": 2, "slow": False, "at": AT},
    ),
    empty=Table(columns=("intent", "calls"), rows=()),
    holes=table({"intent": "faq", "calls": None}, {"intent": None, "calls": 3}),
    by_intent=group("Intent", {"faq": [9.0], "search": [3.0], "order": [None]}),
    service=record(
        desired=4,
        running=3,
        controller="ECS",
        deployments=table({"id": "a", "failed": 2}, {"id": "b", "failed": 0}),
    ),
    setting=record(value=" 0.3 ", number=0.3, version=7, modified_at=AT),
)

VALUES = [
    # lists and generators
    ("min(r.calls for r in calls)", 2),
    ("max(r.calls for r in calls if r.slow)", 6),
    ("avg(column(calls, 'calls'))", 5),
    ("sum(column(calls, 'calls'))", 20),
    ("count(column(calls, 'calls'))", 4),
    ("count(r.intent for r in calls if r.calls > limit)", 2),
    ("median(r.calls for r in calls)", 5),
    ("median(column(calls, 'calls'))", 5),
    ("pct(column(calls, 'calls'), 95)", 7.7),
    ("pct((r.calls for r in calls), 0)", 2),
    ("iqr(r.calls for r in calls)", 3),
    ("stdev(column(calls, 'calls'))", pytest.approx(2.5819889)),
    ("stdev(r.calls for r in calls if r.intent == 'order')", None),
    ("max(1, limit, 3)", 5),
    ("min(limit, 1 / 0)", None),
    ("sum(r.calls for r in empty)", 0),
    ("count(r.calls for r in empty)", 0),
    ("max(r.calls for r in empty)", None),
    ("avg(column(empty, 'calls'))", None),
    ("median(r.calls for r in empty)", None),
    ("pct(column(empty, 'calls'), 50)", None),
    # absent values of rows
    ("sum(r.calls for r in holes)", 3),
    ("count(r.calls for r in holes)", 1),
    ("column(holes, 'calls')", (3,)),
    ("sum(r.calls for r in holes if r.intent == 'faq')", None),
    ("sum(r.calls + 1 for r in holes)", None),
    ("sum(r.calls * 2 for r in holes if r.calls is not None)", 6),
    ("any(r.calls > 2 for r in holes)", True),
    ("all(r.calls > 2 for r in holes)", None),
    ("any(r.intent == 'x' for r in holes)", False),
    ("share(r.intent is None for r in holes)", 0.5),
    # all, any and share
    ("all(r.calls > 1 for r in calls)", True),
    ("all(r.calls > 2 for r in calls)", False),
    ("any(r.calls > 7 for r in calls if not r.slow)", True),
    ("share(r.slow for r in calls)", 0.5),
    ("share(r.slow for r in calls if r.intent == 'faq')", 0.5),
    ("all(r.calls > 1 for r in empty)", None),
    ("any(r.calls > 1 for r in empty)", False),
    ("any(r.calls > 1 for r in calls if r.intent == 'x')", False),
    ("share(r.calls > 1 for r in empty)", None),
    ("any(latest(s) > limit for s in by_intent)", True),
    ("all(latest(s) > limit for s in by_intent)", False),
    ("all(latest(s) > 1 for s in by_intent)", None),
    ("all(latest(s) > 1 for s in by_intent if known(s))", True),
    ("any(latest(s) > 99 for s in by_intent if known(s))", False),
    ("any(latest(s) > 1 for s in by_intent if s.Intent == 'x')", None),
    ("any(latest(s) > 1 for s in by_intent if s.Intent == 'order' and known(s))", None),
    ("max(latest(s) for s in by_intent)", None),
    ("max(latest(s) for s in by_intent if known(s))", 9),
    ("sum(latest(s) for s in by_intent if s.Intent == 'x')", None),
    ("count(s.Intent for s in by_intent if s.Intent == 'x')", 0),
    ("count(s.Intent for s in by_intent)", 3),
    ("join(s.Intent for s in by_intent if known(s) and latest(s) < limit)", "search"),
    ("share(latest(s) > limit for s in by_intent if known(s))", 0.5),
    ("any(x == 'faq' for x in simple)", True),
    # join
    ("join(r.intent for r in calls)", "faq, order, search"),
    ("join(r.calls for r in calls)", "2, 4, 6, 8"),
    ("join(r.intent for r in holes)", "faq"),
    ("join(r.intent for r in empty)", ""),
    ("join(column(calls, 'intent'))", "faq, order, search"),
    ("join(simple)", "faq, greeting"),
    # tables
    ("rows(calls)", 4),
    ("rows(empty)", 0),
    ("rows(service.deployments)", 2),
    ("most_common(calls, 'intent')", "faq"),
    ("most_common(empty, 'intent')", None),
    ("max(g.share for g in group(calls, 'intent'))", 0.5),
    ("join(g.key for g in group(calls, 'intent') if g.rows == 1)", "order, search"),
    ("sum(rows(g.table) for g in group(calls, 'intent'))", 4),
    ("any(sum(r.calls for r in g.table) == 12 for g in group(calls, 'intent'))", True),
    ("count(g.rows for g in group(holes, 'intent'))", 2),
    ("lookup(calls, 'search', 'calls')", 6),
    ("lookup(calls, 'faq', 'calls')", 4),
    ("lookup(calls, 'x', 'calls')", None),
    ("lookup(holes, 'faq', 'calls') is None", True),
    # records
    ("service.desired - service.running", 1),
    ("service.pending", None),
    ("service.pending is None", None),
    ("any(d.failed > 1 for d in service.deployments)", True),
    ("known(service.desired)", True),
    ("known(service.pending)", False),
    # times
    ("age(setting.modified_at)", 600),
    ("minutes(10) == age(setting.modified_at)", True),
    ("seconds(30) + hours(1) + days(1)", 90030),
    ("window_end - window_start", 1800),
    # numbers
    ("abs(-3.5)", 3.5),
    ("round(2.567, 1)", 2.6),
    ("round(2.567)", 3),
    ("round(2.567, 99)", 2.567),
    ("number(setting.value)", 0.3),
    ("number('1e999')", None),
    ("number('1_000')", None),
    ("number('nan')", None),
    ("number('many')", None),
    ("within(570, 600, 0.05)", True),
    ("within(569.9, 600, 0.05)", False),
    ("within(630, 600, 0.05)", True),
    ("within(-630, -600, 0.05)", True),
    ("within(1, 0, 0.05)", False),
    # texts
    ("contains(setting.value, '.3')", True),
    ("contains('abc', 'x')", False),
    ("starts_with(word, 'fa')", True),
    ("contains(nothing, 'a')", None),
    ("text(4.0)", "4"),
    ("text(nothing)", "none"),
    ("text(yes)", "yes"),
    ("label(word, 0.081, '%')", "faq (8.1 %)"),
    ("label(word, nothing, 'age')", "faq (unknown)"),
    ("label(word, 1 / 0)", "faq (unknown)"),
    # arithmetic never raises
    ("1 / 0", None),
    ("5 % 0", None),
    ("-7 % 3", 2),
    ("0 / 5", 0),
    ("nothing + 1", None),
    ("1e15 * 1e15", 1e30),
    ("1e15 * " * 30 + "1", None),
    ("999999999999999 * " * 30 + "1", None),
    ("-limit", -5),
    ("-nothing", None),
    ("limit if yes else 1 / 0", 5),
    ("limit if 1 / 0 > 1 else 2", None),
    # names
    ("total", 20),
    ("half", 10),
    ("word in simple", True),
    ("word not in ['x']", True),
    ("nothing in simple", False),
    ("nothing == 'a'", False),
    ("nothing != 'a'", True),
    ("nothing is None", True),
    ("word is not None", True),
    ("nothing < 1", None),
    ("1 < limit < 9", True),
    ("1 < limit < 5", False),
    ("[1, -2, 'a']", (1, -2, "a")),
]


@pytest.mark.parametrize(("source", "value"), VALUES)
def test_values(source: str, value: object) -> None:
    assert value_of(source, facts(NAMES, READ)).value == value


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_of_evidence_that_are_none_are_unknown(bad: float) -> None:
    known = facts(
        NAMES,
        evidence(
            calls=table({"intent": "faq", "calls": bad, "slow": True, "at": bad}),
            service=record(desired=bad),
        ),
    )

    for source in (
        "max(r.calls for r in calls)",
        "column(calls, 'calls')",
        "any(r.calls > 1 for r in calls)",
        "any(r.calls != 1 for r in calls)",
        "lookup(calls, 'faq', 'calls')",
        "service.desired",
        "sum(age(r.at) for r in calls)",
    ):
        assert value_of(source, known).value is None, source


def test_huge_integers_of_evidence_are_unknown_not_errors() -> None:
    known = facts(NAMES, evidence(calls=table({"intent": "a", "calls": 10**400})))

    for source in ("sum(r.calls for r in calls)", "max(r.calls / 2 for r in calls)"):
        assert value_of(source, known).value is None


def test_of_two_rows_with_one_key_lookup_takes_the_first() -> None:
    names = scope({"t": logs(key="text", n="number")})
    rows = evidence(t=table({"key": "a", "n": 1}, {"key": "a", "n": 2}))

    assert value_of("lookup(t, 'a', 'n')", facts(names, rows)).value == 1


def test_groups_come_largest_first_and_ties_by_key() -> None:
    names = scope({"t": logs(key="text")})
    rows = evidence(t=table({"key": "b"}, {"key": "a"}, {"key": "c"}, {"key": "c"}))
    found = value_of("group(t, 'key')", facts(names, rows)).value

    assert isinstance(found, tuple)
    assert [(item.key, item.rows, item.share) for item in found] == [
        ("c", 2, 0.5),
        ("a", 1, 0.25),
        ("b", 1, 0.25),
    ]


def test_a_value_of_another_shape_than_declared_is_unknown() -> None:
    known = facts(NAMES, evidence(calls=series(1, 2), by_intent=table({"intent": "a"})))

    for source in ("rows(calls)", "any(r.calls > 1 for r in calls)"):
        assert value_of(source, known).value is None
