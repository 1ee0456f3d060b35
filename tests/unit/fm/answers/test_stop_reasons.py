from __future__ import annotations

from typing import Any

import pytest

from mangaops.fm.answers.repair.mend import repair_json
from mangaops.fm.answers.repaired import RepairState
from mangaops.fm.answers.stop_reason import StopKind, kind_of


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("end_turn", StopKind.COMPLETE),
        ("stop_sequence", StopKind.COMPLETE),
        ("tool_use", StopKind.COMPLETE),
        ("FINISH", StopKind.COMPLETE),
        ("max_tokens", StopKind.TRUNCATED),
        ("model_context_window_exceeded", StopKind.TRUNCATED),
        ("pause_turn", StopKind.TRUNCATED),
        ("LENGTH", StopKind.TRUNCATED),
        ("guardrail_intervened", StopKind.BLOCKED),
        ("content_filtered", StopKind.BLOCKED),
        ("refusal", StopKind.BLOCKED),
        ("malformed_model_output", StopKind.MALFORMED),
        ("malformed_tool_use", StopKind.MALFORMED),
        ("a_word_of_next_year", StopKind.UNKNOWN),
        ("", StopKind.UNKNOWN),
        (None, StopKind.UNKNOWN),
        (5, StopKind.UNKNOWN),
        (["end_turn"], StopKind.UNKNOWN),
    ],
)
def test_each_word_has_its_kind_and_an_unknown_one_is_never_complete(
    word: Any, kind: StopKind
) -> None:
    assert kind_of(word) is kind


@pytest.mark.parametrize(
    ("word", "text", "kind"),
    [
        ("end_turn", '{"a": [1', StopKind.MALFORMED),
        ("end_turn", '{"a": "x', StopKind.MALFORMED),
        ("end_turn", '{"a": 1} f[1] [0', StopKind.MALFORMED),
        ("end_turn", "{a: [1", StopKind.MALFORMED),
        ("end_turn", '{"a": "x ]"', StopKind.COMPLETE),
        ("end_turn", '{"a": [1, 2}', StopKind.COMPLETE),
        ("end_turn", "{'a': '{'}", StopKind.COMPLETE),
        ("end_turn", '{"a": 1 /* { */}', StopKind.COMPLETE),
        ("end_turn", 'Sure: {"a": "{["} [see below', StopKind.COMPLETE),
        ("end_turn", "no JSON", StopKind.COMPLETE),
        ("max_tokens", '{"a": [1', StopKind.TRUNCATED),
        ("max_tokens", '{"a": [1]}', StopKind.TRUNCATED),
        ("refusal", '{"a": [1', StopKind.BLOCKED),
        (None, '{"a": [1', StopKind.UNKNOWN),
    ],
)
def test_a_model_that_says_it_is_done_in_the_middle_is_malformed(
    word: str | None, text: str, kind: StopKind
) -> None:
    assert kind_of(word, text=text) is kind


@pytest.mark.parametrize(
    "text",
    ["{'a': '{'}", '{"a": [1, 2}', '{"a": [{"b": "x"', '{"a": [1', '{"a": 1} [0', '{"a": "x'],
)
def test_what_is_malformed_is_what_the_repair_calls_cut(text: str) -> None:
    state = repair_json(text, stop_reason="end_turn").state
    malformed = kind_of("end_turn", text=text) is StopKind.MALFORMED

    assert malformed == (state is RepairState.TRUNCATED)
