"""A message means the same wherever it lies: in the service, as a record, as a log event."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mangaops.sandbox.insights.events import LogEvent
from mangaops.sandbox.insights.execute import columns_of, run_query
from mangaops.sandbox.insights.exported import WAYS, run_files
from mangaops.sandbox.insights.files import exported
from mangaops.sandbox.insights.grammar import parse_query

AT = 1795258800000
BEGUN = '{"timestamp": 1795258800, "status": "error", "intent": '
MESSAGES = {
    "nan": BEGUN + "NaN}",
    "nan-elsewhere": BEGUN + '"x", "other": [1, NaN]}',
    "infinity": BEGUN + "-Infinity}",
    "nan-in-a-text": BEGUN + '"NaN of Infinity"}',
    "twice": BEGUN + '"a", "intent": "b"}',
    "literal-and-nested": BEGUN + '"x", "a.b": 1, "a": {"b": 2}}',
    "comma": BEGUN + '"x",}',
    "deep-list": BEGUN + '"x", "z":' + "[" * 3000 + "]" * 3000 + "}",
    "deep-object": BEGUN + '"x", "z":' + '{"a":' * 3000 + "1" + "}" * 3000 + "}",
    "cut": BEGUN + '"x"',
    "trailing": BEGUN + '"x"} trailing',
    "half": BEGUN + '"\\ud800"}',
    "number": BEGUN + "01}",
}
QUERIES = (
    "filter status = 'error' | stats count(*) as n by intent",
    "filter status = 'error' | fields intent, a.b",
)


CASES = {name: (text, "") for name, text in MESSAGES.items()} | {
    f"damaged-{name}": (MESSAGES[name], "no record\n") for name in ("nan", "twice", "half")
}


@pytest.mark.parametrize(("message", "damaged"), CASES.values(), ids=CASES)
def test_file_and_service_read_a_message_alike(tmp_path: Path, message: str, damaged: str) -> None:
    around = {"timestamp": AT, "message": message}
    other = '{"timestamp": 1795258800, "status": "success"}'
    plain, events = tmp_path / "plain.jsonl", tmp_path / "events.jsonl"
    plain.write_text(f"{other}\n{damaged}{message}\n", encoding="utf-8")
    events.write_text(json.dumps(around) + "\n", encoding="utf-8")
    for query in map(parse_query, QUERIES):
        live = run_query(query, [LogEvent(timestamp=AT, message=message)]).rows
        expected = [{name: row[name] for name in row if name != "@ptr"} for row in live]
        assert list(run_files(query, [exported(events)]).result.rows) == expected
        for ways in (WAYS, ("lines",)):
            assert list(run_files(query, [exported(plain)], ways=ways).result.rows) == expected


def test_a_result_can_always_be_sent() -> None:
    event = LogEvent(timestamp=AT, message=MESSAGES["half"])
    rows = run_query(parse_query("fields intent"), [event]).rows
    assert rows[0]["intent"] == "?"
    assert run_query(parse_query("fields 1"), [LogEvent(timestamp=AT, message="\ud800")]).rows


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("filter x = 1", ("@timestamp", "@message")),
        ("fields a, b * 2 as twice, b / 0 as none | fields c", ("a", "twice", "none", "c")),
        ("fields a | display c, a | fields d", ("c", "a")),
        ("stats count(*) by nosuch | filter nosuch = 1", ("nosuch", "count(*)")),
    ],
)
def test_a_query_says_its_columns(query: str, columns: tuple[str, ...]) -> None:
    assert columns_of(parse_query(query)) == columns
