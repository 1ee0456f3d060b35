"""Exported files as they really are: in several forms, damaged, compressed, badly named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from mangaops.errors import InputError
from mangaops.sandbox.insights import duck
from mangaops.sandbox.insights.exported import FromFiles, run_files
from mangaops.sandbox.insights.files import Form, exported
from mangaops.sandbox.insights.grammar import parse_query

GOOD = '{"timestamp": "2026-11-21T11:00:00.000Z", "intent": "faq", "n": 2}'
OTHER = '{"timestamp": "2026-11-21T11:05:00.000Z", "intent": "comparison", "n": 3}'
BY_INTENT = "stats count(*) as c, sum(n) as s by intent | sort intent"
BOTH = [{"intent": "comparison", "c": "1", "s": "3"}, {"intent": "faq", "c": "1", "s": "2"}]
ALL = ("grouped", "columns", "lines")


def written(folder: Path, content: str | bytes, name: str = "export.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def asked(query: str, *paths: Path, way: str = "grouped", **more: tuple[int, int]) -> FromFiles:
    span = more.get("span")
    return run_files(parse_query(query), [exported(p) for p in paths], span=span, ways=(way,))


AT = 1795258800000


def event(message: str, at: int = 0) -> str:
    around = {"timestamp": AT + at, "ingestionTime": AT + 1000, "logStreamName": "s"}
    return json.dumps({**around, "message": message})


@pytest.mark.parametrize(
    ("form", "content"),
    [
        (Form.RECORDS, f"{GOOD}\n{OTHER}\n"),
        (Form.RECORDS, f"{GOOD}\r\n\r\n{OTHER}"),
        (Form.RECORDS, f"\ufeff{GOOD}\n{OTHER}"),
        (Form.EVENTS, f"{event(GOOD)}\n{event(OTHER, 1)}\n"),
        (Form.STAMPED, f"2026-11-21T11:00:00.000Z {GOOD}\n2026-11-21T11:00:01Z {OTHER}\n"),
        (Form.STAMPED, f"2026-11-21T11:00:00+00:00 app/1 {GOOD}\n2026-11-21T11:00:01 {OTHER}"),
        (Form.DOCUMENT, '{\n "events": [\n' + f"{event(GOOD)},\n{event(OTHER)}" + "\n]}"),
        (Form.DOCUMENT, f"[{event(GOOD)}, {event(OTHER)}]"),
        (Form.DOCUMENT, f"[{GOOD},\n {OTHER}]"),
        (Form.EVENTS, f"{event(GOOD)}\n{OTHER}\n"),
        (Form.EVENTS, f"{OTHER}\n{event(GOOD)}\n"),
        (Form.STAMPED, f"2026-11-21T11:00:00.000Z {GOOD}\n{OTHER}\n"),
        (Form.RECORDS, f'{GOOD[:-1]}, "x": "{"y" * 1_000_000}"}}\n{OTHER}'),
    ],
    ids=[
        *["records", "crlf", "bom", "events", "export", "tail", "document", "list"],
        *["array", "mixed", "mixed-later", "mixed-stamped", "megabyte"],
    ],
)
@pytest.mark.parametrize("way", ALL)
def test_every_form_is_recognised(tmp_path: Path, form: Form, content: str, way: str) -> None:
    path = written(tmp_path, content)
    found = asked(BY_INTENT, path, way=way)
    assert (exported(path).form, list(found.result.rows), found.damage.lines) == (form, BOTH, 0)


def test_a_record_with_a_message_of_its_own_is_no_event_around_it(tmp_path: Path) -> None:
    record = '{"timestamp": "2026-11-21T11:00:00Z", "message": "slow", "log_type": "degraded"}'
    path = written(tmp_path, record)
    found = asked("stats count(*) as c by log_type, message", path)
    assert list(found.result.rows) == [{"log_type": "degraded", "message": "slow", "c": "1"}]


@pytest.mark.parametrize("way", ALL)
@pytest.mark.parametrize(
    ("bad", "damaged"),
    [
        ("INFO: not a record", 1),
        (GOOD[:-9], 1),
        ("[1, 2]\n7", 2),
        (GOOD + GOOD, 1),
        (b'{"intent": "\xff"}', 1),
        ('{"intent": "a\x01b"}', 1),
        ('{"a":' * 3000, 1),
        ('{"intent": "\\ud800 half"}', 0),
        ('{"intent": "\\ud83d\\ude00 whole"}', 0),
    ],
    ids=["text", "cut", "other", "two", "bytes", "control", "deep", "half", "emoji"],
)
def test_damaged_lines_are_events_without_fields_and_counted(
    tmp_path: Path, bad: str | bytes, damaged: int, way: str
) -> None:
    line = bad.encode() if isinstance(bad, str) else bad
    path = written(tmp_path, f"{GOOD}\n\n".encode() + line + f"\n{OTHER}\n".encode())
    found = asked("stats count(*) as all, count(intent) as known", path, way=way)
    known = 2 + (damaged == 0)
    assert list(found.result.rows) == [{"all": str(2 + max(damaged, 1)), "known": str(known)}]
    assert (found.damage.lines, found.damage.first) == (damaged, f"{path}:3" if damaged else "")


def test_a_cut_last_line_does_not_send_a_file_the_slow_way(tmp_path: Path) -> None:
    path = written(tmp_path, f"{GOOD}\n{OTHER}\n{GOOD[:20]}")
    found = asked(BY_INTENT + " | filter ispresent(intent)", path)
    assert (found.way, found.damage.first) == ("grouped", f"{path}:3")
    assert list(found.result.rows) == BOTH


@pytest.mark.parametrize("way", ALL)
def test_numbers_that_are_none_and_members_that_come_twice(tmp_path: Path, way: str) -> None:
    lines = ['{"n": NaN, "intent": "faq"}', '{"n": 1, "n": 2}', '{"n": -Infinity}']
    lines += ['{"n": ' + "9" * 400 + "}", '{"n": 1e999}', '{"n": 9007199254740993}']
    path = written(tmp_path, "\n".join(lines))
    found = asked("stats sum(n) as s, count(n) as c, max(n) as m", path, way=way)
    assert list(found.result.rows) == [{"s": "9007199254740995", "c": "4", "m": "9007199254740993"}]


@pytest.mark.parametrize("way", ALL)
def test_names_and_texts_of_others_are_never_sql(tmp_path: Path, way: str) -> None:
    record = {'it\'s "x"': "o'clock", "a": "'); DROP TABLE x; --", "timestamp": 1795258800}
    path = written(tmp_path, json.dumps(record), name="it's an export.jsonl")
    query = """filter `it's "x"` = "o'clock" and a like "'); DROP" and a != "x' or '1'='1"
        | stats count(*) as c, max(a) as m by `it's "x"`"""
    assert list(asked(query, path, way=way).result.rows) == [
        {'it\'s "x"': "o'clock", "c": "1", "m": "'); DROP TABLE x; --"}
    ]


@pytest.mark.parametrize("name", ["some*.jsonl", "a[1].jsonl", "x?.jsonl", "s3:x.jsonl"])
def test_a_file_is_only_itself_whatever_its_name(tmp_path: Path, name: str) -> None:
    written(tmp_path, OTHER, name="some1.jsonl")
    written(tmp_path, OTHER, name="a1.jsonl")
    found = asked("stats count(*) as c by intent", written(tmp_path, GOOD, name=name))
    assert list(found.result.rows) == [{"intent": "faq", "c": "1"}]


@pytest.mark.parametrize("way", ALL)
def test_several_files_are_one_log(tmp_path: Path, way: str) -> None:
    one = written(tmp_path, GOOD + "\n", name="1.jsonl")
    other = written(tmp_path, gzip.compress(OTHER.encode()), name="2.jsonl.gz")
    third = written(tmp_path, OTHER, name="3.jsonl")
    assert list(asked(BY_INTENT, one, other, way=way).result.rows) == BOTH
    assert list(asked(BY_INTENT, one, third, way=way).result.rows) == BOTH
    newest = asked("fields intent | limit 1", one, third, way=way)
    assert list(newest.result.rows) == [{"intent": "comparison"}]


@pytest.mark.parametrize("way", ALL)
def test_a_window_leaves_out_what_is_older_and_what_has_no_time(tmp_path: Path, way: str) -> None:
    path = written(tmp_path, f'{GOOD}\n{OTHER}\n{{"intent": "timeless"}}\n')
    at = 1795258800000
    for start, end, found in ((at, at + 1, "faq"), (at + 1, at + 300001, "comparison")):
        asked_for = asked("stats count(*) as c by intent", path, way=way, span=(start, end))
        assert list(asked_for.result.rows) == [{"intent": found, "c": "1"}]


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    packed = gzip.compress(f"{GOOD}\n".encode() * 2000)
    cases = {
        tmp_path / "none.jsonl": "does not exist",
        tmp_path: "folder",
        written(tmp_path, "", "empty.jsonl"): "empty",
        written(tmp_path, " \n\n", "blank.jsonl"): "blanks",
        written(tmp_path, b"\x7fELF\0\0", "binary"): "binary",
        written(tmp_path, GOOD.encode("utf-16"), "utf16.jsonl"): "UTF-16",
        written(tmp_path, "one\ntwo\n", "plain.txt"): "no line",
        written(tmp_path, packed[: len(packed) // 2], "cut.jsonl.gz"): "cut off",
        written(tmp_path, packed[:5], "head.jsonl.gz"): "cut off",
        written(tmp_path, b"\x1f\x8bxxxx", "bad.gz"): "cut off or damaged",
        written(tmp_path, '{"events": [', "half.json"): "no whole JSON document",
    }
    for path, told in cases.items():
        with pytest.raises(InputError, match=told) as error:
            asked("stats count(*)", path)
        assert str(path) in error.value.where


def test_gzip_that_ends_too_early_is_found_beyond_the_first_lines(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"n": n, "pad": f"{n * 7919:030d}"}) + "\n" for n in range(20_000))
    packed = gzip.compress(lines.encode(), compresslevel=1)
    path = written(tmp_path, packed[:-2000], "cut.jsonl.gz")
    with pytest.raises(InputError, match="cut off"):
        asked("stats count(*)", path)


def test_groups_of_one_time_keep_the_order_of_the_file(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"k": key}) for key in "cabbac")
    found = asked("stats count(*) as n by k | sort n desc", written(tmp_path, lines))
    assert [row["k"] for row in found.result.rows] == ["c", "a", "b"]
    assert found.way == "grouped"


def test_rows_beyond_ten_thousand_are_cut_and_it_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "\n".join(f'{{"n": {n}}}' for n in range(10_002)))
    for query in ("fields n", "stats count(*) by n"):
        found = asked(query, path).result
        assert (len(found.rows), found.cut) == (10_000, True)
    assert not asked("fields n | limit 3", path).result.cut


class Interrupted:
    """A connection whose statement ends as DuckDB's does on Ctrl-C."""

    def execute(self, _statement: str) -> None:
        raise RuntimeError("Query interrupted")


