"""A query over a file has the same rows whichever way it is read, and those of the service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mangaops.cli.questions import QUESTIONS
from mangaops.sandbox.insights.events import LogEvent
from mangaops.sandbox.insights.execute import run_query
from mangaops.sandbox.insights.exported import FromFiles, run_files
from mangaops.sandbox.insights.files import exported
from mangaops.sandbox.insights.grammar import parse_query
from mangaops.sandbox.insights.own_time import own_time

QUERIES = (
    *(question.query for question in QUESTIONS.values()),
    "stats count(*) as n",
    "stats count(*) as n by a",
    "stats count(*) as n, count(b) as with_b, count_distinct(b) as different by a | sort n desc",
    "stats sum(b) as s, avg(b) as m, min(b) as low, max(b) as high by a | sort s",
    "stats pct(b, 50) as p50, pct(b, 95) as p95, pct(b, 99.9) as p999 by a | sort p95 desc",
    "stats stddev(b) as s, earliest(b) as f, latest(b) as l by a",
    "stats sortsfirst(a) as f, sortslast(a) as l by c",
    "stats count(*) as n by bin(5m) | sort n desc | limit 2",
    "stats avg(b) * 2 + 1 as m, count(*) / 3 as t by a, c",
    "filter b > 1 | stats count(*) as n by a, b",
    "filter b != 1 and not (a = 'x' or c = true) | stats count(*) as n, sum(b) as s",
    "filter a in ['x', 'y', 1] | stats count(*) as n by a",
    "filter a not in ['x', 2] | stats max(b) as m by c",
    "filter a like 'x' | stats count(*) as n",
    "filter a not like /x/ | stats count(*) as n by a",
    "filter a like /(?i)^[X-Z](Y|\\s)?$/ | stats count(*) as n by a",
    "filter a not like /^\\d.?|\\W+$/ | stats count(*) as n",
    "fields a, c | sort c desc, a | dedup c",
    "filter ispresent(b) and isempty(a) = 0 | stats count(*) as n",
    "fields coalesce(a, b, 'none') as either | stats count(*) as n by either",
    "fields b * 2 as twice, b / a as part | stats sum(twice) as s, max(part) as m",
    "fields strcontains(a, 'x') as has | stats sum(has) as s, count(has) as n by has",
    "stats count(*) as n by a | filter n > 1 | stats sum(n) as all, count(*) as groups",
    "filter d.e > 1 | stats count(*) as n by d.e",
    "fields @timestamp, a, b, d.e | sort b desc, a | limit 3",
    "fields a, b | filter a = 'x' | display b",
    "fields a, b | dedup a | limit 2",
    "parse a /(?<first>.)/ | stats count(*) as n by first",
    "sort @timestamp asc | limit 2",
    "fields a, b | sort b desc | limit 2",
    "filter b > 0 | fields b * 2 as twice | sort twice desc, a | limit 1",
    "fields a, c | filter c = true or a != 'x' | limit 3",
)

NUMBERS = (0, 1, 2, -1, 3.5, 0.1, 1.0, 1e-3, 2**53, 812.4, True, False, None)
TEXTS = ("x", "y", "xy", "", "1", "1.0", " 1", "true", 'q"x', "x\n", "é", "a\\x", "-", "1e3")
SCALARS = st.sampled_from((*NUMBERS, *TEXTS))
VALUES = st.one_of(SCALARS, SCALARS, st.just([1, "x"]), st.just({"e": 2}), st.just({"e": "x"}))
TIMES = st.sampled_from(
    [
        "2026-11-21T11:00:00.000Z",
        "2026-11-21T11:07:00Z",
        "2026-11-21T11:07:00.250+00:00",
        1795258800,
        1795259220500,
        "2026-11-21T20:00:00+09:00",
        "soon",
        None,
    ]
)
CALL = st.fixed_dictionaries(
    {"log_type": st.sampled_from(["bedrock_call", "breaker_transition", "other"])},
    optional={
        "timestamp": TIMES,
        "status": st.sampled_from(["success", "error", "retries_exhausted"]),
        "error_code": st.sampled_from(["ThrottlingException", "ValidationException", None]),
        "intent": st.sampled_from(["faq", "comparison"]),
        "retry_count": st.sampled_from([0, 1, 2, "1"]),
        "latency_ms": st.sampled_from([10, 20.5, 812.4, "30", None]),
        "from": st.just("closed"),
        "to": st.just("open"),
    },
)
RECORD = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "d.e", "ts"]), VALUES, max_size=5)
TIMED = st.tuples(RECORD, TIMES).map(lambda both: {**both[0], "timestamp": both[1]})
RECORDS = st.lists(st.one_of(RECORD, TIMED, TIMED, CALL, CALL), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


def asked(query: str, path: Path, *ways: str) -> FromFiles:
    return run_files(parse_query(query), [exported(path)], ways=ways)


def service(query: str, lines: list[str], name: str) -> list[dict[str, str]]:
    """What the embedded Logs Insights says of the same events."""
    events = []
    for number, line in enumerate(lines):
        record = json.loads(line)
        at = own_time(record) or 0
        events.append(LogEvent(timestamp=at, message=line, log=name, stream=name, id=str(number)))
    result = run_query(parse_query(query), events)
    return [{key: value for key, value in row.items() if key != "@ptr"} for row in result.rows]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=RECORDS, query=st.sampled_from(QUERIES))
def test_all_ways_have_the_rows_of_the_service(
    folder: Path, records: list[dict[str, object]], query: str
) -> None:
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    path = folder / "some.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    expected = service(query, lines, path.name)
    for ways in (("grouped",), ("columns",), ("lines",)):
        assert list(asked(query, path, *ways).result.rows) == expected, ways
