"""Exported logs are asked without any AWS: the same questions, and any other."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from support.command import Command

AT = "2026-11-21T11:0{}:00.000Z"
CALLS = (
    # minute, intent, status, error_code, latency_ms, retry_count, mode
    (0, "faq", "success", None, 100.5, 0, 1),
    (1, "faq", "throttled", "ThrottlingException", 50, 2, 4),
    (2, "faq", "success", None, 300, 1, 1),
    (3, "comparison", "success", None, 900, 1, 3),
    (4, "comparison", "throttled", "ThrottlingException", 40, 2, 5),
    (5, "comparison", "validation_error", "ValidationException", 10, 0, 5),
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Records as the model client writes them."""
    lines = []
    for minute, intent, status, code, latency, retries, mode in CALLS:
        record = {"log_type": "bedrock_call", "timestamp": AT.format(minute), "intent": intent}
        record |= {"status": status, **({"error_code": code} if code else {})}
        lines.append(
            json.dumps({**record, "latency_ms": latency, "retry_count": retries, "mode": mode})
        )
    change = {"log_type": "breaker_transition", "timestamp": AT.format(6), "from": "closed"}
    lines.append(
        json.dumps({**change, "to": "open", "reason": "failures", "region": "r", "model_id": "m"})
    )
    path = tmp_path / "export.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def asked(mangaops: Command, *words: str) -> tuple[int, dict[str, object]]:
    done = mangaops.run("logs", *words, "--output", "json")
    return done.code, json.loads(done.out)


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        (
            "errors",
            [
                {"error_code": "ValidationException", "intent": "comparison", "errors": 1},
                {"error_code": "ThrottlingException", "intent": "comparison", "errors": 1},
                {"error_code": "ThrottlingException", "intent": "faq", "errors": 1},
            ],
        ),
        ("retries", [{"retried": 4, "saved": 1, "saved_pct": 25}]),
        (
            "breaker",
            [
                {
                    "@timestamp": 1795259160.0,
                    "from": "closed",
                    "to": "open",
                    "reason": "failures",
                    "region": "r",
                    "model_id": "m",
                }
            ],
        ),
        (
            "latency",
            [
                {
                    "intent": "comparison",
                    "avg_ms": 900,
                    "p50": 900,
                    "p95": 900,
                    "p99": 900,
                    "calls": 1,
                },
                {
                    "intent": "faq",
                    "avg_ms": 200.25,
                    "p50": 200.25,
                    "p95": 290.025,
                    "p99": 298.005,
                    "calls": 2,
                },
            ],
        ),
    ],
    ids=["errors", "retries", "breaker", "latency"],
)
def test_the_four_questions_are_answered_by_a_file(
    mangaops: Command, export: Path, question: str, rows: list[dict[str, object]]
) -> None:
    code, document = asked(mangaops, question, "--file", str(export))
    assert (code, document["schema"], document["state"]) == (0, "mangaops.logs/1", "ok")
    assert document["rows"] == rows


def test_a_configuration_that_is_wrong_does_not_matter_to_a_file(
    mangaops: Command, export: Path
) -> None:
    (mangaops.home / "mangaops.yaml").write_text("environments: 7\n", encoding="utf-8")
    done = mangaops.run("logs", "errors", "--file", str(export), MANGAOPS_ENV="nosuch")
    assert (done.code, done.err) == (0, "")
    assert f"{export.name}: a JSON record a line" in " ".join(done.out.split())


def test_a_window_counts_what_is_in_it_alone(mangaops: Command, export: Path) -> None:
    words = ("errors", "--file", str(export), "--from", "2026-11-21T11:04", "--to")
    _, document = asked(mangaops, *words, "2026-11-21T11:05")
    assert document["matched"] == 1
    code, document = asked(mangaops, *words, "2026-11-21T11:04:00.000001")
    assert (code, document["matched"]) == (0, 1)


def test_nothing_that_failed_is_an_answer_and_no_calls_at_all_is_none(
    mangaops: Command, tmp_path: Path
) -> None:
    good = {"log_type": "bedrock_call", "status": "success"}
    for record, code, told in ((good, 0, "none, among 1 calls"), ({"a": 1}, 4, "no event matched")):
        path = tmp_path / "some.jsonl"
        path.write_text(json.dumps(record), encoding="utf-8")
        done = mangaops.run("logs", "errors", "--file", str(path))
        assert (done.code, told in done.err) == (code, True)


