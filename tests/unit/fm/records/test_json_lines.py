"""The sink: one JSON object a line, only named fields, and never an exception."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.fm.records.fields import FIELDS
from mangaops.fm.records.session import session_hash
from mangaops.fm.records.sink import JsonLines

PLANTED = "Who sells Vagabond to Musashi?"


def written(record: Any, **options: Any) -> tuple[list[Any], int]:
    stream = StringIO()
    sink = JsonLines(stream, **options)
    sink(record)
    return [json.loads(line) for line in stream.getvalue().splitlines()], sink.lost


def test_a_record_is_one_line() -> None:
    record = {"log_type": "bedrock_call", "error_message": "line\none\u2028\x85", "attempts": 1}
    stream = StringIO()
    JsonLines(stream)(record)
    assert len(stream.getvalue().splitlines()) == 1  # which splits at more than a newline
    assert json.loads(stream.getvalue()) == record


@pytest.mark.parametrize("log_type", FIELDS)
def test_no_text_of_a_prompt_gets_in_by_a_field_that_is_not_named(log_type: str) -> None:
    named = dict.fromkeys(FIELDS[log_type] - {"log_type", "_aws"}, "fine")
    planted = dict.fromkeys(("prompt", "text", "messages", "raw_text_preview", "session"), PLANTED)
    (line,), lost = written({**planted, **named, "log_type": log_type})
    assert PLANTED not in json.dumps(line)
    assert line == {**named, "log_type": log_type}
    assert lost == 0


def test_no_text_gets_in_by_a_value_that_is_no_plain_one() -> None:
    class Answer:
        def __repr__(self) -> str:
            return PLANTED

    record = {
        "log_type": "bedrock_call",
        "status": "success",
        "error_message": {"text": PLANTED},
        "descended_because": ["throttled", Answer(), {"text": PLANTED}],
        "repair": Answer(),
        "error_code": PLANTED.encode(),
    }
    (line,), _ = written(record)
    assert line == {
        "log_type": "bedrock_call",
        "status": "success",
        "descended_because": ["throttled"],
    }


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (float("nan"), None),
        (float("inf"), None),
        (None, None),
        (0, 0),
        (False, False),
        ("half \ud800", "half ?"),
        ("x" * 5000, "x" * 1024),
        ((1, float("nan"), 2), [1, 2]),
        ([10**5001], []),
        ((1, 10**5001, [2]), [1]),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), None),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00.000Z"),
    ],
)
def test_a_value_is_written_as_json_has_it(value: Any, told: Any) -> None:
    (line,), lost = written({"log_type": "bedrock_call", "latency_ms": value})
    assert line.get("latency_ms") == told
    assert lost == 0


METRIC = {"Name": "m", "Unit": "None", "StorageResolution": 1}
DIRECTIVE = {"Namespace": "N", "Dimensions": [["Model"]], "Metrics": [METRIC]}


@pytest.mark.parametrize(
    ("embedded", "told"),
    [
        ({"Timestamp": 1, "CloudWatchMetrics": [DIRECTIVE]}, True),
        ({"prompt": PLANTED, "Timestamp": 1, "CloudWatchMetrics": [DIRECTIVE]}, True),
        ({"Timestamp": 1, "CloudWatchMetrics": [{**DIRECTIVE, "text": PLANTED}]}, True),
        (
            {
                "Timestamp": 1,
                "CloudWatchMetrics": [{**DIRECTIVE, "Metrics": [{**METRIC, "text": PLANTED}]}],
            },
            True,
        ),
        ({"prompt": PLANTED}, False),
        ({"Timestamp": float("nan"), "CloudWatchMetrics": [DIRECTIVE]}, False),
        ({"Timestamp": 10**400, "CloudWatchMetrics": [DIRECTIVE]}, False),
        ({"Timestamp": 1, "CloudWatchMetrics": [{"prompt": PLANTED}]}, False),
        ({1, 2}, False),
        (PLANTED, False),
    ],
)
def test_of_the_metrics_directive_only_its_own_members_are_written(
    embedded: Any, told: bool
) -> None:
    (line,), lost = written({"log_type": "bedrock_call", "_aws": embedded})
    expected = {"_aws": {"Timestamp": 1, "CloudWatchMetrics": [DIRECTIVE]}} if told else {}
    assert (line, lost) == ({"log_type": "bedrock_call", **expected}, 0)


class Filling(StringIO):
    """Takes ten characters of the second record, then once no more."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def write(self, text: str) -> int:
        self.calls += 1
        if self.calls == 2:
            super().write(text[:10])
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_a_record_of_which_half_was_written_costs_no_other() -> None:
    stream = Filling()
    sink = JsonLines(stream)
    for number in range(4):
        sink({"log_type": "bedrock_call", "attempts": number})
    first, torn, third, fourth = stream.getvalue().splitlines()
    assert [json.loads(line)["attempts"] for line in (first, third, fourth)] == [0, 2, 3]
    assert torn == '{"log_type'
    assert sink.lost == 1


class Broken(StringIO):
    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    "record",
    [
        {},
        None,
        [],
        {"log_type": "unheard_of"},
        {"log_type": ["bedrock_call"]},
    ],
    ids=repr,
)
def test_what_cannot_be_written_is_counted_and_raises_nothing(record: Any) -> None:
    assert written(record) == ([], 1)


def test_a_closed_or_full_stream_raises_nothing() -> None:
    closed = StringIO()
    closed.close()
    for stream in (closed, Broken()):
        sink = JsonLines(stream)
        sink({"log_type": "bedrock_call"})
        assert sink.lost == 1


def test_records_of_ones_own_have_fields_of_their_own() -> None:
    own = {"basket": frozenset({"log_type", "basket_id"})}
    record = {"log_type": "basket", "basket_id": "b-1", "body": PLANTED}
    assert written(record, more_fields=own)[0] == [{"log_type": "basket", "basket_id": "b-1"}]
    assert written(record)[0] == []


def test_lines_of_many_threads_stay_whole() -> None:
    stream = StringIO()
    sink = JsonLines(stream)

    def write() -> None:
        for number in range(100):
            sink({"log_type": "bedrock_call", "attempts": number, "error_message": "x" * 300})

    threads = [threading.Thread(target=write) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 800
    assert sink.lost == 0


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(FIELDS["bedrock_call"])), VALUES))
def test_whatever_is_written_is_json_or_counted(record: dict[str, Any]) -> None:
    lines, lost = written({**record, "log_type": "bedrock_call"})
    assert len(lines) + lost == 1


def test_a_session_is_known_by_its_hash_alone() -> None:
    one = session_hash("session-1", salt=b"pepper")
    assert one == session_hash("session-1", salt=b"pepper")
    assert one != session_hash("session-2", salt=b"pepper")
    assert one != session_hash("session-1", salt=b"other")
    assert len(one) == 16
    assert int(one, 16) >= 0


def test_a_session_may_be_any_text_and_a_salt_any_length_but_none() -> None:
    for session in ("", "\ud800", "漫画" * 1000):
        assert len(session_hash(session, salt=b"x" * 200)) == 16
    with pytest.raises(ValueError, match="salt"):
        session_hash("session-1", salt=b"")
