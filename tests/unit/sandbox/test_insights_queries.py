"""Queries with results worked out by hand."""

from __future__ import annotations

import json

import pytest

from mangaops.sandbox.insights.events import LogEvent
from mangaops.sandbox.insights.execute import Statistics, run_query
from mangaops.sandbox.insights.grammar import parse_query

AT = 1_795_258_800_000  # 2026-11-21 11:00:00 UTC

CALLS = (
    # second, intent, status, error_code, latency_ms, retry_count
    (0, "faq", "success", None, 100, 0),
    (30, "faq", "error", "ThrottlingException", 50, 2),
    (60, "faq", "success", None, 300, 1),
    (90, "comparison", "success", None, 900, 0),
    (320, "comparison", "error", "ThrottlingException", 40, 2),
    (330, "comparison", "error", "ValidationException", 10, 0),
)


def event(seconds: float, message: object) -> LogEvent:
    text = message if isinstance(message, str) else json.dumps(message)
    return LogEvent(
        timestamp=AT + int(seconds * 1000),
        message=text,
        log="123456789012:/g",
        stream="s",
        id=str(seconds),
    )


def call_events() -> list[LogEvent]:
    events = []
    for seconds, intent, status, code, latency, retries in CALLS:
        document: dict[str, object] = {"log_type": "bedrock_call", "intent": intent}
        document |= {"status": status, "latency_ms": latency, "retry_count": retries}
        if code:
            document["error_code"] = code
        events.append(event(seconds, document))
    return events


def rows(query: str, events: list[LogEvent] | None = None) -> list[dict[str, str]]:
    result = run_query(parse_query(query), call_events() if events is None else events)
    return [{key: value for key, value in row.items() if key != "@ptr"} for row in result.rows]


def test_the_seeds_error_breakdown_counts_by_code_and_intent() -> None:
    query = """fields @timestamp, error_code, intent, latency_ms
        | filter log_type = "bedrock_call" and status != "success"
        | stats count(*) as error_count by error_code, intent
        | sort error_count desc, error_code, intent"""
    assert rows(query) == [
        {"error_code": "ThrottlingException", "intent": "comparison", "error_count": "1"},
        {"error_code": "ThrottlingException", "intent": "faq", "error_count": "1"},
        {"error_code": "ValidationException", "intent": "comparison", "error_count": "1"},
    ]


def test_the_valid_form_of_the_seeds_retry_query() -> None:
    query = """filter log_type = "bedrock_call" and retry_count > 0
        | fields strcontains(status, "success") as ok
        | stats count(*) as total, sum(ok) as retry_successes,
            sum(ok) * 100 / count(*) as retry_success_pct"""
    (row,) = rows(query)
    assert row["total"] == "3"
    assert row["retry_successes"] == "1"
    assert float(row["retry_success_pct"]) == pytest.approx(33.333333)


def test_the_seeds_breaker_query_finds_text_in_messages() -> None:
    query = """fields @timestamp, @message
        | filter @message like /Circuit breaker transition/
        | sort @timestamp desc | limit 50"""
    events = [
        event(0, "INFO Circuit breaker transition closed -> open"),
        event(1, "other"),
        event(2.5, "Circuit breaker transition open -> half_open"),
    ]
    assert rows(query, events) == [
        {
            "@timestamp": "2026-11-21 11:00:02.500",
            "@message": "Circuit breaker transition open -> half_open",
        },
        {
            "@timestamp": "2026-11-21 11:00:00.000",
            "@message": "INFO Circuit breaker transition closed -> open",
        },
    ]


def test_the_valid_form_of_the_seeds_percentile_query() -> None:
    query = """filter log_type = "bedrock_call" and status = "success"
        | stats avg(latency_ms) as avg_ms, pct(latency_ms, 50) as p50,
            pct(latency_ms, 95) as p95, count(*) as n by intent
        | sort p95 desc"""
    assert rows(query) == [
        {"intent": "comparison", "avg_ms": "900", "p50": "900", "p95": "900", "n": "1"},
        {"intent": "faq", "avg_ms": "200", "p50": "200", "p95": "290", "n": "2"},
    ]


