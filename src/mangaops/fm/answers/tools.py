"""The tools that an answer asks for, and whether they may be called.

Rule: a call may be acted on only when all of it came, it can be read, and its tool was offered.
Reason: whoever gets a call of a tool does what it says: puts two of something into a cart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.fm.answers.stop_reason import StopKind, kind_of
from mangaops.fm.requests.request import Request
from mangaops.fm.transport.raw import RawAnswer

CALLS = "toolUse"


def tools_of(raw: RawAnswer) -> tuple[Mapping[str, Any], ...]:
    return tuple(block[CALLS] for block in blocks_in(raw.blocks) if CALLS in block)


def blocks_in(blocks: object) -> tuple[Mapping[str, Any], ...]:
    """What is no block is left out: it says nothing."""
    given = blocks if isinstance(blocks, list | tuple) else ()
    return tuple(block for block in given if isinstance(block, Mapping))


def tool_problem(raw: RawAnswer, request: Request) -> str | None:
    """Why its calls of tools cannot be acted on; None when they can, or there are none."""
    tools = tools_of(raw)
    if not tools:
        promised = str(raw.stop_reason).strip().lower() == "tool_use"
        return "it stopped for a tool, and calls none" if promised else None
    match kind_of(raw.stop_reason):
        case StopKind.COMPLETE:
            return _wrong(tools, request)
        case StopKind.TRUNCATED:
            return "its call of a tool was cut"
        case StopKind.MALFORMED:
            return "the model says that its answer is malformed"
        case _:
            return "nothing says that its call of a tool is whole"


def _wrong(tools: tuple[Any, ...], request: Request) -> str | None:
    offered = [_name(tool) for tool in request.tools]
    for tool in tools:
        if not isinstance(tool, Mapping) or not isinstance(tool.get("input"), Mapping):
            return "its call of a tool cannot be read"
        if not isinstance(tool.get("toolUseId"), str) or not isinstance(tool.get("name"), str):
            return "its call of a tool cannot be read"
        if tool.get("name") not in offered:
            return "it calls a tool that it was not offered"
    return None


def _name(tool: Any) -> Any:
    spec = tool.get("toolSpec") if isinstance(tool, Mapping) else None
    return spec.get("name") if isinstance(spec, Mapping) else None
