from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mangaops.render.diagnosis import case_text, next_command
from mangaops.render.document import case_document
from mangaops.render.json_text import to_json
from mangaops.render.recorded import case_from
from support import cases


@pytest.mark.parametrize("case", [cases.diagnosed(), cases.inconclusive(), cases.healthy()])
def test_a_recorded_case_comes_back_as_it_was(case: cases.Case) -> None:
    document = to_json(case_document(case))
    assert to_json(case_document(case_from(json.loads(document)))) == document


def test_the_same_case_is_the_same_bytes_but_for_run_and_seconds() -> None:
    first = case_document(cases.diagnosed())
    second = case_document(replace(cases.diagnosed(), run="r-0000", seconds=9.9))
    differing = {key for key in first if first[key] != second[key]}
    assert differing == {"run", "seconds", "remedies"}  # a remedy's command names the run


def test_the_first_line_says_where_when_and_which_run() -> None:
    lines = case_text(cases.diagnosed(), width=120, colour=False, now=cases.NOW).splitlines()
    assert lines[0] == (
        "prod  1234-5678-9012  ap-northeast-1  as assumed-role/OnCall/ana  "
        "11:00-11:31 UTC (just now)  run r-7f3a"
    )


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal_but_commands(width: int) -> None:
    text = case_text(cases.diagnosed(), width=width, colour=False, now=cases.NOW)
    wide = [line for line in text.splitlines() if len(line) > width]
    assert all(line.strip().removeprefix("next: ").startswith("mangaops ") for line in wide)


def test_a_command_to_paste_is_one_line_at_any_width() -> None:
    text = case_text(cases.diagnosed(), width=40, colour=False, now=cases.NOW)
    command = (
        "mangaops plan --run r-7f3a set-env BEDROCK_POOL_SIZE=10 BEDROCK_KEEPALIVE_INTERVAL=15"
    )
    assert f"    {command}" in text.splitlines()


def test_colour_is_for_terminals_only() -> None:
    plain = case_text(cases.diagnosed(), width=80, colour=False, now=cases.NOW)
    coloured = case_text(cases.diagnosed(), width=80, colour=True, now=cases.NOW)
    assert ("\x1b" in plain, "\x1b" in coloured) == (False, True)


def test_square_brackets_and_markup_are_text() -> None:
    case = cases.diagnosed()
    case = replace(case, diagnosis=replace(case.diagnosis, cause="key [red]precompute[/red] {x}"))
    text = case_text(case, width=80, colour=False, now=cases.NOW)
    assert "  key [red]precompute[/red] {x}" in text.splitlines()


def test_the_next_command_repeats_where_to_look() -> None:
    case = replace(cases.healthy(), suffix=" --env prod")
    assert next_command(case) == "mangaops triage --env prod"
    going_on = replace(case.diagnosis, continue_with="rag-timeout")
    assert (
        next_command(replace(case, diagnosis=going_on))
        == "mangaops diagnose rag-timeout --env prod"
    )


def test_numbers_that_json_has_not_are_null() -> None:
    assert json.loads(to_json({"a": float("inf"), "b": [float("nan"), 1.5]})) == {
        "a": None,
        "b": [None, 1.5],
    }
