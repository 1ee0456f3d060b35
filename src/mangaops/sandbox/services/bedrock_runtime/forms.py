"""An answer in the two forms that Bedrock gives it: Converse's, and Anthropic's own.

Both are made of the same blocks and pieces. A block without text is a block; an answer
without blocks is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, assert_never

from mangaops.sandbox.model_faults import Block, BlockKind, Where
from mangaops.sandbox.services.bedrock_runtime.answer import Answer, Spoken

CONVERSE_LEAD = 1
ANTHROPIC_LEAD = 2
"""How many events come before the first piece of text."""

_TO_ANTHROPIC: Mapping[str, str] = {
    "content_filtered": "refusal",
    "guardrail_intervened": "end_turn",
}
_TO_CONVERSE: Mapping[str, str] = {"refusal": "content_filtered"}
"""Converse's StopReason has no refusal; Anthropic's form says a guardrail's in a member."""
_SIGNATURE = "c2lnbmVk"


def converse_message(answer: Answer) -> dict[str, Any]:
    content = [_converse_block(block, number) for number, block in enumerate(answer.blocks)]
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": _TO_CONVERSE.get(answer.stop_reason, answer.stop_reason),
        **_figures(answer),
    }


def _converse_block(block: Block, number: int) -> dict[str, Any]:
    match block.kind:
        case BlockKind.TEXT:
            return {"text": block.text}
        case BlockKind.THINKING:
            thought = {"text": block.text, "signature": _SIGNATURE}
            return {"reasoningContent": {"reasoningText": thought}}
        case BlockKind.TOOL_USE:
            return {"toolUse": {**_tool(block, number), "input": _input(block)}}
        case _:
            assert_never(block.kind)


def _input(block: Block) -> Any:
    """A tool's input; what is cut within its JSON arrives as nothing."""
    try:
        return json.loads(block.text)
    except ValueError:
        return {}


def _tool(block: Block, number: int) -> dict[str, str]:
    return {"toolUseId": f"tooluse_{number:08d}", "name": block.name}


def converse_events(answer: Answer, spoken: Iterable[Spoken]) -> Iterator[dict[str, Any]]:
    """Up to the end of the last block. A ping is a piece without text."""
    open_block = None
    for number, piece in spoken:
        if number == -1:
            yield {"messageStart": {"role": "assistant"}}
            continue
        block = answer.blocks[number]
        if number != open_block:
            if open_block is not None:
                yield {"contentBlockStop": {"contentBlockIndex": open_block}}
            if block.kind is BlockKind.TOOL_USE:
                start = {"toolUse": _tool(block, number)}
                yield {"contentBlockStart": {"start": start, "contentBlockIndex": number}}
            open_block = number
        delta = _converse_delta(block.kind, piece)
        yield {"contentBlockDelta": {"delta": delta, "contentBlockIndex": number}}
    if open_block is not None and answer.is_whole:
        yield {"contentBlockStop": {"contentBlockIndex": open_block}}


def _converse_delta(kind: BlockKind, piece: str) -> dict[str, Any]:
    match kind:
        case BlockKind.TEXT:
            return {"text": piece}
        case BlockKind.THINKING:
            return {"reasoningContent": {"text": piece}}
        case BlockKind.TOOL_USE:
            return {"toolUse": {"input": piece}}
        case _:
            assert_never(kind)


def converse_end(answer: Answer) -> Iterator[dict[str, Any]]:
    reason = _TO_CONVERSE.get(answer.stop_reason, answer.stop_reason)
    if not answer.is_struck(Where.NO_STOP):
        yield {"messageStop": {"stopReason": reason}}
    if not answer.is_struck(Where.NO_USAGE):
        yield {"metadata": _figures(answer)}


def _figures(answer: Answer) -> dict[str, Any]:
    output = len(answer.pieces)
    return {
        "usage": {
            "inputTokens": answer.input_tokens,
            "outputTokens": output,
            "totalTokens": answer.input_tokens + output,
        },
        "metrics": {"latencyMs": answer.milliseconds},
    }


