"""A request in the words of the two interfaces; boto3 itself finds nothing wrong with them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from mangaops.fm.requests.request import Request, user
from mangaops.fm.transport.bodies import converse_body, count_body, invoke_body
from mangaops.fm.transport.pieces import blocks_of_anthropic

LOOK = {
    "toolSpec": {
        "name": "look",
        "description": "Looks.",
        "inputSchema": {"json": {"type": "object"}},
    }
}
USED = {"toolUse": {"toolUseId": "t1", "name": "look", "input": {"title": "よつばと"}}}
FOUND = {
    "toolResult": {
        "toolUseId": "t1",
        "content": [{"text": "1"}, {"json": {"n": 2}}],
        "status": "error",
    }
}
THOUGHT = {"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "s"}}}
PLAIN = Request(intent="faq", messages=(user("Hours?"),), max_tokens=50)
FULL = Request(
    intent="faq",
    messages=(
        user("Is it in?"),
        {"role": "assistant", "content": [THOUGHT, {"text": "I look."}, USED]},
        {"role": "user", "content": [FOUND, {"text": "And?"}, {"cachePoint": {"type": "default"}}]},
    ),
    system="Be brief.",
    max_tokens=50,
    temperature=0.0,
    top_p=0.5,
    top_k=3,
    stop_sequences=("END",),
    tools=(LOOK,),
    cached=True,
    metadata={"prompt_version": "v2.1", "intent": "漫画 & more", "": "nameless"},
)


def test_what_is_left_open_is_not_sent() -> None:
    assert converse_body("m", PLAIN) == {
        "modelId": "m",
        "messages": [{"role": "user", "content": [{"text": "Hours?"}]}],
        "inferenceConfig": {"maxTokens": 50},
    }
    assert json.loads(invoke_body("m", PLAIN)["body"]) == {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "Hours?"}],
    }


def test_converse_has_each_parameter_in_its_place() -> None:
    body = converse_body("m", FULL)
    assert body["system"] == [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}]
    assert body["inferenceConfig"] == {
        "maxTokens": 50, "temperature": 0.0, "topP": 0.5, "stopSequences": ["END"],
    }  # fmt: skip
    assert body["additionalModelRequestFields"] == {"top_k": 3}
    assert body["toolConfig"] == {"tools": [LOOK]}
    assert body["requestMetadata"] == {"prompt_version": "v2.1", "intent": "-- - more"}


def test_anthropics_body_says_the_same() -> None:
    body = json.loads(invoke_body("m", FULL)["body"])
    cached = {"cache_control": {"type": "ephemeral"}}
    assert body["system"] == [{"type": "text", "text": "Be brief.", **cached}]
    assert (body["temperature"], body["top_p"], body["top_k"]) == (0.0, 0.5, 3)
    assert body["stop_sequences"] == ["END"]
    assert body["tools"] == [
        {"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}
    ]
    assert body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "Hm", "signature": "s"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "t1", "name": "look", "input": {"title": "よつばと"}},
    ]
    told = [{"type": "text", "text": "1"}, {"type": "text", "text": '{"n": 2}'}]
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "t1", "content": told, "is_error": True},
        {"type": "text", "text": "And?", **cached},
    ]


@pytest.mark.parametrize("request_", [PLAIN, FULL], ids=["plain", "full"])
def test_boto3_accepts_all_of_it(request_: Request) -> None:
    model = Session().get_service_model("bedrock-runtime")
    for operation, body in [
        ("Converse", converse_body("m", request_)),
        ("ConverseStream", converse_body("m", request_)),
        ("InvokeModel", invoke_body("m", request_)),
        ("InvokeModelWithResponseStream", invoke_body("m", request_)),
        ("CountTokens", count_body("m", request_)),
    ]:
        shape = model.operation_model(operation).input_shape
        report = ParamValidator().validate(body, shape)
        assert not report.has_errors(), report.generate_report()


def test_counting_reads_what_the_model_would() -> None:
    asked = count_body("m", FULL)["input"]["converse"]
    sent = converse_body("m", FULL)
    assert asked == {name: sent[name] for name in ("messages", "system", "toolConfig")}


def test_labels_are_cut_to_what_aws_takes() -> None:
    many = {f"label{number}": "x" * 300 for number in range(20)}
    kept = converse_body("m", replace(PLAIN, metadata=many))["requestMetadata"]
    assert len(kept) == 16
    assert {len(value) for value in kept.values()} == {256}


def test_a_prompt_that_is_not_there_is_no_cache_point() -> None:
    assert "system" not in converse_body("m", replace(PLAIN, cached=True))
    assert b"system" not in invoke_body("m", replace(PLAIN, cached=True))["body"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": ({"role": "user", "content": [{"video": {"format": "mp4"}}]},)},
        {"tools": ({"cachePoint": {"type": "default"}},)},
    ],
    ids=["content", "tool"],
)
def test_what_anthropics_body_has_no_words_for_is_said_before_anything_is_sent(
    wrong: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match="ask with Converse"):
        invoke_body("m", replace(PLAIN, **wrong))


def test_blocks_of_anthropic_are_told_as_those_of_converse() -> None:
    content = [
        {"type": "thinking", "thinking": "Hm", "signature": "s"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "t1", "name": "look", "input": {"title": "よつばと"}},
        {"type": "brand_new", "x": 1},
        "no block",
    ]
    assert blocks_of_anthropic(content) == (
        THOUGHT,
        {"reasoningContent": {"redactedContent": b"xyz"}},
        {"text": "I look."},
        USED,
        {"type": "brand_new", "x": 1},
    )
    assert blocks_of_anthropic(None) == ()
