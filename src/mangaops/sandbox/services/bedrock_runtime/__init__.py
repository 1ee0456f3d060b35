"""Bedrock Runtime: models that answer at their own pace, and fail as they are told to.

Rule: an unknown or retired id is 404, a base id where a profile is needed is a
ValidationException, and what a call cost is published in AWS/Bedrock as AWS does it.
A version of a prompt that has a pace is answered at it: its system prompt is a template of
the prompt table, or the caller names it in the request metadata of Converse.
Known cost: the words are canned, tools and guardrails are not looked at, and a token is
a Japanese character or about four others.

    answer.py   what is said, when, and how it fails
    pace.py     distributions of times and lengths by version of a prompt
    state.py    what a scenario can set
    text.py     tokens, and the requests
    version.py  which version of a prompt is asked with

For scenarios (`runtime = world.state(BedrockRuntimeState)`):

    runtime.faults.append(ModelFault(model="*sonnet*", code="ThrottlingException", share=0.4))
    ModelFault(code="ModelTimeoutException", delay_s=3)        408 after three seconds
    ModelFault(code="ModelStreamErrorException", where=Where.STREAM, after=5)
    ModelFault(where=Where.CUT)         the connection is dropped within the stream
    ModelFault(where=Where.TRUNCATED)   the stream ends without its last events
    ModelFault(where=Where.OUTPUT, text="{not json")
    runtime.timing[SONNET] = Timing(first_token_ms=2600, tokens_per_s=60)
    runtime.paces["faq", "v2.1"] = Pace(first_token_ms=300, tokens_per_s=90, output_tokens=200)
    runtime.speed = 0.1                 ten times as fast; 0 is without any delay
    runtime.reply = lambda prompt: "..."
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mangaops.sandbox.listen import Drop
from mangaops.sandbox.overlay import Call, Handler, Paced
from mangaops.sandbox.services.bedrock_runtime.answer import (
    Answer,
    ask,
    is_whole,
    resolve,
    spoken,
    succeed,
)
from mangaops.sandbox.services.bedrock_runtime.pace import Pace
from mangaops.sandbox.services.bedrock_runtime.state import (
    BedrockRuntimeState,
    ModelFault,
    Timing,
    Where,
)
from mangaops.sandbox.services.bedrock_runtime.text import from_body, from_converse
from mangaops.sandbox.world import World

__all__ = ["OPERATIONS", "BedrockRuntimeState", "ModelFault", "Pace", "Timing", "Where"]

JSON = "application/json"


def invoke(world: World, call: Call) -> Mapping[str, Any]:
    answer = _asked_by_body(world, call)
    succeed(world, answer, streamed=False)
    body = {
        **_message(answer),
        "content": [{"type": "text", "text": answer.text}],
        "stop_reason": answer.stop_reason,
        "usage": {"input_tokens": answer.input_tokens, "output_tokens": len(answer.pieces)},
    }
    return Paced({"body": json.dumps(body).encode(), "contentType": JSON}, answer.seconds)


def invoke_stream(world: World, call: Call) -> Mapping[str, Any]:
    answer = _asked_by_body(world, call)
    return {"body": _chunks(world, answer), "contentType": JSON}


def converse(world: World, call: Call) -> Mapping[str, Any]:
    answer = _asked_by_converse(world, call)
    succeed(world, answer, streamed=False)
    message = {"role": "assistant", "content": [{"text": answer.text}]}
    whole = {
        "output": {"message": message},
        "stopReason": answer.stop_reason,
        **_usage(answer),
    }
    return Paced(whole, answer.seconds)


def converse_stream(world: World, call: Call) -> Mapping[str, Any]:
    return {"stream": _events(world, _asked_by_converse(world, call))}


def count_tokens(world: World, call: Call) -> Mapping[str, Any]:
    resolve(world, call.params["modelId"], bare=True)
    asked = call.params["input"]
    if "invokeModel" in asked:
        return {"inputTokens": from_body(asked["invokeModel"]["body"]).tokens}
    return {"inputTokens": from_converse(asked.get("converse", {})).tokens}


def _asked_by_body(world: World, call: Call) -> Answer:
    model = resolve(world, call.params["modelId"])
    return _sound(ask(world, call, from_body(call.params.get("body", b"")), model), call)


def _asked_by_converse(world: World, call: Call) -> Answer:
    model = resolve(world, call.params["modelId"])
    return _sound(ask(world, call, from_converse(call.params), model), call)


def _sound(answer: Answer, call: Call) -> Answer:
    """The answer, unless it is a whole one whose connection is to be cut."""
    cut = answer.fault is not None and answer.fault.where is Where.CUT
    if cut and not call.operation.endswith("Stream"):
        raise Drop(call.operation)
    return answer


def _events(world: World, answer: Answer) -> Iterator[dict[str, Any]]:
    """The events of ConverseStream; without `metadata` an answer is not complete."""
    yield {"messageStart": {"role": "assistant"}}
    for piece in spoken(world, answer):
        yield {"contentBlockDelta": {"delta": {"text": piece}, "contentBlockIndex": 0}}
    if not is_whole(answer):
        return
    succeed(world, answer, streamed=True)
    yield {"contentBlockStop": {"contentBlockIndex": 0}}
    yield {"messageStop": {"stopReason": answer.stop_reason}}
    yield {"metadata": _usage(answer)}


def _chunks(world: World, answer: Answer) -> Iterator[dict[str, Any]]:
    """The events of Anthropic's own stream, with Bedrock's figures in the last one."""
    usage = {"input_tokens": answer.input_tokens, "output_tokens": 1}
    yield _chunk("message_start", message={**_message(answer), "content": [], "usage": usage})
    yield _chunk("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in spoken(world, answer):
        yield _chunk("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    if not is_whole(answer):
        return
    succeed(world, answer, streamed=True)
    yield _chunk("content_block_stop", index=0)
    delta = {"stop_reason": answer.stop_reason, "stop_sequence": None}
    yield _chunk("message_delta", delta=delta, usage={"output_tokens": len(answer.pieces)})
    metrics = {
        "inputTokenCount": answer.input_tokens,
        "outputTokenCount": len(answer.pieces),
        "invocationLatency": answer.milliseconds,
        "firstByteLatency": round(answer.first_token_s * 1000),
    }
    yield _chunk("message_stop", **{"amazon-bedrock-invocationMetrics": metrics})


def _chunk(kind: str, **members: Any) -> dict[str, Any]:
    return {"chunk": {"bytes": json.dumps({"type": kind, **members}).encode()}}


def _message(answer: Answer) -> dict[str, Any]:
    return {
        "id": f"msg_bdrk_{round(answer.first_token_s * 1e9):012x}",
        "type": "message",
        "role": "assistant",
        "model": answer.model_id,
        "stop_reason": None,
        "stop_sequence": None,
    }


def _usage(answer: Answer) -> dict[str, Any]:
    output = len(answer.pieces)
    return {
        "usage": {
            "inputTokens": answer.input_tokens,
            "outputTokens": output,
            "totalTokens": answer.input_tokens + output,
        },
        "metrics": {"latencyMs": answer.milliseconds},
    }


OPERATIONS: Mapping[str, Handler] = {
    "InvokeModel": invoke,
    "InvokeModelWithResponseStream": invoke_stream,
    "Converse": converse,
    "ConverseStream": converse_stream,
    "CountTokens": count_tokens,
}