def test_ctrl_c_while_duckdb_reads_is_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt):
        next(duck.rows(Interrupted(), "SELECT 1"))


@pytest.mark.parametrize(
    ("content", "rows", "first"),
    [
        (f"[1,2]\n{GOOD}\n{OTHER}\n", BOTH, ":1"),
        (f"[{GOOD}]\n{GOOD}\n{OTHER}\n", BOTH, ":1"),
        (f"null\n{GOOD}\n{OTHER}\n", BOTH, ":1"),
        (f"{GOOD}\nnull\n{OTHER}\n", BOTH, ":2"),
        ("[1,2]", [], ":1"),
        ('{"timestamp": "2026-11-21T11:00:00.000Z", "intent": "faq",}\n', [], ":1"),
        ('{"a": ' * 3_000 + "1" + "}" * 3_000, [], ":1"),
        (f"[{GOOD}, 7, {OTHER}]", BOTH, ", member 2"),
    ],
    ids=["array", "records", "null", "later", "alone", "comma", "deep", "member"],
)
@pytest.mark.parametrize("way", ALL)
def test_a_line_that_is_no_record_is_counted_wherever_it_is(
    tmp_path: Path, content: str, rows: list[dict[str, str]], first: str, way: str
) -> None:
    path = written(tmp_path, content)
    found = asked(f"filter n > 0 | {BY_INTENT}", path, way=way)
    assert list(found.result.rows) == rows
    assert (found.damage.lines, found.damage.first) == (1, f"{path}{first}")


def test_a_document_that_ends_too_early_is_told(tmp_path: Path) -> None:
    for content in (f'{{"events": [{GOOD}, ', f"[{GOOD}, ", '{"events": [1,]}'):
        with pytest.raises(InputError, match="no whole JSON document"):
            asked(BY_INTENT, written(tmp_path, content))


@pytest.mark.parametrize("time", ["11:00:00.000", " 1:00:00.000", "11:00:00.00 ", "24:00:00.000"])
def test_a_time_is_read_alike_by_every_way(tmp_path: Path, time: str) -> None:
    path = written(tmp_path, GOOD.replace("11:00:00.000", time))
    rows = [asked("stats max(@timestamp) as at", path, way=way).result.rows for way in ALL]
    assert rows[0] == rows[1] == rows[2]
