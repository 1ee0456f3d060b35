"""A request in the words of Bedrock's two interfaces. What a request leaves open is not sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mangaops.fm.requests.conversation import blocks_of
from mangaops.fm.requests.request import Request

ANTHROPIC_VERSION = "bedrock-2023-05-31"
_NOT_METADATA = re.compile(r"[^a-zA-Z0-9\s:_@$#=/+,.-]")
_LONGEST_METADATA = 256
_MOST_METADATA = 16
_CACHE_POINT: Mapping[str, Any] = {"cachePoint": {"type": "default"}}
_CACHED: Mapping[str, Any] = {"cache_control": {"type": "ephemeral"}}


def converse_body(model_id: str, request: Request) -> dict[str, Any]:
    """The parameters of Converse and ConverseStream."""
    body = {"modelId": model_id, **_asked(request)}
    body["inferenceConfig"] = _given(
        maxTokens=request.max_tokens,
        temperature=request.temperature,
        topP=request.top_p,
        stopSequences=list(request.stop_sequences) or None,
    )
    more = {} if request.top_k is None else {"additionalModelRequestFields": _top_k(request)}
    return {name: value for name, value in {**body, **more}.items() if value} | _metadata(request)


def invoke_body(model_id: str, request: Request) -> dict[str, Any]:
    """The parameters of InvokeModel and its stream; `body` is Anthropic's, as JSON.

    Raises ValueError for content that has no counterpart there, such as a video. The
    request's metadata goes with Converse only.
    """
    body = {
        "anthropic_version": ANTHROPIC_VERSION,
        "max_tokens": request.max_tokens,
        "system": _anthropic_system(request),
        "messages": [
            {"role": message["role"], "content": _anthropic_content(message["content"])}
            for message in request.messages
        ],
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
        "stop_sequences": list(request.stop_sequences) or None,
        "tools": [_anthropic_tool(tool) for tool in request.tools] or None,
    }
    return {
        "modelId": model_id,
        "contentType": "application/json",
        "accept": "application/json",
        "body": json.dumps(_given(**body), allow_nan=False).encode(),
    }


def count_body(model_id: str, request: Request) -> dict[str, Any]:
    """The parameters of CountTokens, which counts what Converse would read."""
    return {"modelId": model_id, "input": {"converse": _asked(request)}}


def _asked(request: Request) -> dict[str, Any]:
    """What a model reads."""
    system: list[Mapping[str, Any]] = [{"text": request.system}] if request.system else []
    if system and request.cached:
        system.append(_CACHE_POINT)
    asked: dict[str, Any] = {
        "messages": [
            {"role": message["role"], "content": list(blocks_of(message))}
            for message in request.messages
        ]
    }
    if system:
        asked["system"] = system
    if request.tools:
        asked["toolConfig"] = {"tools": [dict(tool) for tool in request.tools]}
    return asked


def _top_k(request: Request) -> Mapping[str, Any]:
    return {"top_k": request.top_k}


def _metadata(request: Request) -> dict[str, Any]:
    """Within AWS's alphabet and lengths: a label must not make a call fail."""
    kept = {
        _clean(name): _clean(value)
        for name, value in list(request.metadata.items())[:_MOST_METADATA]
        if name
    }
    return {"requestMetadata": kept} if kept else {}


def _clean(text: str) -> str:
    return _NOT_METADATA.sub("-", text)[:_LONGEST_METADATA]


def _anthropic_system(request: Request) -> Any:
    if not request.cached or not request.system:
        return request.system or None
    return [{"type": "text", "text": request.system, **_CACHED}]


def _anthropic_tool(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    match tool:
        case {"toolSpec": {"name": str(name), "inputSchema": {"json": schema}, **more}}:
            return _given(name=name, description=more.get("description"), input_schema=schema)
        case _:
            raise _refused(tool, "tool")


def _anthropic_content(content: str | Iterable[Mapping[str, Any]]) -> Any:
    if isinstance(content, str):
        return content
    blocks: list[dict[str, Any]] = []
    for block in content:
        if "cachePoint" in block and blocks:
            blocks[-1].update(_CACHED)
        else:
            blocks.append(_anthropic_block(block))
    return blocks


def _anthropic_block(block: Mapping[str, Any]) -> dict[str, Any]:
    match block:
        case {"text": str(text)}:
            return {"type": "text", "text": text}
        case {"toolUse": {"toolUseId": str(made), "name": str(name), "input": given}}:
            return {"type": "tool_use", "id": made, "name": name, "input": given}
        case {"toolResult": {"toolUseId": str(made), "content": content, **more}}:
            told = [_tool_result(part) for part in content]
            failed = {"is_error": True} if more.get("status") == "error" else {}
            return {"type": "tool_result", "tool_use_id": made, "content": told, **failed}
        case {"reasoningContent": {"reasoningText": {"text": str(text), **more}}}:
            return {"type": "thinking", "thinking": text, "signature": more.get("signature", "")}
        case {"type": str()}:
            return dict(block)
        case _:
            raise _refused(block, "content block")


def _tool_result(part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "json" in part:
        return {"type": "text", "text": json.dumps(part["json"], allow_nan=False)}
    return _anthropic_block(part)


def _refused(value: Mapping[str, Any], what: str) -> ValueError:
    keys = ", ".join(sorted(map(str, value)))
    return ValueError(f"InvokeModel takes no {what} with {keys}; ask with Converse")


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
