"""Nobody saw whether a redacted value equals another: such a comparison is unknown."""

from __future__ import annotations

import pytest

from mangaops.diagnose.evaluate import Evaluation, evaluate
from mangaops.diagnose.values import Missing
from mangaops.model.query import EcsEnvironmentQuery, ParameterQuery
from support.evidence_building import (
    condition,
    evidence,
    facts,
    group,
    logs,
    metric,
    record,
    scope,
    table,
)

NAMES = scope(
    {
        "env": EcsEnvironmentQuery(cluster="c", service="s", container="a"),
        "calls": logs(user="text", who="text"),
        "hidden": logs(user="text", who="text"),
        "key": ParameterQuery(name="/api_key"),
        "by_key": metric(by=["Key"]),
    },
    {"mine": "aaaa1", "listed": ("b", "[redacted-2]"), "gone": "[redacted-1]", "plain": ("a", "b")},
)
READ = evidence(
    env=table(
        {"name": "DB_PASSWORD", "value": "[redacted]"},
        {"name": "CACHE_PASSWORD", "value": "[redacted]"},
        {"name": "URL", "value": "https://u:[redacted]@h"},
    ),
    calls=table({"user": "a", "who": "[redacted-1]"}, {"user": "b", "who": "x"}),
    hidden=table({"user": "a", "who": "[redacted]"}, {"user": "b", "who": "[redacted]"}),
    key=record(value="[redacted]"),
    by_key=group("Key", {"[redacted]": [1.0]}),
)
DB = 'lookup(env, "DB_PASSWORD", "value")'
URL = 'lookup(env, "URL", "value")'


def asked(source: str) -> Evaluation:
    return evaluate(condition(source, NAMES), facts(NAMES, READ))


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        (f'{DB} == lookup(env, "CACHE_PASSWORD", "value")', "env"),
        ("key.value == mine", "key"),
        ("key.value != mine", "key"),
        ("not key.value == mine", "key"),
        ("key.value in plain", "key"),
        ("key.value not in plain", "key"),
        ("any(r.who == mine for r in calls)", "calls"),
        ("all(r.who != r.user for r in calls)", "calls"),
        ("count(r for r in calls if r.who == mine) > 0", "calls"),
        ("count(r for r in calls if r.user == gone) > 0", "calls"),
        ("share(r.who == mine for r in calls) > 0.1", "calls"),
        ("all(r.user in listed for r in calls)", "calls"),
        ("lookup(env, key.value, 'value') == 'x'", "env key"),
        ("any(g.rows > 1 for g in group(hidden, 'who'))", "hidden"),
        ("most_common(hidden, 'who') == 'x'", "hidden"),
        ("any(g.key == mine for g in group(calls, 'who'))", "calls"),
        ("any(s.Key == 'x' for s in by_key)", "by_key"),
    ],
)
def test_equality_with_a_redacted_value_is_unknown(source: str, missing: str) -> None:
    found = asked(source)
    assert (found.truth, found.missing) == (None, frozenset(missing.split()))


def test_it_says_that_the_value_is_redacted() -> None:
    why = "redacted: its equality was not seen"
    lost = {Missing(evidence="key", why=why)}
    assert asked("key.value == mine").lost == lost
    rows = {Missing(evidence="calls", why=why)}
    assert asked("any(r.who == mine for r in calls)").lost == rows
    assert [check.missing for check in asked("key.value == mine").checks] == [("key",)]


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("known(key.value)", True),
        ("key.value is not None", True),
        (f'contains({URL}, "@h")', True),
        (f'{URL} == "x"', False),
        ('any(r.who == "x" for r in calls)', True),
        ('"b" in listed', True),
        ("all(r.user in plain for r in calls)", True),
        ("any(g.rows > 1 for g in group(calls, 'who'))", False),
        ("rows(hidden) == 2", True),
        ("mine == 'aaaa1' or key.value == mine", True),
    ],
)
def test_what_was_seen_stays_known(source: str, truth: bool) -> None:
    assert asked(source).truth is truth
