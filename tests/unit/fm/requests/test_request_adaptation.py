"""A request as one model takes it: nothing is sent that the model refuses."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from mangaops.fm import Capability, ModelSpec, Registry, Request, Severity, Target, user
from mangaops.fm.requests.adapt import GO_ON, adapt
from mangaops.fm.requests.validate import validate_request

REGISTRY = Registry()
SONNET = REGISTRY.of("anthropic.claude-sonnet-4-6")
HAIKU = REGISTRY.of("anthropic.claude-haiku-4-5-20251001-v1:0")
OLD = REGISTRY.of("anthropic.claude-3-haiku-20240307-v1:0")
TOOL = {"toolSpec": {"name": "find", "inputSchema": {"json": {"type": "object"}}}}
POINT = {"cachePoint": {"type": "default"}}
ASKED = Request(
    intent="faq",
    messages=(
        {"role": "user", "content": [{"text": "Find it"}, POINT]},
        {
            "role": "assistant",
            "content": [{"toolUse": {"toolUseId": "1", "name": "find", "input": {"q": "漫画"}}}],
        },
        {
            "role": "user",
            "content": [{"toolResult": {"toolUseId": "1", "content": [{"text": "found"}]}}],
        },
        {"role": "assistant", "content": "It is "},
    ),
    temperature=0.2,
    top_p=0.9,
    top_k=40,
    stop_sequences=("END",),
    tools=(TOOL,),
    cached=True,
    max_tokens=5000,
)


def test_a_model_that_takes_everything_gets_it_as_it_is() -> None:
    every = ModelSpec(
        base_id="every",
        name="every",
        context_tokens=9000,
        max_output_tokens=9000,
        capabilities=frozenset(Capability),
    )
    adapted = adapt(ASKED, every)
    last = {
        "role": "assistant",
        "content": "It is",
    }  # an answer that begins with a space is refused
    assert adapted.request == replace(ASKED, messages=(*ASKED.messages[:-1], last))
    assert adapted.omitted == ()


def test_of_a_temperature_and_top_p_the_temperature_stays() -> None:
    adapted = adapt(replace(ASKED, messages=(user("a"),)), SONNET)
    assert (adapted.request.temperature, adapted.request.top_p) == (0.2, None)
    assert adapted.omitted == ("top_p",)
    alone = adapt(replace(ASKED, messages=(user("a"),), temperature=None), SONNET)
    assert (alone.request.top_p, alone.omitted) == (0.9, ())


def test_the_beginning_of_an_answer_becomes_a_turn_of_the_user() -> None:
    adapted = adapt(ASKED, SONNET)
    assert adapted.request.messages[:-1] == ASKED.messages
    assert adapted.request.messages[-1] == {"role": "user", "content": [{"text": GO_ON}]}
    assert "prefill" in adapted.omitted
    assert adapt(ASKED, HAIKU).request.messages[-1]["role"] == "assistant"


def test_a_prefix_in_blocks_loses_its_last_space_as_well() -> None:
    last = {"role": "assistant", "content": [{"text": "a "}, {"text": "b \n"}]}
    adapted = adapt(replace(ASKED, messages=(user("a"), last)), HAIKU)
    assert adapted.request.messages[-1]["content"] == [{"text": "a "}, {"text": "b"}]


def test_a_cache_point_behind_a_prefix_keeps_no_space_before_it() -> None:
    last = {"role": "assistant", "content": [{"text": "begin  "}, POINT]}
    adapted = adapt(replace(ASKED, messages=(user("a"), last)), HAIKU)
    assert adapted.request.messages[-1]["content"] == [{"text": "begin"}, POINT]


def test_cache_points_vanish_from_tools_and_own_blocks_too() -> None:
    own = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}
    asked = Request(
        intent="faq", messages=({"role": "user", "content": [own]},), tools=(TOOL, POINT)
    )
    adapted = adapt(asked, OLD)
    assert adapted.request.tools == (TOOL,)
    assert adapted.request.messages[0]["content"] == [{"type": "text", "text": "a"}]
    assert adapted.omitted == ("cached",)
    assert adapt(asked, HAIKU).request == asked


def test_own_blocks_of_tools_become_words_and_odd_ones_stay() -> None:
    use = {"type": "tool_use", "id": "1", "name": "find", "input": {"q": "x"}}
    result = {"type": "tool_result", "tool_use_id": "1", "content": "found"}
    odd = {"toolUse": 5}
    messages = (
        user("a"),
        {"role": "assistant", "content": [use, odd]},
        {"role": "user", "content": [result]},
    )
    sent = adapt(Request(intent="faq", messages=messages), None).request.messages
    assert sent[1]["content"] == [{"text": '[find was asked for {"q": "x"}]'}, odd]
    assert sent[2]["content"] == [{"text": '[It answered "found"]'}]


def test_nothing_is_said_behind_a_call_of_a_tool() -> None:
    asked = replace(ASKED, messages=ASKED.messages[:2])
    assert adapt(asked, SONNET).request.messages == asked.messages


def test_a_request_is_told_to_have_been_capped() -> None:
    plain = Request(intent="faq", messages=(user("a"),), max_tokens=5000)
    assert adapt(plain, OLD).omitted == ("max_tokens",)


def test_max_tokens_is_at_most_the_models() -> None:
    assert adapt(replace(ASKED, max_tokens=None), SONNET).request.max_tokens is None
    assert adapt(ASKED, SONNET).request.max_tokens == 5000
    assert adapt(ASKED, OLD).request.max_tokens == 4096


def test_cache_points_vanish_where_there_is_no_cache() -> None:
    adapted = adapt(ASKED, OLD)
    assert adapted.request.messages[0]["content"] == [{"text": "Find it"}]
    assert adapted.request.cached is False
    assert "cached" in adapted.omitted


def test_an_unknown_model_gets_the_words_and_nothing_else() -> None:
    adapted = adapt(ASKED, None)
    sent = adapted.request
    assert (sent.temperature, sent.top_p, sent.top_k, sent.stop_sequences) == (None, None, None, ())
    assert (sent.tools, sent.cached, sent.max_tokens) == ((), False, 5000)
    assert [message["content"] for message in sent.messages[:3]] == [
        [{"text": "Find it"}],
        [{"text": '[find was asked for {"q": "漫画"}]'}],
        [{"text": '[It answered [{"text": "found"}]]'}],
    ]
    assert adapted.omitted == (
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "cached",
        "tools",
        "prefill",
    )


def test_a_request_without_extras_is_the_same_for_all() -> None:
    plain = Request(intent="faq", messages=(user("a"),), max_tokens=10)
    for spec in (None, SONNET, HAIKU, OLD):
        assert adapt(plain, spec).request is plain, "no copy of what nothing is changed of"
        assert adapt(plain, spec).omitted == ()


@pytest.mark.parametrize("model", ["anthropic.claude-sonnet-4-6", "bare"])
def test_what_was_adapted_has_no_warning_left(model: str) -> None:
    bare = ModelSpec(base_id="bare", name="bare", context_tokens=90_000, max_output_tokens=6000)
    registry = Registry([*REGISTRY, bare])
    target = Target(model_id=model, region="us-east-1")
    options: tuple[dict[str, Any], ...] = (
        {},
        {"temperature": None},
        {"top_p": None},
        {"top_k": None},
        {"tools": (), "messages": (user("a"), {"role": "assistant", "content": "b"})},
    )
    for one, other in product(options, options):
        request = adapt(replace(ASKED, **{**one, **other}), registry.of(model)).request
        left = validate_request(request, registry, target=target)
        assert [issue for issue in left if issue.severity is Severity.WARNING] == []
