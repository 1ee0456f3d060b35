"""Whether the messages are a conversation that Converse takes: turns, content, tools' results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mangaops.fm.requests.issue import Issue, IssueCode

USER, ASSISTANT = "user", "assistant"
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


def conversation_issues(messages: object, *, native: bool = False) -> Iterator[Issue]:
    """All that is wrong with any message, except who has the last word.

    With `native` Anthropic's own blocks (`{"type": ...}`) are let through, as InvokeModel does.
    """
    if not isinstance(messages, list | tuple) or not messages:
        yield Issue(code=IssueCode.MESSAGES_MISSING, path="messages", message="there is no message")
        return
    yield from _roles(messages)
    for index, message in enumerate(messages):
        if isinstance(message, Mapping):
            path = f"messages[{index}].content"
            yield from _content(message.get("content"), path, native=native)
    yield from _tool_turns(messages)


def role_of(message: object) -> str | None:
    role = message.get("role") if isinstance(message, Mapping) else None
    return role if isinstance(role, str) else None


def blocks_of(message: object) -> Sequence[Mapping[str, Any]]:
    """The content blocks of a message; those of a plain text are one."""
    content = message.get("content") if isinstance(message, Mapping) else None
    if isinstance(content, str):
        return ({"text": content},)
    if not isinstance(content, list | tuple):
        return ()
    return [block for block in content if isinstance(block, Mapping)]


def _roles(messages: Sequence[Any]) -> Iterator[Issue]:
    before: str | None = None
    for index, message in enumerate(messages):
        path, role = f"messages[{index}].role", role_of(message)
        if not isinstance(message, Mapping):
            yield Issue(
                code=IssueCode.MESSAGE_MALFORMED,
                path=f"messages[{index}]",
                message=f"a message is a mapping, not {type(message).__name__}",
            )
        elif role not in (USER, ASSISTANT):
            told = "the system prompt is `system`" if role == "system" else "user or assistant"
            yield Issue(code=IssueCode.ROLE_UNKNOWN, path=path, message=f"no such role; {told}")
        elif index == 0 and role != USER:
            yield Issue(
                code=IssueCode.FIRST_NOT_USER, path=path, message="the first message is the user's"
            )
        elif role == before:
            yield Issue(
                code=IssueCode.ROLES_NOT_ALTERNATING,
                path=path,
                message=f"two messages of the {role} in a row: join them into one",
            )
        before = role


def _content(content: object, path: str, *, native: bool) -> Iterator[Issue]:
    if isinstance(content, str):
        if not content.strip():
            yield _empty(path, "the text is empty")
        return
    if content is None or (isinstance(content, list | tuple) and not content):
        yield _empty(path, "there is no content")
        return
    if not isinstance(content, list | tuple):
        yield _malformed(path, f"content is a text or blocks, not {type(content).__name__}")
        return
    for index, block in enumerate(content):
        yield from _block(block, f"{path}[{index}]", native=native)
    if all(isinstance(block, Mapping) and block.keys() == {"cachePoint"} for block in content):
        yield _empty(path, "there is nothing but a cache point")


def _block(block: object, path: str, *, native: bool) -> Iterator[Issue]:
    if not isinstance(block, Mapping):
        yield _malformed(path, f"a block is a mapping, not {type(block).__name__}")
        return
    if not block:
        yield _empty(path, "the block is empty")
        return
    own = native and isinstance(block.get("type"), str)
    if not own and (len(block) > 1 or not block.keys() <= BLOCKS):
        told = "several" if len(block) > 1 else "another"
        yield _malformed(path, f"a block has one member, one of Converse's, not {told}")
    if "text" in block:
        yield from _text(block["text"], f"{path}.text")
    if "toolUse" in block:
        yield from _tool_use(block["toolUse"], f"{path}.toolUse")
    if "toolResult" in block:
        yield from _tool_result(block["toolResult"], f"{path}.toolResult")


def _text(text: object, path: str) -> Iterator[Issue]:
    if text is not None and not isinstance(text, str):
        yield _malformed(path, f"a text is a string, not {type(text).__name__}")
    elif not text or not text.strip():
        yield _empty(path, "the text is empty")


def _tool_use(use: object, path: str) -> Iterator[Issue]:
    names = ("toolUseId", "name")
    if not isinstance(use, Mapping) or not all(_is_text(use.get(name)) for name in names):
        yield _malformed(path, "needs toolUseId, name and input")
    elif not isinstance(use.get("input"), Mapping):
        yield _malformed(f"{path}.input", "the input of a tool is a mapping")


def _tool_result(result: object, path: str) -> Iterator[Issue]:
    if not isinstance(result, Mapping) or not _is_text(result.get("toolUseId")):
        yield _malformed(path, "needs toolUseId and content")
    elif not isinstance(result.get("content"), list | tuple):
        yield _malformed(f"{path}.content", "the content of a result is a list")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


@dataclass(slots=True)
class _Asked:
    """The tools that the last message of the assistant asked for."""

    ids: set[str] = field(default_factory=set)
    path: str = ""


def _tool_turns(messages: Sequence[Any]) -> Iterator[Issue]:
    """Each use has its result in the next message, and each result its use in the one before."""
    asked = _Asked()
    for index, message in enumerate(messages):
        path = f"messages[{index}].content"
        seen: set[str] = set()
        for place, block in enumerate(blocks_of(message)):
            if (name := _id_in(block, "toolResult")) is None:
                continue
            if name not in asked.ids or name in seen:
                yield Issue(
                    code=IssueCode.TOOL_RESULT_UNASKED,
                    path=f"{path}[{place}].toolResult.toolUseId",
                    message="no tool use with this id in the message before, or a second result",
                )
            seen.add(name)
        if missing := asked.ids - seen:
            yield Issue(
                code=IssueCode.TOOL_RESULT_MISSING,
                path=path,
                message=f"{len(missing)} tool use(s) of {asked.path} have no result here",
            )
        used = [_id_in(block, "toolUse") for block in blocks_of(message)]
        ids = [one for one in used if one is not None]
        if len(set(ids)) < len(ids):
            yield _malformed(path, "two tool uses with one id")
        asked = _Asked(ids=set(ids), path=path)


def _id_in(block: Mapping[str, Any], member: str) -> str | None:
    held = block.get(member)
    found = held.get("toolUseId") if isinstance(held, Mapping) else None
    return found if isinstance(found, str) else None


def _empty(path: str, message: str) -> Issue:
    return Issue(code=IssueCode.CONTENT_EMPTY, path=path, message=message)


def _malformed(path: str, message: str) -> Issue:
    return Issue(code=IssueCode.BLOCK_MALFORMED, path=path, message=message)
