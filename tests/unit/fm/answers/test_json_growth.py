"""The work grows with the text and no faster: steps are counted, nothing is timed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import mangaops.fm.answers
from mangaops.fm.answers.repair.mend import LARGEST, repair_json
from mangaops.fm.answers.repaired import RepairState
from support.spoilt_json import ADVERSARIAL, TYPICAL, Text

OWN = str(Path(mangaops.fm.answers.__file__).parent)
SMALL = 500
SCHEMA = {
    "required": ["a"],
    "properties": {"a": {"items": {"type": ["number", "null"], "required": ["b"]}}},
}


def _steps(work: Callable[[], object]) -> int:
    """Lines of ours that ran."""
    count = 0

    def line(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, _event: str, _argument: Any) -> Any:
        return line if frame.f_code.co_filename.startswith(OWN) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("name", [*ADVERSARIAL, *TYPICAL])
def test_ten_times_the_text_is_at_most_twelve_times_the_work(name: str) -> None:
    text: Text = {**ADVERSARIAL, **TYPICAL}[name]

    def steps(size: int) -> int:
        return _steps(lambda: repair_json(text(size), schema=SCHEMA, free_text=["/a/*"]))

    assert steps(10 * SMALL) <= 12 * steps(SMALL)


def test_what_is_longer_than_a_megabyte_is_not_read() -> None:
    result = repair_json('{"a":"' + "x" * LARGEST + '"}')

    assert result.state is RepairState.UNREPAIRABLE
    assert result.issues == ("longer than 1,048,576 characters",)


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [("", "", RepairState.VALID), ("```json\n", "\n```", RepairState.REPAIRED)],
)
@pytest.mark.parametrize("body", ['"' + "[" * 60_000 + '"', "[" + "{}," * 60_000 + "{}]"])
def test_any_number_of_brackets_is_read(
    before: str, after: str, state: RepairState, body: str
) -> None:
    result = repair_json(f'{before}{{"a":{body}}}{after}')

    assert (result.state, result.value) == (state, {"a": json.loads(body)})


def test_a_megabyte_of_repairs_is_told_in_a_hundred_lines() -> None:
    result = repair_json("{'a':[" + "'b'," * 2_000 + "]}")

    assert len(result.repairs) == 101
    assert result.repairs[-1] == "and 1,902 more"
    assert result.mends == ("single quotes",)


TWICE = "the key stands twice, and the last counts, at"


@pytest.mark.parametrize(
    ("member", "value", "slips"),
    [
        ("'b'", "b", ["single quotes"]),
        ("'it\\'s \"so\"'", 'it\'s "so"', ["single quotes"]),
        ("\u201cb\u201d", "b", ["full-width quotes"]),
        ('"\n"', "\n", ["control character"]),
        ('"\ud800b"', "b", ["lone surrogate"]),
        ("'\\ud800\n'", "\n", ["single quotes", "control character", "lone surrogate"]),
        ("True", True, ["literal"]),
        ("[1,]", [1], ["trailing comma"]),
        ("[1 /* ,] */\uff0c// ]\n]", [1], ["comment"] * 2 + ["sign", "trailing comma"]),
        ('{"b"\uff1a[[1, {"c": 2]}', {"b": [[1, {"c": 2}]]}, ["sign"] + ["missing closer"] * 2),
        ("\u3000{'b': {}, /**/'c': \"True,]\" }", {"b": {}, "c": "True,]"}, ["wide", "", "", ""]),
    ],
)
@pytest.mark.parametrize("times", [1, 40, 300])
def test_what_is_only_counted_is_mended_like_what_is_told(
    member: str, value: Any, slips: list[str], times: int
) -> None:
    for begin, end, key in (('{"a":[', "0]}", ""), ("{", '"z":0}', '"k%d":')):
        text = "".join(f"{key % at if key else ''}{member},\n" for at in range(times))
        result = repair_json(f"{begin}{text}{end}")

        want = [value] * times + [0]
        assert (result.value["a"] if not key else list(result.value.values())) == want
        told, more = result.repairs[:100], result.repairs[100:]
        assert len(told) == min(times * len(slips), 100)
        left = times * len(slips) - 100
        assert more == ((f"and {left:,} more",) if left > 0 else ())


@pytest.mark.parametrize("places", [{0}, {999}, {7, 500, 501}, set(range(1_000))])
def test_keys_that_stand_twice_are_told_wherever_they_stand(places: set[int]) -> None:
    text = ",".join('{"b":1,"b":2}' if at in places else '{"b":2}' for at in range(1_000))
    result = repair_json(f'{{"a":[{text}]}}')

    assert result.value == {"a": [{"b": 2}] * 1_000}
    assert result.issues == tuple(f"{TWICE} /a/{at}/b" for at in sorted(places)[:100])


def test_what_is_broken_behind_many_members_is_told_with_the_last_key() -> None:
    assert repair_json('{"a": 1, "b": 2, c').issues == ('a key without quotes at ""',)
    assert repair_json('{"a": 1, "b": 2, /x').issues == ("a slash that begins no comment at /b",)


@pytest.mark.parametrize(
    ("element", "issues"), [("NaN", 0), ('{"b":1,"b":2}', 100)], ids=["not finite", "twice"]
)
def test_the_work_for_each_token_does_not_grow_with_its_depth(element: str, issues: int) -> None:
    def steps(depth: int) -> int:
        schema: dict[str, Any] = {"type": ["number", "null", "object"]}
        for _ in range(depth):
            schema = {"type": "array", "items": schema}
        text = '{"a":' + "[" * depth + f"{element}," * 1_000
        asked = {"properties": {"a": schema}}
        assert len(repair_json(text, schema=asked).issues) == issues + 1
        return _steps(lambda: repair_json(text, schema=asked))

    assert steps(50) <= 2 * steps(1)
