"""Saved questions are parsed beforehand, and are what the parser makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangaops.cli.questions import EVERY_CALL, QUESTIONS
from mangaops.sandbox.insights import prepared
from mangaops.sandbox.insights.grammar import parse_query

SAVED = [one.query for one in (*QUESTIONS.values(), EVERY_CALL)]
AGAIN = "prepared.write(parse_query(text) for text in SAVED) writes it again"


@pytest.mark.parametrize("number", range(len(SAVED)))
def test_a_prepared_query_is_the_parsed_one(number: int) -> None:
    assert prepared.prepared(SAVED[number]) == parse_query(SAVED[number]), AGAIN


def test_another_text_is_for_the_parser(tmp_path: Path) -> None:
    assert prepared.prepared(f"{SAVED[0]} ") is None
    assert prepared.prepared(SAVED[0], tmp_path / "none.json") is None


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    text = "fields a as b | filter a in [1, 'x'] | stats max(b) by bin(5m) | limit 3"
    prepared.write([parse_query(text)], tmp_path / "some.json")
    assert prepared.prepared(text, tmp_path / "some.json") == parse_query(text)