def test_bin_groups_by_time_and_prints_instants() -> None:
    assert rows("stats count(*) as n by bin(5m) as slot | sort slot") == [
        {"slot": "2026-11-21 11:00:00.000", "n": "4"},
        {"slot": "2026-11-21 11:05:00.000", "n": "2"},
    ]


def test_bin_of_300_seconds_means_60() -> None:
    assert rows("stats count(*) by bin(300s) | sort `bin(300s)` | limit 2") == [
        {"bin(300s)": "2026-11-21 11:00:00.000", "count(*)": "2"},
        {"bin(300s)": "2026-11-21 11:01:00.000", "count(*)": "2"},
    ]


@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        ("count(error_code)", "3"),
        ("count_distinct(error_code)", "2"),
        ("sum(latency_ms)", "1400"),
        ("min(latency_ms)", "10"),
        ("max(latency_ms)", "900"),
        ("stddev(retry_count)", "0.8975274678557507"),
        ("pct(latency_ms, 50)", "75"),
        ("earliest(status)", "success"),
        ("latest(status)", "error"),
        ("sortsFirst(intent)", "comparison"),
        ("sortsLast(intent)", "faq"),
        ("max(@timestamp)", "2026-11-21 11:05:30.000"),
        ("sum(latency_ms > 90)", "3"),
        ("100 - pct(latency_ms, 50) / 3 ", "75"),
    ],
)
def test_an_aggregate_over_all_events(aggregate: str, expected: str) -> None:
    assert rows(f"stats {aggregate} as it") == [{"it": expected}]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("2 ^ 3 ^ 2", "512"),
        ("-7 % 3", "-1"),
        ("1 / 0", None),
        ("(1 + 2) * 3 - 4 / 8", "8.5"),
        ("nested.a.1.b", "deep"),
        ("`with-dash`", "dashed"),
        ("coalesce(nothing, text)", "  Word "),
        ("trim(text)", "Word"),
        ("ltrim(text)", "Word "),
        ("toupper(trim(text))", "WORD"),
        ("strlen(text)", "7"),
        ("substr(text, 2, 3)", "Wor"),
        ("replace(text, 'o', '0')", "  W0rd "),
        ('concat(text, "|", number, nothing)', "  Word |1.5"),
        ("isempty(nothing)", "1"),
        ("isblank('  ')", "1"),
        ("isPresent(nothing)", "0"),
        ("greatest(number, 2, digits)", "7"),
        ("least(number, 2)", "1.5"),
        ("floor(number)", "1"),
        ("ceil(number)", "2"),
        ("abs(-2)", "2"),
        ("sqrt(16)", "4"),
        ("sqrt(-1)", None),
        ("digits + 1", "8"),
        ("flag", "1"),
        ("null_member", None),
        ("datefloor(@timestamp, 1h)", "2026-11-21 11:00:00.000"),
        ("dateceil(@timestamp, 1h)", "2026-11-21 12:00:00.000"),
        ("toMillis(@timestamp)", str(AT + 1000)),
        ("fromMillis(0)", "1970-01-01 00:00:00.000"),
        ("@log", "123456789012:/g"),
    ],
)
def test_an_expression_over_one_event(expression: str, expected: str | None) -> None:
    document = {
        "text": "  Word ",
        "number": 1.5,
        "digits": "7",
        "flag": True,
        "null_member": None,
        "with-dash": "dashed",
        "nested": {"a": [1, {"b": "deep"}]},
    }
    found = rows(f"fields {expression} as it", [event(1, document)])
    assert found == [{} if expected is None else {"it": expected}]


