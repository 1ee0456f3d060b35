"""The work grows with the text and no faster: steps are counted, nothing is timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import mangaops.fm.answers
from mangaops.fm.answers.repair.mend import BRACKETS, LARGEST, repair_json
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


def test_more_brackets_than_a_model_writes_are_not_read() -> None:
    result = repair_json("[" + "[]," * BRACKETS)

    assert result.state is RepairState.UNREPAIRABLE


def test_a_megabyte_of_repairs_is_told_in_a_hundred_lines() -> None:
    result = repair_json("{'a':[" + "'b'," * 2_000 + "]}")

    assert len(result.repairs) == 101
    assert result.repairs[-1] == "and 1,902 more"
    assert result.mends == ("single quotes",)
