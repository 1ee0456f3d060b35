"""One block of a message's content: whether it is whole, and what it has to do with tools.

Rule: a block has the form of Converse (`{"text": ...}`, one member). With InvokeModel it may
also have Anthropic's own (`{"type": "text", ...}`), which goes as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mangaops.fm.requests.issue import Issue, IssueCode

BLOCKS = frozenset(
    {
        "text",
        "image",
        "document",
        "video",
        "audio",
        "toolUse",
        "toolResult",
        "guardContent",
        "cachePoint",
        "reasoningContent",
        "citationsContent",
        "searchResult",
    }
)
"""The content blocks of Converse."""
_NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "image": ("format", "source"),
        "document": ("name", "source"),
        "video": ("format", "source"),
        "audio": ("format", "source"),
        "cachePoint": ("type",),
    }
)
"""What botocore refuses a block without."""
_IMAGES = frozenset({"png", "jpeg", "gif", "webp"})
_NATIVE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("text",),
        "image": ("source",),
        "document": ("source",),
        "tool_use": ("id", "name", "input"),
        "tool_result": ("tool_use_id",),
        "thinking": ("thinking", "signature"),
        "redacted_thinking": ("data",),
        "search_result": ("source", "title", "content"),
    }
)
"""Anthropic's own blocks, and what each must have."""
_OF_TOOLS = ("tool_use", "tool_result")


def block_issues(block: object, path: str, *, native: bool) -> Iterator[Issue]:
    """With `native` Anthropic's own blocks are taken too."""
    if not isinstance(block, Mapping):
        yield malformed(path, f"a block is a mapping, not {type(block).__name__}")
    elif not block:
        yield empty(path, "the block is empty")
    elif native and "type" in block:
        yield from _own(block, path)
    else:
        yield from _converse(block, path)


def used_tool(block: Mapping[str, Any]) -> str | None:
    """The id under which a tool is asked for; None of any other block."""
    if block.get("type") == "tool_use":
        return _text_or_none(block.get("id"))
    return _tool_use_id(block.get("toolUse"))


def answered_tool(block: Mapping[str, Any]) -> str | None:
    """The id of the use that this is the result of; None of any other block."""
    if block.get("type") == "tool_result":
        return _text_or_none(block.get("tool_use_id"))
    return _tool_use_id(block.get("toolResult"))


def is_tool_use(block: Mapping[str, Any]) -> bool:
    return "toolUse" in block or block.get("type") == "tool_use"


def is_tool_result(block: Mapping[str, Any]) -> bool:
    return "toolResult" in block or block.get("type") == "tool_result"


def empty(path: str, message: str) -> Issue:
    return Issue(code=IssueCode.CONTENT_EMPTY, path=path, message=message)


def malformed(path: str, message: str) -> Issue:
    return Issue(code=IssueCode.BLOCK_MALFORMED, path=path, message=message)


def _own(block: Mapping[str, Any], path: str) -> Iterator[Issue]:
    kind = block["type"]
    needed = _NATIVE.get(kind) if isinstance(kind, str) else None
    if needed is None:
        yield malformed(f"{path}.type", f"one of {', '.join(_NATIVE)}")
        return
    if kind == "text":
        yield from _text(block.get("text"), f"{path}.text")
        return
    missing = [name for name in needed if block.get(name) in (None, "")]
    if missing:
        yield malformed(path, f"needs {' and '.join(missing)}")
    elif kind == "tool_use" and not isinstance(block["input"], Mapping):
        yield malformed(f"{path}.input", "the input of a tool is a mapping")
    elif kind in _OF_TOOLS and (used_tool(block) or answered_tool(block)) is None:
        yield malformed(path, "the id of a tool's use is a text")


def _converse(block: Mapping[str, Any], path: str) -> Iterator[Issue]:
    if len(block) > 1 or not block.keys() <= BLOCKS:
        told = "several" if len(block) > 1 else "another"
        yield malformed(path, f"a block has one member, one of Converse's, not {told}")
    for name in sorted(block.keys() & BLOCKS):
        held, place = block[name], f"{path}.{name}"
        match name:
            case "text":
                yield from _text(held, place)
            case "toolUse":
                yield from _tool_use(held, place)
            case "toolResult":
                yield from _tool_result(held, place)
            case _:
                yield from _other(name, held, place)


def _text(text: object, path: str) -> Iterator[Issue]:
    if text is not None and not isinstance(text, str):
        yield malformed(path, f"a text is a string, not {type(text).__name__}")
    elif not text or not text.strip():
        yield empty(path, "the text is empty")


def _tool_use(use: object, path: str) -> Iterator[Issue]:
    names = ("toolUseId", "name")
    if not isinstance(use, Mapping) or not all(_text_or_none(use.get(name)) for name in names):
        yield malformed(path, "needs toolUseId, name and input")
    elif not isinstance(use.get("input"), Mapping):
        yield malformed(f"{path}.input", "the input of a tool is a mapping")


def _tool_result(result: object, path: str) -> Iterator[Issue]:
    if not isinstance(result, Mapping) or not _text_or_none(result.get("toolUseId")):
        yield malformed(path, "needs toolUseId and content")
    elif not isinstance(result.get("content"), list | tuple):
        yield malformed(f"{path}.content", "the content of a result is a list")


def _other(name: str, held: object, path: str) -> Iterator[Issue]:
    if not isinstance(held, Mapping):
        yield malformed(path, f"a mapping, not {type(held).__name__}")
        return
    needed = _NEEDS.get(name, ())
    if missing := [one for one in needed if held.get(one) in (None, "")]:
        yield malformed(path, f"needs {' and '.join(missing)}")
        return
    if "source" in needed:
        yield from _source(held["source"], f"{path}.source")
    if name == "image" and held["format"] not in sorted(_IMAGES):
        yield malformed(f"{path}.format", f"one of {', '.join(sorted(_IMAGES))}")


def _source(source: object, path: str) -> Iterator[Issue]:
    if not isinstance(source, Mapping) or len(source) != 1:
        yield malformed(path, "a source has one member, such as bytes")
    elif "bytes" in source and not source["bytes"]:
        yield empty(f"{path}.bytes", "there are no bytes")


def _tool_use_id(held: object) -> str | None:
    return _text_or_none(held.get("toolUseId")) if isinstance(held, Mapping) else None


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