def test_damaged_lines_are_counted_and_placed(mangaops: Command, export: Path) -> None:
    with export.open("a", encoding="utf-8") as file:
        file.write("INFO: started\n{\n")
    done = mangaops.run("logs", "errors", "--file", str(export), COLUMNS="400")
    assert (done.code, "ThrottlingException" in done.out) == (0, True)
    assert f"2 lines are no records and have no fields; the first: {export}:8" in done.err
    _, document = asked(mangaops, "errors", "--file", str(export))
    assert document["damaged"] == {"lines": 2, "first": f"{export}:8"}


def test_any_query_is_answered_by_several_files(mangaops: Command, export: Path) -> None:
    packed = export.with_name("more.jsonl.gz")
    packed.write_bytes(gzip.compress(export.read_bytes()))
    query = "filter ispresent(intent) | stats count(*) as calls, max(latency_ms) by intent"
    code, document = asked(mangaops, "query", query, "--file", str(export), "--file", str(packed))
    assert (code, document["columns"]) == (0, ["intent", "calls", "max(latency_ms)"])
    assert document["rows"] == [
        {"intent": "comparison", "calls": 6, "max(latency_ms)": 900},
        {"intent": "faq", "calls": 6, "max(latency_ms)": 300},
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_long_texts_are_cut_to_the_terminal_and_it_is_said(
    mangaops: Command, export: Path, width: int
) -> None:
    query = "fields @timestamp, intent, @message | sort @timestamp | limit 2"
    words = ("logs", "query", query, "--file", export.name)
    done = mangaops.run(*words, COLUMNS=str(width))
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= width
    assert lines[-2].startswith('2026-11-21 11:00:00.000  faq     {"log_type"')
    assert f"cut to fit {width} columns" in done.err


@pytest.mark.parametrize(
    ("words", "told", "where"),
    [
        (["errors", "--file", "nosuch.jsonl"], "does not exist", "nosuch.jsonl"),
        (["errors", "--file", "."], "folder", "."),
        (["errors", "--file", "export.jsonl", "--env", "prod"], "conflicts with --env", "--file"),
        (
            ["query", "stats count(*) by x |", "--file", "export.jsonl"],
            "end of the query",
            "column 22",
        ),
        (
            ["query", "stats\n percentile(x, 95)", "--file", "export.jsonl"],
            "No such function",
            "line 2",
        ),
        (["query", " ", "--file", "export.jsonl"], "empty", "QUERY"),
        (["query", "limit 1", "--file", "export.jsonl", "--group", "g"], "--group", "--file"),
        (["errors", "--file", "export.jsonl", "--since", "soon"], "no", "--since"),
    ],
    ids=["missing", "folder", "env", "end", "function", "empty", "group", "since"],
)
def test_wrong_input_is_told_with_its_place(
    mangaops: Command, export: Path, words: list[str], told: str, where: str
) -> None:
    assert export.parent == mangaops.home
    code, document = asked(mangaops, *words)
    error = document["error"]
    assert isinstance(error, dict)
    assert (code, error["exit_code"]) == (2, 2)
    assert told in error["what"]
    assert where in error["where"]


def test_a_window_without_events_says_what_there_is(mangaops: Command, export: Path) -> None:
    since = ("--from", "2026-11-21T12:00")
    done = mangaops.run("logs", "query", "stats count(*)", "--file", str(export), *since)
    assert done.code == 4
    there = "in the files are 7 events from 2026-11-21 11:00:00.000 to 2026-11-21 11:06:00.000"
    assert there in done.err
    assert "9999" not in done.out


def test_a_file_is_not_counted_twice(mangaops: Command, export: Path) -> None:
    twice = ("--file", str(export), "--file", f"{export.parent}/./{export.name}")
    done = mangaops.run("logs", "errors", *twice)
    assert (done.code, "named twice" in done.err) == (2, True)


def test_a_log_group_and_a_file_exclude_each_other(mangaops: Command, export: Path) -> None:
    done = mangaops.run("logs", "query", "limit 1", "--file", str(export), "--group", "g")
    assert (done.code, "--file conflicts with --group" in done.err) == (2, True)
