"""The pieces of an answer, gathered block by block as they come.

Blocks are told in Converse's form whichever interface they came by, each by its type: text is
shown, a tool's input or a model's reasoning is kept and not shown as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, assert_never


class Kind(Enum):
    TEXT = auto()
    TOOL = auto()
    REASONING = auto()


@dataclass(slots=True, kw_only=True)
class _Block:
    kind: Kind
    pieces: list[str] = field(default_factory=list)
    head: Mapping[str, Any] = field(default_factory=dict)
    signature: str = ""
    redacted: bytes = b""

    def told(self) -> Mapping[str, Any]:
        joined = "".join(self.pieces)
        match self.kind:
            case Kind.TEXT:
                return {"text": joined}
            case Kind.TOOL:
                return {"toolUse": {**self.head, "input": _input(joined)}}
            case Kind.REASONING:
                if self.redacted:
                    return {"reasoningContent": {"redactedContent": self.redacted}}
                signed = {"signature": self.signature} if self.signature else {}
                return {"reasoningContent": {"reasoningText": {"text": joined, **signed}}}
        assert_never(self.kind)


class Gathered:
    """Each method says whether what came is content: that is more than nothing."""

    def __init__(self) -> None:
        self._blocks: dict[tuple[int, Kind], _Block] = {}

    def blocks(self) -> tuple[Mapping[str, Any], ...]:
        """A tool's input that does not parse (a cut one) is told as the text that came."""
        return tuple(block.told() for block in self._blocks.values())

    def begin_tool(self, index: int, identity: str, name: str) -> bool:
        is_new = (index, Kind.TOOL) not in self._blocks
        self._at(index, Kind.TOOL).head = {"toolUseId": identity, "name": name}
        return is_new

    def text(self, index: int, text: str) -> bool:
        return self._add(index, Kind.TEXT, text)

    def tool_input(self, index: int, text: str) -> bool:
        return self._add(index, Kind.TOOL, text)

    def reasoning(self, index: int, text: str) -> bool:
        return self._add(index, Kind.REASONING, text)

    def signature(self, index: int, text: str) -> bool:
        self._at(index, Kind.REASONING).signature += text
        return bool(text)

    def redacted(self, index: int, data: bytes) -> bool:
        self._at(index, Kind.REASONING).redacted += data
        return bool(data)

    def _add(self, index: int, kind: Kind, text: str) -> bool:
        if text:
            self._at(index, kind).pieces.append(text)
        return bool(text)

    def _at(self, index: int, kind: Kind) -> _Block:
        block = self._blocks.get((index, kind))
        if block is None:
            block = self._blocks[index, kind] = _Block(kind=kind)
        return block


def blocks_of_anthropic(content: Any) -> tuple[Mapping[str, Any], ...]:
    """The content of a whole answer of InvokeModel; what is of no known type stays as it is."""
    blocks = content if isinstance(content, list) else []
    return tuple(_block_of_anthropic(block) for block in blocks if isinstance(block, dict))


def _block_of_anthropic(block: Mapping[str, Any]) -> Mapping[str, Any]:
    match block:
        case {"type": "text", "text": str(text)}:
            return {"text": text}
        case {"type": "tool_use", "id": made, "name": name, "input": given}:
            return {"toolUse": {"toolUseId": made, "name": name, "input": given}}
        case {"type": "thinking", "thinking": str(text), **more}:
            signed = {"signature": more["signature"]} if more.get("signature") else {}
            return {"reasoningContent": {"reasoningText": {"text": text, **signed}}}
        case {"type": "redacted_thinking", "data": str(data)}:
            return {"reasoningContent": {"redactedContent": data.encode()}}
        case _:
            return block


def _input(joined: str) -> Any:
    if not joined:
        return {}  # a tool without parameters
    try:
        return json.loads(joined)
    except (ValueError, RecursionError):
        return joined
