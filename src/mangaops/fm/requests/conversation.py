"""Whether the messages are a conversation that a model takes: turns, content, tools' results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mangaops.fm.requests.blocks import (
    answered_tool,
    block_issues,
    empty,
    malformed,
    used_tool,
)
from mangaops.fm.requests.issue import Issue, IssueCode

USER, ASSISTANT = "user", "assistant"
FIELDS = frozenset({"role", "content"})
"""Of a message; botocore refuses any other."""


def conversation_issues(messages: object, *, native: bool = False) -> Iterator[Issue]:
    """All that is wrong with any message, except who has the last word.

    With `native` Anthropic's own blocks (`{"type": ...}`) are taken too, as InvokeModel does.
    """
    if not isinstance(messages, list | tuple) or not messages:
        yield Issue(code=IssueCode.MESSAGES_MISSING, path="messages", message="there is no message")
        return
    yield from _roles(messages)
    for index, message in enumerate(messages):
        if isinstance(message, Mapping):
            path = f"messages[{index}].content"
            yield from _content(message.get("content"), path, native=native)
            if not message.keys() <= FIELDS:
                told = "a message has a role and a content, and nothing else"
                yield Issue(
                    code=IssueCode.MESSAGE_MALFORMED, path=f"messages[{index}]", message=told
                )
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
            yield empty(path, "the text is empty")
        return
    if content is None or (isinstance(content, list | tuple) and not content):
        yield empty(path, "there is no content")
        return
    if not isinstance(content, list | tuple):
        yield malformed(path, f"content is a text or blocks, not {type(content).__name__}")
        return
    for index, block in enumerate(content):
        yield from block_issues(block, f"{path}[{index}]", native=native)
    if all(isinstance(block, Mapping) and block.keys() == {"cachePoint"} for block in content):
        yield empty(path, "there is nothing but a cache point")


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
            if (name := answered_tool(block)) is None:
                continue
            if name not in asked.ids or name in seen:
                yield Issue(
                    code=IssueCode.TOOL_RESULT_UNASKED,
                    path=f"{path}[{place}].{_ID_OF_RESULT['toolResult' in block]}",
                    message="no tool use with this id in the message before, or a second result",
                )
            seen.add(name)
        if missing := asked.ids - seen:
            yield Issue(
                code=IssueCode.TOOL_RESULT_MISSING,
                path=path,
                message=f"{len(missing)} tool use(s) of {asked.path} have no result here",
            )
        used = [used_tool(block) for block in blocks_of(message)]
        ids = [one for one in used if one is not None]
        if len(set(ids)) < len(ids):
            yield malformed(path, "two tool uses with one id")
        asked = _Asked(ids=set(ids), path=path)
    if asked.ids:
        yield Issue(
            code=IssueCode.TOOL_RESULT_MISSING,
            path=asked.path,
            message=f"{len(asked.ids)} tool use(s), and the conversation ends without their result",
        )


_ID_OF_RESULT = {True: "toolResult.toolUseId", False: "tool_use_id"}
