"""Nothing of a prompt, an answer or a session gets into any record, whatever happens."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from mangaops import fm
from support.fm import Scripted, Streamed, cut, desk, error, said, streamed

PROMPT, SYSTEM, ANSWER, SESSION = "zebra-prompt", "zebra-system", "zebra-answer", "zebra-session"
REQUEST = fm.Request(
    intent="recommendation",
    messages=(fm.user(PROMPT), {"role": "assistant", "content": ANSWER}, fm.user(PROMPT)),
    system=SYSTEM,
    session=SESSION,
)
JSON = replace(REQUEST, schema={"type": "object", "required": ["zebra"]})
SCRIPTS: dict[str, tuple[fm.Request, tuple[Any, ...]]] = {
    "answered": (REQUEST, (said(ANSWER),)),
    "refused-with-the-prompt": (
        REQUEST,
        (error("ValidationException", 400, f"bad: {PROMPT}"),) * 9,
    ),
    "down": (REQUEST, (error("InternalServerException", 500, PROMPT),) * 9),
    "unknown": (REQUEST, (RuntimeError(PROMPT),) * 9),
    "blocked": (REQUEST, (said(ANSWER, stop="guardrail_intervened"),)),
    "cut": (REQUEST, (cut(text=ANSWER),) * 9),
    "not-json": (JSON, (said(ANSWER),) * 9),
    "wrong-json": (JSON, (said('{"zebra-key": "zebra-value", "n": 1,}'),) * 9),
    "half-json": (JSON, (said('{"zebra": "zebra-val', stop="max_tokens"),) * 9),
    "invalid": (replace(REQUEST, messages=(fm.user(f"{PROMPT}\ud800"),)), ()),
}


def _is_told(records: list[Any]) -> bool:
    lines = StringIO()
    sink = fm.JsonLines(lines)
    for record in records:
        sink(record)
    assert sink.lost == 0
    return "zebra" in lines.getvalue() or "zebra" in json.dumps(records, default=str)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_record_of_a_whole_answer_holds_a_word_of_it(name: str) -> None:
    request, script = SCRIPTS[name]
    at = desk(Scripted(*script, last=said(ANSWER)))
    at.client.complete(request)
    assert at.call["session_hash"] != SESSION
    assert not _is_told(at.records)


@pytest.mark.parametrize(
    "entry",
    [streamed(ANSWER, ANSWER), Streamed(pieces=(ANSWER,), then=cut(text=ANSWER))],
    ids=["whole", "cut"],
)
def test_no_record_of_a_stream_holds_a_word_of_it(entry: Any) -> None:
    at = desk(Scripted(entry))
    assert list(at.client.stream(REQUEST))
    assert len(at.of("stream_end")) == 1
    assert not _is_told(at.records)


def test_no_record_of_a_cancelled_stream_holds_a_word_of_it() -> None:
    at = desk(Scripted(streamed(ANSWER, ANSWER, ANSWER)))
    events: Any = at.client.stream(REQUEST)
    next(events)
    events.close()
    assert at.call["status"] == "cancelled"
    assert not _is_told(at.records)
