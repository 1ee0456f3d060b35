"""What a diagnosis would read, by its declarations alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mangaops.evidence.reading_calls import _SAME, Calls, added, calls_of
from mangaops.evidence.reading_plan import Listed, ReadingPlan, When, reading_plan
from mangaops.model.query import (
    AuditTrailQuery,
    Baseline,
    BenchComparisonQuery,
    ModelLifecycleQuery,
    ParameterQuery,
    RecentChangesQuery,
)
from mangaops.model.runbook import Ask, EvidenceDeclaration, Option
from mangaops.model.settings import Environment
from mangaops.model.source import SOURCE_KINDS
from mangaops.runbook.bind import bind
from mangaops.runbook.library import Library, shipped_folder
from support.declared import END, PLACE, WINDOW, log, metric, runbook

LIBRARY = Library([shipped_folder()])


def planned(
    *items: EvidenceDeclaration, per_call: int = 500, listed: Listed | None = None
) -> ReadingPlan:
    return reading_plan(
        runbook(*items),
        WINDOW,
        END,
        per_call=per_call,
        max_scan_gb=10,
        log_price_per_gb=0.0076,
        listed=listed,
    )


def times(plan: ReadingPlan) -> dict[str, tuple[int, int | None]]:
    return {call.action: (call.least, call.most) for call in (*plan.always, *plan.if_needed)}


def test_metrics_of_one_window_are_one_call_and_a_silent_one_is_looked_up() -> None:
    plan = planned(metric("a"), metric("b", "errors", "Sum"), metric("c", "errors", "Average"))
    assert plan.metrics == 3
    assert times(plan) == {
        "sts:GetCallerIdentity": (1, 1),
        "cloudwatch:GetMetricData": (1, 1),
        "cloudwatch:ListMetrics": (0, 2),
    }


def test_the_same_request_of_two_declarations_is_sent_once() -> None:
    assert planned(metric("a"), metric("b")).metrics == 1


def test_more_metrics_than_one_call_takes_are_more_calls() -> None:
    items = [metric(f"m{n}", f"name{n}") for n in range(5)]
    assert times(planned(*items, per_call=2))["cloudwatch:GetMetricData"] == (3, 3)


def test_earlier_days_share_calls_as_the_reader_shares_them() -> None:
    item = metric("a", baseline=Baseline(days=7))
    assert times(planned(item))["cloudwatch:GetMetricData"] == (4, 4)


def test_a_star_is_one_series_or_more_until_it_is_listed() -> None:
    item = metric("a", dimensions={"Intent": "*"}, pool=timedelta(minutes=10))
    plan = planned(item)
    assert (plan.metrics, plan.open_ended) == (2, True)
    assert times(plan)["cloudwatch:GetMetricData"] == (1, None)
    assert times(plan)["cloudwatch:ListMetrics"] == (1, None)
    listed = {("Manga", "latency"): [{"Intent": "faq"}, {"Intent": "order"}, {"Other": "x"}]}
    assert planned(item, listed=listed).metrics == 4


def test_what_the_walk_may_not_need_is_told_apart_and_costs_at_most_the_budget() -> None:
    plan = planned(metric("a"), log("calls"))
    assert [reading.when for reading in plan.readings] == [When.ALWAYS, When.IF_NEEDED]
    assert {call.action for call in plan.if_needed} == {
        "logs:StartQuery",
        "logs:GetQueryResults",
        "logs:StopQuery",
    }
    assert (plan.usd_least, plan.usd_most) == (0.00001, 0.07601)


def test_what_the_trigger_mentions_is_always_read() -> None:
    book = runbook(log("calls"), log("others"))
    when = replace(book.trigger.when, evidence=frozenset({"calls"}))
    book = replace(book, trigger=replace(book.trigger, when=when))
    plan = reading_plan(book, WINDOW, END, per_call=500, max_scan_gb=0, log_price_per_gb=1)
    assert [reading.when for reading in plan.readings] == [When.ALWAYS, When.IF_NEEDED]
    assert {"logs:StartQuery"} < {call.action for call in plan.always}


def test_questions_are_told() -> None:
    ask = Ask(
        id="quality",
        question="Is it worth it?",
        options=(Option(answer="yes", goto="x"),),
        on_missing="inconclusive",
        place=PLACE,
    )
    book = replace(runbook(), nodes={"quality": ask})
    plan = reading_plan(book, WINDOW, END, per_call=500, max_scan_gb=0, log_price_per_gb=1)
    assert plan.questions == (ask,)


def test_calls_are_counted_by_what_is_asked_for() -> None:
    two = Calls(action="cloudtrail:LookupEvents", least=2, most=None)
    assert calls_of(AuditTrailQuery(events=("A", "B", "A"))) == (two,)
    assert [c.action for c in calls_of(ParameterQuery(name="/x"))] == ["ssm:GetParameter"]
    assert len(calls_of(ParameterQuery(name="/x", history=True))) == 2
    assert calls_of(BenchComparisonQuery(store="runs")) == ()
    assert len(calls_of(BenchComparisonQuery(store="s3://bucket"))) == 2
    models = calls_of(ModelLifecycleQuery(models=("/sonnet", "anthropic.claude")))
    assert [(c.least, c.most) for c in models] == [(1, 1), (0, 2), (0, 2)]
    changes = RecentChangesQuery(table="t", cluster="c", service="s", parameters=("/a", "/b"))
    assert calls_of(changes)[-1] == Calls(action="ssm:GetParameterHistory", least=2, most=None)


def test_calls_of_one_action_are_added() -> None:
    some = [Calls(action="b"), Calls(action="a", most=None), Calls(action="b", least=0)]
    assert added(some) == (
        Calls(action="a", most=None),
        Calls(action="b", least=1, most=2),
    )


@pytest.mark.parametrize("name", LIBRARY.names())
def test_no_kind_calls_what_it_does_not_declare(name: str) -> None:
    bound = bind(LIBRARY.load(name), Environment(), {})
    for item in bound.evidence.values():
        called = {call.action for call in calls_of(item.query)}
        assert called <= set(SOURCE_KINDS[item.kind].permissions), item.id


def test_every_kind_has_its_calls() -> None:
    asked = {kind.query for kind in SOURCE_KINDS.values()}
    depends = {AuditTrailQuery, ModelLifecycleQuery, RecentChangesQuery}
    assert asked - set(_SAME) == depends
