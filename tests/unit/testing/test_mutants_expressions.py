"""Every way in which a condition is changed, as text."""

from __future__ import annotations

import pytest

from mangaops.diagnose.parse import parse_definition
from mangaops.testing.mutants.expressions import edits
from support.evidence_building import PLACE, logs, metric, scope

NAMES = scope(
    {
        "p95": metric(),
        "by": metric(by=["Intent"]),
        "once": metric(pool=10),
        "each": metric(by=["Intent"], pool=10),
        "calls": logs(model="text", n="number"),
    },
    {"limit": 2000, "on": True, "sure": False},
)


def changed(source: str) -> dict[str, str]:
    condition = parse_definition(source, PLACE, NAMES)
    return {e.label: e.source for e in edits(condition, lambda name: name in {"once", "each"})}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "max(p95) > limit",
            {
                "max becomes avg": "avg(p95) > limit",
                "> becomes >=": "max(p95) >= limit",
                "> becomes <=": "max(p95) <= limit",
            },
        ),
        (
            "limit<=(sum(p95))",
            {"<= becomes <": "limit<(sum(p95))", "<= becomes >": "limit>(sum(p95))"},
        ),
        (
            "on and (sure or not on)",
            {
                "and becomes or": "on or (sure or not on)",
                "or becomes and": "on and (sure and not on)",
                "loses its not": "on and (sure or on)",
            },
        ),
        (
            "not (on or sure)",
            {"loses its not": "(on or sure)", "or becomes and": "not (on and sure)"},
        ),
        (
            "on or sure or on and sure",
            {
                "or becomes and": "on and sure and on and sure",
                "and becomes or": "on or sure or on or sure",
            },
        ),
        (
            'all(r.model not in ["é", "and"] for r in calls)',
            {
                "all becomes any": 'any(r.model not in ["é", "and"] for r in calls)',
                "not in becomes in": 'all(r.model in ["é", "and"] for r in calls)',
            },
        ),
        (
            'any(r.model == "é" and r.n is not None for r in calls)',
            {
                "any becomes all": 'all(r.model == "é" and r.n is not None for r in calls)',
                "and becomes or": 'any(r.model == "é" or r.n is not None for r in calls)',
                "== becomes !=": 'any(r.model != "é" and r.n is not None for r in calls)',
                "is not becomes is": 'any(r.model == "é" and r.n is None for r in calls)',
            },
        ),
        (
            'pct(p95, 95, "5m")',
            {
                "percentile 95 becomes 50": 'pct(p95, 50, "5m")',
                "5m becomes 2m30s": 'pct(p95, 95, "2m30s")',
                "5m becomes 10m": 'pct(p95, 95, "10m")',
            },
        ),
        (
            "window_end - minutes(15)",
            {
                "15 becomes 7.5": "window_end - minutes(7.5)",
                "15 becomes 30": "window_end - minutes(30)",
            },
        ),
        ("sum(p95) + 1", {"1 becomes 0": "sum(p95) + 0", "1 becomes 2": "sum(p95) + 2"}),
        ("0.5 * limit", {"0.5 becomes 0.45": "0.45 * limit", "0.5 becomes 0.55": "0.55 * limit"}),
        ("round(limit, 9)", {}),
        ("latest(once)", {}),
        ("max(latest(s) for s in each)", {"max becomes avg": "avg(latest(s) for s in each)"}),
    ],
)
def test_a_condition_is_changed_in_one_place_at_a_time(
    source: str, expected: dict[str, str]
) -> None:
    assert changed(source) == expected