def anthropic_message(answer: Answer) -> dict[str, Any]:
    content = [_anthropic_block(block, number) for number, block in enumerate(answer.blocks)]
    return {
        **_message(answer),
        "content": content,
        **_stopped(answer),
        "usage": {"input_tokens": answer.input_tokens, "output_tokens": len(answer.pieces)},
    }


def _message(answer: Answer) -> dict[str, Any]:
    return {
        "id": f"msg_bdrk_{round(answer.first_token_s * 1e9):012x}",
        "type": "message",
        "role": "assistant",
        "model": answer.model_id,
        "stop_reason": None,
        "stop_sequence": None,
    }


def _stopped(answer: Answer) -> dict[str, Any]:
    reason = _TO_ANTHROPIC.get(answer.stop_reason, answer.stop_reason)
    said: dict[str, Any] = {"stop_reason": reason}
    if answer.stop_reason == "guardrail_intervened":
        said["amazon-bedrock-guardrailAction"] = "INTERVENED"
    return said


def _anthropic_block(block: Block, number: int) -> dict[str, Any]:
    match block.kind:
        case BlockKind.TEXT:
            return {"type": "text", "text": block.text}
        case BlockKind.THINKING:
            return {"type": "thinking", "thinking": block.text, "signature": _SIGNATURE}
        case BlockKind.TOOL_USE:
            named = {"id": f"toolu_bdrk_{number:08d}", "name": block.name}
            return {"type": "tool_use", **named, "input": _input(block)}
        case _:
            assert_never(block.kind)


def anthropic_chunks(answer: Answer, spoken: Iterable[Spoken]) -> Iterator[dict[str, Any]]:
    """Up to the end of the last block."""
    open_block = None
    for number, piece in spoken:
        if number == -1:
            usage = {"input_tokens": answer.input_tokens, "output_tokens": 1}
            told = {} if answer.is_struck(Where.NO_USAGE) else {"usage": usage}
            yield _chunk("message_start", message={**_message(answer), "content": [], **told})
            continue
        if number != open_block:
            if open_block is not None:
                yield _chunk("content_block_stop", index=open_block)
            empty = _anthropic_block(Block(kind=answer.blocks[number].kind), number)
            named = {"name": answer.blocks[number].name} if "name" in empty else {}
            yield _chunk("content_block_start", index=number, content_block={**empty, **named})
            open_block = number
        if not piece:
            yield _chunk("ping")
            continue
        delta = _anthropic_delta(answer.blocks[number].kind, piece)
        yield _chunk("content_block_delta", index=number, delta=delta)
    if open_block is not None and answer.is_whole:
        yield _chunk("content_block_stop", index=open_block)


def _anthropic_delta(kind: BlockKind, piece: str) -> dict[str, Any]:
    match kind:
        case BlockKind.TEXT:
            return {"type": "text_delta", "text": piece}
        case BlockKind.THINKING:
            return {"type": "thinking_delta", "thinking": piece}
        case BlockKind.TOOL_USE:
            return {"type": "input_json_delta", "partial_json": piece}
        case _:
            assert_never(kind)


def anthropic_end(answer: Answer) -> Iterator[dict[str, Any]]:
    """The last events, with Bedrock's own figures in the very last one."""
    output = len(answer.pieces)
    usage = {} if answer.is_struck(Where.NO_USAGE) else {"usage": {"output_tokens": output}}
    if answer.is_struck(Where.NO_STOP):
        yield _chunk("message_delta", delta={}, **usage)
        return
    delta = {"stop_sequence": None, **_stopped(answer)}
    yield _chunk("message_delta", delta=delta, **usage)
    metrics = {
        "inputTokenCount": answer.input_tokens,
        "outputTokenCount": output,
        "invocationLatency": answer.milliseconds,
        "firstByteLatency": round(answer.first_token_s * 1000),
    }
    told = {"amazon-bedrock-invocationMetrics": metrics} if usage else {}
    yield _chunk("message_stop", **told)


def _chunk(kind: str, **members: Any) -> dict[str, Any]:
    return {"chunk": {"bytes": json.dumps({"type": kind, **members}).encode()}}
