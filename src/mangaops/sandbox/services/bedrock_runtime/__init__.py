"""Bedrock Runtime: models that answer at their own pace, and fail as they are told to.

Rule: an unknown or retired id is 404, a base id where a profile is needed is a
ValidationException, and what a call cost is published in AWS/Bedrock as AWS does it. What
reached the models is written down, so that a client's story can be held against it.
A version of a prompt that has a pace is answered at it: its system prompt is a template of
the prompt table, or the caller names it in the request metadata of Converse.
Known cost: the words are canned, tools and guardrails are not looked at, and a token is
a Japanese character or about four others.

    asking.py     who is asked, and the errors that come instead of an answer
    answer.py     what will be said, in which blocks and pieces, and when
    speaking.py   a stream at the model's pace, up to the fault within it
    forms.py      Converse's form of an answer, and Anthropic's own
    damage.py     what is done to the bytes on their way
    refusal.py    errors with their hints, and the metrics of AWS/Bedrock
    asked.py      what reached the models: the provider's view
    pace.py       distributions of times and lengths by version of a prompt
    state.py      what a scenario can set
    text.py       tokens, and the requests
    version.py    which version of a prompt is asked with

For scenarios (`runtime = world.state(BedrockRuntimeState)`; all ways to fail are in
`mangaops.sandbox.model_faults`, with names in `model_chaos`):

    runtime.faults.append(ModelFault(model="*sonnet*", code="ThrottlingException", share=0.4))
    runtime.set_faults([ModelFault(code="ServiceUnavailableException", for_s=60)])
    ModelFault(code="ModelTimeoutException", delay_s=3)        408 after three seconds
    ModelFault(code="ModelStreamErrorException", where=Where.STREAM, after=5)
    ModelFault(where=Where.CUT)         the connection is dropped within the stream
    ModelFault(where=Where.TRUNCATED)   the stream ends without its last events
    ModelFault(where=Where.OUTPUT, text="{not json")
    runtime.timing[SONNET] = Timing(first_token_ms=2600, tokens_per_s=60)
    runtime.paces["faq", "v2.1"] = Pace(first_token_ms=300, tokens_per_s=90, output_tokens=200)
    runtime.speed = 0.1                 ten times as fast; 0 is without any delay
    runtime.reply = lambda prompt: "..."
    runtime.calls.all()                 the provider's view
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mangaops.sandbox.model_faults import Block, BlockKind, Hint, ModelFault, Where
from mangaops.sandbox.overlay import Call, Damaged, Handler, Paced
from mangaops.sandbox.services.bedrock_runtime import forms
from mangaops.sandbox.services.bedrock_runtime.answer import Answer
from mangaops.sandbox.services.bedrock_runtime.asked import ModelCall
from mangaops.sandbox.services.bedrock_runtime.asking import ask, resolve, struck, written_down
from mangaops.sandbox.services.bedrock_runtime.damage import damage_of
from mangaops.sandbox.services.bedrock_runtime.pace import Pace
from mangaops.sandbox.services.bedrock_runtime.refusal import succeed
from mangaops.sandbox.services.bedrock_runtime.speaking import spoken
from mangaops.sandbox.services.bedrock_runtime.state import BedrockRuntimeState, Timing
from mangaops.sandbox.services.bedrock_runtime.text import from_body, from_converse
from mangaops.sandbox.world import World

__all__ = [
    "OPERATIONS",
    "BedrockRuntimeState",
    "Block",
    "BlockKind",
    "Hint",
    "ModelCall",
    "ModelFault",
    "Pace",
    "Timing",
    "Where",
]

JSON = "application/json"


def invoke(world: World, call: Call) -> Mapping[str, Any]:
    answer = _asked_by_body(world, call)
    succeed(world, answer, streamed=False)
    body = json.dumps(forms.anthropic_message(answer)).encode()
    return _paced(world, answer, {"body": body, "contentType": JSON})


def invoke_stream(world: World, call: Call) -> Mapping[str, Any]:
    answer = _asked_by_body(world, call)
    events = _chunks(world, answer)
    return {"body": _on_its_way(world, answer, events, forms.ANTHROPIC_LEAD), "contentType": JSON}


def converse(world: World, call: Call) -> Mapping[str, Any]:
    answer = _asked_by_converse(world, call)
    succeed(world, answer, streamed=False)
    return _paced(world, answer, forms.converse_message(answer))


def converse_stream(world: World, call: Call) -> Mapping[str, Any]:
    answer = _asked_by_converse(world, call)
    return {"stream": _on_its_way(world, answer, _events(world, answer), forms.CONVERSE_LEAD)}


def count_tokens(world: World, call: Call) -> Mapping[str, Any]:
    with written_down(world, call) as line:
        resolve(world, call.params["modelId"], bare=True)
        fault = struck(world, call, line)
        asked = call.params["input"]
        if "invokeModel" in asked:
            tokens = from_body(asked["invokeModel"]["body"]).tokens
        else:
            tokens = from_converse(asked.get("converse", {})).tokens
    return Paced({"inputTokens": tokens}, 0.0 if fault is None else fault.delay_s)


def _asked_by_body(world: World, call: Call) -> Answer:
    with written_down(world, call) as line:
        model = resolve(world, call.params["modelId"])
        return ask(world, call, from_body(call.params.get("body", b"")), model, line)


def _asked_by_converse(world: World, call: Call) -> Answer:
    with written_down(world, call) as line:
        model = resolve(world, call.params["modelId"])
        return ask(world, call, from_converse(call.params), model, line)


def _paced(world: World, answer: Answer, whole: Mapping[str, Any]) -> Paced:
    sleep = world.state(BedrockRuntimeState).sleep
    return Paced(whole, answer.seconds, damage_of(answer.fault, sleep, 0))


def _on_its_way(
    world: World, answer: Answer, events: Iterator[dict[str, Any]], lead: int
) -> Iterator[dict[str, Any]] | Damaged:
    """The events, with what happens to their bytes; `lead` of them come before any text."""
    damage = damage_of(answer.fault, world.state(BedrockRuntimeState).sleep, lead)
    return events if damage is None else Damaged(events, damage)


def _events(world: World, answer: Answer) -> Iterator[dict[str, Any]]:
    """The events of ConverseStream; without `metadata` an answer is not complete."""
    state = world.state(BedrockRuntimeState)
    yield from forms.converse_events(answer, spoken(state, answer))
    if answer.is_whole:
        succeed(world, answer, streamed=True)
        yield from forms.converse_end(answer)


def _chunks(world: World, answer: Answer) -> Iterator[dict[str, Any]]:
    """The events of Anthropic's own stream, with Bedrock's figures in the last one."""
    state = world.state(BedrockRuntimeState)
    yield from forms.anthropic_chunks(answer, spoken(state, answer))
    if answer.is_whole:
        succeed(world, answer, streamed=True)
        yield from forms.anthropic_end(answer)


OPERATIONS: Mapping[str, Handler] = {
    "InvokeModel": invoke,
    "InvokeModelWithResponseStream": invoke_stream,
    "Converse": converse,
    "ConverseStream": converse_stream,
    "CountTokens": count_tokens,
}
