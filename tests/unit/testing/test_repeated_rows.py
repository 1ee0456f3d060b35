"""`times` in a row of a test: how many rows like it there are."""

from __future__ import annotations

import pytest

from support.tested_runbooks import HEAD, loaded, said

TESTS = "tests:\n  - {name: a, expect: {status: healthy}}\n"
ROWS = "{rows: [{intent: faq, calls: 200}]}"


def calls(rows: str) -> str:
    return HEAD.replace(ROWS, f"{{rows: [{rows}]}}") + TESTS


def test_a_row_stands_there_as_often_as_it_says() -> None:
    file, _ = loaded(calls("{intent: faq, calls: 200, times: 3}, {intent: other}"))
    faq, other = {"intent": "faq", "calls": 200}, {"intent": "other", "calls": None}
    assert file.cases[0].given["calls"].rows == (faq, faq, faq, other)


@pytest.mark.parametrize("times", ["0", "-1", "1.5", "true", "10001", '"3"'])
def test_a_row_stands_there_a_whole_number_of_times(times: str) -> None:
    text = calls(f"{{intent: faq, times: {times}}}")
    line = next(n for n, one in enumerate(text.splitlines(), start=1) if "times" in one)
    column = text.splitlines()[line - 1].index(times) + 1 + times.startswith('"')
    message = "times must be a whole number from 1 to 10,000"
    assert said(text) == [("T006", message, line, column)]
