"""Run files: what is written is what is read, and what is damaged is refused by file and line."""

from __future__ import annotations

import dataclasses
import json
import random
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mangaops.bench.runs.run_file import (
    end_line,
    header_line,
    parse,
    parse_header,
    sample_line,
    without_torn_line,
)
from mangaops.bench.runs.sample import CacheMode, Run
from mangaops.errors import InputError
from support.bench_runs import BEFORE, FAQ, bench_run


def _text(run: Run) -> str:
    lines = [header_line(run.header), *map(sample_line, run.samples)]
    if run.finished_at:
        lines.append(end_line(run.finished_at, len(run.samples)))
    return "".join(lines)


RUN = bench_run(n=5)
TEXT = _text(RUN)
LINES = TEXT.splitlines(keepends=True)
HEADER = json.loads(LINES[0])
SAMPLE = json.loads(LINES[1])


@pytest.mark.parametrize(
    "run",
    [
        RUN,
        bench_run(n=3, finished=False),
        bench_run(n=0, warm_up=0),
        bench_run(n=2, arms=("active",), intents={"faq": (FAQ,), "recommendation": (BEFORE,)}),
        bench_run(n=9, intents={"faq": (dataclasses.replace(FAQ, failures=0.5), FAQ)}),
        bench_run(n=2, cache=CacheMode.WARM, rate_per_s=2.5, concurrency=8, interleaved=False),
    ],
    ids=["two-arms", "unfinished", "no-calls", "one-arm", "failures", "conditions"],
)
def test_what_is_written_is_what_is_read(run: Run) -> None:
    assert parse(_text(run), run.place) == run


def test_an_editors_mark_and_line_ends_are_no_damage() -> None:
    assert parse("\ufeff" + TEXT.replace("\n", "\r\n"), RUN.place) == RUN
    assert parse(TEXT.removesuffix("\n"), RUN.place) == RUN


def test_the_header_of_one_version_and_intent_names_them() -> None:
    run = bench_run(arms=("v2.0",), intents={"faq": (FAQ,)})
    found = json.loads(header_line(run.header))
    assert (found["prompt_version"], found["intent"]) == ("v2.0", "faq")
    assert parse_header(header_line(run.header), "a.jsonl") == run.header
    assert "prompt_version" not in HEADER


def test_a_null_is_what_is_not_there() -> None:
    failed = {**SAMPLE, "total_ms": None, "first_token_ms": None, "failure": "timeout"}
    (read,) = parse(LINES[0] + json.dumps({**failed, "stop_reason": None}), "a.jsonl").samples
    assert (read.total_ms, read.stop_reason, read.failure) == (None, None, "timeout")


def test_times_of_other_zones_are_utc() -> None:
    tokyo = {**SAMPLE, "started_at": "2026-01-07T12:00:00+09:00"}
    bare = {**SAMPLE, "number": 2, "started_at": "2026-01-07T03:00:00"}
    read = parse(LINES[0] + json.dumps(tokyo) + "\n" + json.dumps(bare), "a.jsonl")
    assert [one.started_at for one in read.samples] == [datetime(2026, 1, 7, 3, tzinfo=UTC)] * 2


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    at = datetime(2026, 1, 7, 12, tzinfo=timezone(timedelta(hours=9)))
    assert "2026-01-07T03:00:00.000000Z" in end_line(at, 0)


def _header(**changed: object) -> str:
    return json.dumps({**HEADER, **changed}) + "\n" + "".join(LINES[1:])


def _sample(*without: str, **changed: object) -> str:
    """The second line is changed."""
    found = {key: value for key, value in SAMPLE.items() if key not in without} | changed
    return LINES[0] + json.dumps(found) + "\n" + "".join(LINES[2:])


