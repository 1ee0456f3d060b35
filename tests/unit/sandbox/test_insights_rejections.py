"""What Logs Insights refuses is refused, with the place of the culprit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaops.sandbox.insights.grammar import parse_query
from mangaops.sandbox.insights.query import MalformedQuery

SEED_RETRIES = """fields @timestamp, correlation_id, retry_count, status
| filter log_type = "bedrock_call" and retry_count > 0
| stats count(*) as total,
sum(case when status = "success" then 1 else 0 end) as retry_successes
| display total, retry_successes, (retry_successes * 100.0 / total) as retry_success_pct"""

SEED_PERCENTILES = """fields @timestamp, intent, latency_ms
| filter log_type = "bedrock_call" and status = "success"
| stats avg(latency_ms) as avg_ms, percentile(latency_ms, 50) as p50 by intent"""


@pytest.mark.parametrize(
    ("query", "culprit", "message"),
    [
        (SEED_RETRIES, "when", "unexpected symbol found when at line 4 and position 9"),
        (SEED_PERCENTILES, "percentile", "No such function: percentile"),
        ("display total, (a * 2) as b", "(", "unexpected symbol found ( at line 1 and position 15"),
        ("display a as b", "as", "unexpected symbol found as at line 1 and position 10"),
        ("fields a | pattern @message", "pattern", None),
        ("source=[lg:`/g`] | where x=1", "source", None),
        ("SELECT a FROM b", "SELECT", None),
        ("fields a b", "b", None),
        ("filter a == 1", "=", None),
        ("filter a = ", "", "unexpected end of the query"),
        ("stats count(*) as n by intent | filter latency_ms > 1", "latency_ms", None),
        ("fields a as b | fields c as b", "c as b", "Ephemeral field is already defined: b"),
        ("stats latency_ms by intent", "latency_ms", None),
        ("fields avg(a)", "avg(a)", None),
        ("fields if(a, 1, 2) as b", "if", "No such function: if"),
        ("fields strlen(a, b)", "strlen(a, b)", "Invalid arguments for function: strlen(a, b)"),
        ("fields bin(0m)", "0m", "a period of nothing: 0m"),
        ("fields bin(5)", "bin(5)", "Invalid arguments for function: bin(5)"),
        ("fields a + 5m", "5m", None),
        ("dedup a | fields b", "fields b", "dedup can only be followed by limit"),
        (
            "stats count(*) as n by a | sort n | stats max(n)",
            "sort n",
            "sort and limit must come after the last stats",
        ),
        ("filter a like /(/", "/(/", None),
        ('parse @message "a * b *" as x', 'parse @message "a * b *" as x', None),
        ("limit 0", "limit 0", None),
        ("stats pct(a)", "pct(a)", None),
        ("stats pct(a, 101)", "101", None),
        ("", "", "the query is empty"),
        ("fields 'open", "'", None),
    ],
)
def test_a_query_that_is_refused(query: str, culprit: str, message: str | None) -> None:
    with pytest.raises(MalformedQuery) as refused:
        parse_query(query)
    assert query[refused.value.start : refused.value.end] == culprit
    if message is not None:
        assert refused.value.message == message


WORDS = ["fields", "filter", "stats", "|", "(", ")", ",", "a", "by", "bin(5m)", "count(*)", "as"]
WORDS += ["=", "like", "/x/", '"t"', "1", "5m", "in", "[", "]", "not", "-", "/", "sort", "parse"]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_query_or_malformed(text: str) -> None:
    refused: MalformedQuery | None = None
    try:
        parse_query(text)
    except MalformedQuery as error:
        refused = error
    assert refused is None or 0 <= refused.start <= refused.end <= len(text)