@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        ('a = "7"', True),
        ("a >= 7.0", True),
        ('b = "x"', True),
        ("b < 5", False),
        ('b < "y"', True),
        ("missing = 1", False),
        ("missing != 1", False),
        ("not missing = 1", True),
        ("missing not like /x/", False),
        ("not ispresent(missing)", True),
        ('a in [1, "7"]', True),
        ("a not in [1, 2]", True),
        ("missing not in [1]", False),
        ("b like /(?i)X/", True),
        ('b like "X"', False),
        ('@message like "%b%x%"', True),
        ('b like "%y"', False),
        ("b =~ /^x$/", True),
        ("flag", True),
        ("flag = 'true' and flag = 1 and flag = true", True),
        ("a = 7 or a = 8 and a = 9", True),
        ("(a = 7 or a = 8) and a = 9", False),
        ("a / 7 = 1 and b like /x/", True),
        ("strcontains(b, 'x')", True),
    ],
)
def test_a_condition(condition: str, passes: bool) -> None:
    events = [event(0, {"a": 7, "b": "x", "flag": True})]
    assert bool(rows(f"filter {condition}", events)) is passes


def test_a_prefix_before_the_json_hides_every_field() -> None:
    events = [event(0, "INFO:app:" + json.dumps({"log_type": "bedrock_call"}))]
    result = run_query(parse_query('filter log_type = "bedrock_call" | stats count(*)'), events)
    assert result.rows == ()
    assert result.statistics == Statistics(
        matched=0, scanned=1, bytes_scanned=len(events[0].message)
    )


def test_at_most_200_fields_are_discovered() -> None:
    events = [event(0, {f"f{number}": number for number in range(250)})]
    assert rows("fields f199, f200", events) == [{"f199": "199"}]


def test_parse_takes_globs_and_named_groups() -> None:
    events = [event(0, "user=ann, method:GET, took 12 ms"), event(1, "nothing here")]
    glob = 'parse @message "user=*, method:*, took * ms" as who, how, took | display who, how, took'
    assert rows(glob, events) == [{}, {"who": "ann", "how": "GET", "took": "12"}]
    regex = r"parse @message /took (?<took>\d+) ms/ | stats max(took) as most"
    assert rows(regex, events) == [{"most": "12"}]


def test_dedup_keeps_the_newest_and_rows_without_the_field() -> None:
    assert rows("fields error_code, latency_ms | dedup error_code") == [
        {"error_code": "ValidationException", "latency_ms": "10"},
        {"error_code": "ThrottlingException", "latency_ms": "40"},
        {"latency_ms": "900"},
        {"latency_ms": "300"},
        {"latency_ms": "100"},
    ]


def test_sort_is_natural_with_texts_before_numbers() -> None:
    events = [event(i, {"v": v}) for i, v in enumerate(["task-10", "task-2", 5, "11", "b"])]
    assert [row.get("v") for row in rows("fields v | sort v asc", events)] == [
        "b",
        "task-2",
        "task-10",
        "5",
        "11",
    ]


def test_a_second_stats_works_on_the_first() -> None:
    query = "stats count(*) as n by intent, status | stats max(n) as most by intent | sort intent"
    assert rows(query) == [{"intent": "comparison", "most": "2"}, {"intent": "faq", "most": "2"}]


def test_results_without_sort_are_newest_first_and_carry_a_pointer() -> None:
    result = run_query(parse_query("fields latency_ms | limit 2"), call_events())
    assert [row["latency_ms"] for row in result.rows] == ["10", "40"]
    assert all(row["@ptr"] for row in result.rows)


def test_a_comment_is_no_part_of_the_query_but_a_hash_in_a_text_is() -> None:
    assert rows('# all\nfields "#1" as it # one\n| limit 1') == [{"it": "#1"}]


def test_the_limit_of_the_request_holds_where_the_query_has_none() -> None:
    events = call_events()
    assert len(run_query(parse_query("fields intent"), events, 3).rows) == 3
    assert len(run_query(parse_query("fields intent | limit 4"), events, 3).rows) == 4