N = len(LINES)
DAMAGES = {
    "empty": ("", 1, "this file is empty"),
    "not-json": (LINES[0] + "{oops}\n" + LINES[2], 2, "this is no JSON object"),
    "a-list": (LINES[0] + "[]\n" + LINES[2], 2, "this is no JSON object"),
    "two-objects": (LINES[0] + LINES[1].strip() + "," + LINES[2], 2, "this is no JSON object"),
    "deep": (LINES[0] + "[" * 100_000 + "\n", 2, "this is no JSON object"),
    "empty-line": (LINES[0] + "\n" + LINES[1], 2, "this line is empty"),
    "torn": (TEXT[: TEXT.rindex("{", 0, -40) + 9], N, "the last line is cut off"),
    "torn-header": (LINES[0][:50], 1, "the header is cut off"),
    "nan": (_sample().replace(str(SAMPLE["total_ms"]), "NaN"), 2, "this is no JSON object"),
    "infinity": (_sample(total_ms=1e999), 2, "this is no JSON object"),
    "huge": (_sample().replace(str(SAMPLE["total_ms"]), "1e999"), 2, "total_ms is Infinity, not"),
    "negative": (_sample(total_ms=-1.0), 2, "total_ms is -1.0, not 0 or 0.000001 to"),
    "negative-first": (_sample(first_token_ms=-0.5), 2, "first_token_ms is -0.5, not 0 or"),
    "first-after-total": (_sample(first_token_ms=9e8), 2, "the first token came after the last"),
    "neither": (_sample("total_ms", "first_token_ms"), 2, "a call must have a total or a failure"),
    "text-for-number": (_sample(total_ms="12"), 2, 'total_ms is "12", not a number of millisec'),
    "true-for-number": (_sample(total_ms=True), 2, "total_ms is true, not a number of millisec"),
    "negative-tokens": (_sample(output_tokens=-1), 2, "output_tokens is -1, not a whole number"),
    "half-a-token": (_sample(input_tokens=1.5), 2, "input_tokens is 1.5, not a whole number"),
    "no-number": (_sample("number"), 2, 'the key "number" is missing'),
    "no-model": (_sample("model"), 2, 'the key "model" is missing'),
    "list-as-model": (_sample(model=["a"]), 2, 'model is ["a"], not a text'),
    "half-a-character": (_sample(model="\ud800"), 2, 'model is "\\ud800", not a text'),
    "warm-up-is-1": (_sample(warm_up=1), 2, "warm_up is 1, not true or false"),
    "bad-time": (_sample(started_at="noon"), 2, 'started_at is "noon", not a time such as'),
    "second-bad-time": (
        "".join(LINES[:2]) + json.dumps({**SAMPLE, "number": 99, "started_at": "soon"}),
        3,
        'started_at is "soon", not a time such as',
    ),
    "unknown-key": (_sample(totl_ms=1), 2, 'there is no key "totl_ms" in a run file'),
    "other-intent": (_sample(intent="sales"), 2, 'the header names no intent "sales"'),
    "other-arm": (_sample(arm=2), 2, "the header names no arm 2"),
    "twice": ("".join(LINES[:2]) + LINES[1], 3, "sample 1 stands here again, first on line 2"),
    "two-files": (TEXT + TEXT, N, "there are lines after the end of the run"),
    "two-unfinished-files": ("".join(LINES[:2] * 2), 3, "there is a second header"),
    "after-the-end": (TEXT + LINES[1], N, "there are lines after the end of the run"),
    "too-few": ("".join(LINES[:3]) + LINES[-1], 4, "the run had 14 samples, and the file has 2"),
    "end-is-a-text": (LINES[0] + '{"end": "now"}\n', 2, "end is no object"),
    "end-without-time": (LINES[0] + '{"end": {"samples": 0}}', 2, 'the key "finished_at" is mis'),
    "no-header": ("".join(LINES[1:]), 1, "there is no header of a benchmark run"),
    "other-schema": (_header(schema="x/1"), 1, "there is no header of a benchmark run"),
    "newer": (_header(schema="mangaops.bench-run/2"), 1, "this run file is of version 2; this"),
    "newer-key": (_header(shape=1), 1, 'there is no key "shape" in a run file'),
    "seconds": (_header(unit="s"), 1, "the unit is s, not ms"),
    "no-arms": (_header(arms=[]), 1, "a run has one arm or two, not 0"),
    "prompts-of-one-arm": (_header(arms=["v2.0"]), 1, "recommendation has 2 prompts, and the r"),
    "no-prompts": (_header(prompts={}), 1, "prompts is {}, not an object of intents"),
    "prompt-is-a-text": (_header(prompts={"a": ["v1"]}), 1, "the prompts of a are no list of ob"),
    "bad-cache": (_header(cache="of"), 1, 'cache is "of", not off or warm'),
    "bad-run": (_header(run="../x"), 1, "run is no name of a run"),
    "bad-rate": (_header(rate_per_s=0), 1, "rate_per_s is 0, not a number above 0"),
    "bad-start": (_header(started_at=None), 1, "started_at is null, not a time such as"),
    "compressed": ("\x1f\ufffd\x08", 1, "this file is compressed"),
    "longest": (_sample(total_ms=1e9 + 1), 2, "total_ms is 1000000001.0, not 0 or 0.000001 to"),
    "shortest": (_sample(total_ms=5e-324), 2, "total_ms is 5e-324, not 0 or 0.000001 to 1,000,"),
    "no-float": (_sample(total_ms=10**400), 2, "total_ms is 1000000000000000000000000000000000"),
    "many-tokens": (_sample(output_tokens=10**400), 2, "output_tokens is 100000000000000000000"),
    "huge-seed": (_header(seed=2**53 + 1), 1, "seed is 9007199254740993, not a whole number, 0"),
    "huge-rate": (_header(rate_per_s=10**400), 1, "rate_per_s is 10000000000000000000000000000"),
    "long-model": (_sample(model="x" * 501), 2, "model has 501 characters, and 500 is the most"),
    "key-twice": (TEXT.replace('"model"', '"arm": 0, "model"', 1), 2, 'the key "arm" stands here'),
    "last-key-twice": (LINES[0] + '{"end": 1, "end": 2}', 2, 'the key "end" stands here twice'),
    "prompt-key-twice": (
        TEXT.replace('"digest"', '"version": "v3", "digest"', 1),
        1,
        'the key "version" stands here twice',
    ),
    "carriage-returns": (TEXT.replace("\n", "\r"), 1, "its lines end with CR alone"),
    "zip": ("PK\x03\x04\x14", 1, "this is no run file"),
    "zeros": ("\x00" * 1000, 1, "this is no run file"),
    "other-run-intent": (_header(intent="faq"), 1, "intent is faq, and the prompts are of recom"),
    "other-version": (_header(prompt_version="v9"), 1, "prompt_version is v9, and the prompts a"),
    "one-label": (_header(arms=["v2.0"] * 2), 1, "both arms are v2.0, and one has the prompt v2.1"),
    "nothing-at-once": (_header(concurrency=0), 1, "concurrency is 0, not a whole number from 1"),
    "before-it-began": (_sample(started_at="2020-01-01"), 2, "this call was at 2020-01-01T00:00:"),
    "after-its-end": (_sample(started_at="2030-01-01"), 2, "this call was at 2030-01-01T00:00:0"),
    "ends-first": (
        "".join(LINES[:-1]) + LINES[-1].replace("2026", "2025"),
        N,
        "the run ended 2025-01-07T03:00:07.000000Z, before it began",
    ),
    "other-bytes": (_sample().replace("recommendation", "\ufffd"), 1, "this line is not UTF-8"),
}


