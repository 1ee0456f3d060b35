"""Rendered answers as they stand on the screen.

After a change that is meant: MANGAOPS_UPDATE_GOLDEN=1 pytest tests/unit/render, then read the diff.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mangaops.model.diagnosis import Verdict
from mangaops.render.case import Case
from mangaops.render.diagnosis import case_text
from mangaops.render.document import case_document
from mangaops.render.explanation import explanation_text
from mangaops.render.json_text import to_json
from mangaops.render.markdown import case_markdown
from support import cases

GOLDEN = Path(__file__).parent / "golden"
CASES: dict[str, Callable[[], Case]] = {
    "confirmed": cases.diagnosed,
    "likely": lambda: cases.diagnosed(Verdict.LIKELY),
    "inconclusive": cases.inconclusive,
    "healthy": cases.healthy,
}


def agree(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("MANGAOPS_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_diagnosis_on_a_terminal(name: str, width: int) -> None:
    text = case_text(CASES[name](), width=width, colour=False, now=cases.NOW)
    agree(f"{name}-{width}.txt", text)


@pytest.mark.parametrize("name", CASES)
def test_a_diagnosis_as_json(name: str) -> None:
    agree(f"{name}.json", to_json(case_document(CASES[name]())))


@pytest.mark.parametrize("name", CASES)
def test_a_diagnosis_for_a_ticket(name: str) -> None:
    agree(f"{name}.md", case_markdown(CASES[name]()))


@pytest.mark.parametrize("name", CASES)
def test_an_explanation(name: str) -> None:
    text = explanation_text(CASES[name](), width=80, colour=False, now=cases.NOW)
    agree(f"{name}-explained.txt", text)
