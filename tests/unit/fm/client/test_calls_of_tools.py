"""Calls of tools that are not whole: nobody gets one to act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mangaops import fm
from mangaops.fm.transport.raw import RawAnswer
from support.fm import Scripted, Streamed, ask, desk, said

TOOL = {"toolSpec": {"name": "add_to_cart", "inputSchema": {"json": {"type": "object"}}}}
WHOLE = {"sku": "B0", "qty": 1}


def _calls(given: Any = WHOLE, *, stop: str = "tool_use", text: str = "") -> RawAnswer:
    use: Mapping[str, Any] = {"toolUse": {"toolUseId": "1", "name": "add_to_cart", "input": given}}
    answer = said(text, stop=stop)
    return replace(answer, blocks=(*answer.blocks, use))


def test_a_call_that_was_cut_is_asked_for_with_more_room() -> None:
    here = desk(Scripted(_calls(stop="max_tokens", text="Sure."), _calls()))

    answer = here.client.complete(ask(tools=(TOOL,), max_tokens=100))

    assert [one.request.max_tokens for one in here.transport.sent] == [100, 150]
    assert (answer.mode, answer.stop_reason) == (2, "tool_use")


def test_a_call_that_cannot_be_read_is_asked_for_again_and_then_elsewhere() -> None:
    here = desk(Scripted(_calls("{'sku'"), _calls("{'sku'"), _calls()))

    answer = here.client.complete(ask(tools=(TOOL,)))

    assert answer.mode is fm.Mode.BACKUP
    assert "its call of a tool cannot be read" in answer.descended_because[0]


def test_a_tool_that_was_not_offered_is_not_called() -> None:
    here = desk(Scripted(by=lambda *_: _calls()))

    answer = here.client.complete(ask())

    assert (answer.mode, answer.blocks) == (4, ())
    assert here.call["error_code"] == "unusable_answer"


def test_a_stream_that_ends_within_a_call_shows_none() -> None:
    cut = Streamed(pieces=("Sure.",), then=_calls('{"sku":"B0"', stop="max_tokens", text="Sure."))
    here = desk(Scripted(cut))

    *_, end = here.client.stream(ask(tools=(TOOL,)))

    assert isinstance(end, fm.Interrupted)
    assert end.answer is not None
    assert end.answer.blocks == ({"text": "Sure."},)
