"""A request as one model takes it: what it does not take is not sent, or said otherwise.

Rule: the meaning stays. The beginning of an answer becomes a request to go on from it, tool
blocks become text, cache points vanish, `max_tokens` is capped to what the model writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mangaops.fm.requests.blocks import is_tool_use
from mangaops.fm.requests.conversation import ASSISTANT, USER, blocks_of, role_of
from mangaops.fm.requests.registry import Capability, ModelSpec
from mangaops.fm.requests.request import Request

GO_ON = "Go on exactly where your last message ends. Do not repeat any of it."
"""Says in words what a model without prefill is not told by the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """`omitted` names what was not sent as it was asked for, by its path."""

    request: Request
    omitted: tuple[str, ...] = ()


def adapt(request: Request, spec: ModelSpec | None) -> Adapted:
    """For a model of which nothing is known (None), all that is optional is left out."""
    takes = frozenset[Capability]() if spec is None else spec.capabilities
    changes = _sampling(request, takes)
    omitted = list(changes)
    messages = request.messages
    if Capability.PROMPT_CACHE not in takes:
        messages, points = _without_cache_points(messages)
        tools = tuple(tool for tool in request.tools if "cachePoint" not in tool)
        if request.cached or points or len(tools) < len(request.tools):
            changes |= {"cached": False, "tools": tools}
            omitted.append("cached")
    if Capability.TOOLS not in takes:
        messages, used = _without_tools(messages)
        if request.tools or used:
            changes["tools"] = ()
            omitted.append("tools")
    if messages and role_of(messages[-1]) == ASSISTANT and not _asks(messages[-1]):
        if Capability.PREFILL in takes:
            messages = (*messages[:-1], _without_last_space(messages[-1]))
        else:
            messages = (*messages, {"role": USER, "content": [{"text": GO_ON}]})
            omitted.append("prefill")
    changes["messages"] = messages
    changes["max_tokens"] = _capped(request.max_tokens, spec)
    if changes["max_tokens"] != request.max_tokens:
        omitted.append("max_tokens")
    return Adapted(request=_with(request, changes), omitted=tuple(omitted))


def _with(request: Request, changes: Mapping[str, Any]) -> Request:
    same = all(value is getattr(request, name) for name, value in changes.items())
    return request if same else replace(request, **changes)


def _sampling(request: Request, takes: frozenset[Capability]) -> dict[str, Any]:
    """What changes of the parameters of sampling."""
    wanted: tuple[tuple[str, Capability, Any], ...] = (
        ("temperature", Capability.TEMPERATURE, None),
        ("top_p", Capability.TOP_P, None),
        ("top_k", Capability.TOP_K, None),
        ("stop_sequences", Capability.STOP_SEQUENCES, ()),
    )
    changes = {
        name: nothing
        for name, capability, nothing in wanted
        if getattr(request, name) not in (None, ()) and capability not in takes
    }
    temperature = changes.get("temperature", request.temperature)
    top_p = changes.get("top_p", request.top_p)
    together = temperature is not None and top_p is not None
    if together and Capability.TEMPERATURE_WITH_TOP_P not in takes:
        changes["top_p"] = None
    return changes


def _capped(asked: int | None, spec: ModelSpec | None) -> int | None:
    if asked is None or spec is None:
        return asked
    return min(asked, spec.max_output_tokens)


Messages = tuple[Mapping[str, Any], ...]


def _without_cache_points(messages: Messages) -> tuple[Messages, bool]:
    def keep(block: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if "cache_control" in block:  # Anthropic's own
            return {name: held for name, held in block.items() if name != "cache_control"}
        return None if "cachePoint" in block else block

    return _each_block(messages, keep)


def _without_tools(messages: Messages) -> tuple[Messages, bool]:
    return _each_block(messages, _said)


def _said(block: Mapping[str, Any]) -> Mapping[str, Any]:
    match block:
        case {"toolUse": {"name": name, **use}} | {"type": "tool_use", "name": name, **use}:
            return {"text": f"[{name} was asked for {_json(use.get('input'))}]"}
        case {"toolResult": {"content": content}}:
            return {"text": f"[It answered {_json(content)}]"}
        case {"type": "tool_result", **result}:
            return {"text": f"[It answered {_json(result.get('content'))}]"}
        case _:
            return block


def _asks(message: Mapping[str, Any]) -> bool:
    """For a tool; what follows is its result and nobody's words."""
    return any(map(is_tool_use, blocks_of(message)))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda _: "...")


def _each_block(messages: Messages, change: Any) -> tuple[Messages, bool]:
    """The messages with each block changed, and whether any was."""
    done: list[Mapping[str, Any]] = []
    for message in messages:
        content = message.get("content")
        if not isinstance(content, list | tuple):
            done.append(message)
            continue
        blocks = [change(block) if isinstance(block, Mapping) else block for block in content]
        if all(after is before for after, before in zip(blocks, content, strict=True)):
            done.append(message)
            continue
        done.append({**message, "content": [block for block in blocks if block is not None]})
    changed = any(new is not old for new, old in zip(done, messages, strict=True))
    return (tuple(done) if changed else messages), changed


def _without_last_space(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Models refuse the beginning of an answer that ends in a space."""
    content = message.get("content")
    if isinstance(content, str):
        return {**message, "content": content.rstrip()}
    if not isinstance(content, list | tuple):
        return message
    blocks = list(content)
    for index in reversed(range(len(blocks))):
        match blocks[index]:
            case {"cachePoint": _}:
                continue  # no word of the answer
            case {"text": str(text), **more}:
                blocks[index] = {**more, "text": text.rstrip()}
            case _:
                pass
        break
    return {**message, "content": blocks}