@pytest.mark.parametrize(("text", "line", "what"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_by_name(text: str, line: int, what: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, "a.jsonl")
    assert caught.value.where == f"a.jsonl:{line}"
    assert caught.value.what.startswith(what)
    assert caught.value.hint


def test_only_what_a_killed_run_left_is_to_be_deleted() -> None:
    for name, (text, *_) in DAMAGES.items():
        with pytest.raises(InputError) as caught:
            parse(text, "a.jsonl")
        assert ("delete" in caught.value.hint) == (name in {"empty", "torn-header"}), name


def test_the_longest_and_the_shortest_times_are_read() -> None:
    for total in (0, 1e-6, 1e9):
        (read,) = parse(
            LINES[0] + json.dumps({**SAMPLE, "total_ms": total, "first_token_ms": 0}), "a"
        ).samples
        assert read.total_ms == total


def test_a_file_of_which_any_byte_is_altered_is_read_or_refused() -> None:
    draw = random.Random(11)  # noqa: S311 - the same each time
    for _ in range(400):
        place = draw.randrange(len(TEXT))
        other = draw.choice('{}[]",:0-9eE\x00\n\r\ufffd\u3042 ')
        try:
            run = parse(TEXT[:place] + other + TEXT[place + 1 :], "a.jsonl")
        except InputError as error:
            assert error.where.startswith("a.jsonl:")  # noqa: PT017 - either is right
        else:
            assert len(run.samples) in {len(RUN.samples), len(RUN.samples) + 1}


def test_a_file_that_is_cut_anywhere_is_unfinished_or_torn_and_never_wrong() -> None:
    for size in range(len(LINES[0]), len(TEXT) - 1, 7):
        try:
            run = parse(TEXT[:size], "a.jsonl")
        except InputError as error:
            assert "cut off" in error.what  # noqa: PT017 - either is right
        else:
            assert run.samples == RUN.samples[: len(run.samples)]
        whole, torn = without_torn_line(TEXT[:size])
        assert whole + torn == TEXT[:size] + ("" if torn else whole[len(TEXT[:size]) :])
        kept = parse(whole, "a.jsonl").samples
        assert kept == RUN.samples[: len(kept)]
