"""Whether a request can be written as JSON at all, and is not too long as such."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from mangaops.fm.requests.blocks import BLOCKS
from mangaops.fm.requests.issue import Issue, IssueCode
from mangaops.fm.requests.request import Request

MOST_BYTES = 25_000_000
"""Of a body, by the service model of Bedrock Runtime."""
MOST_DEPTH = 100
MOST_ISSUES = 100
FIELDS = BLOCKS | {"content", "input", "json", "role", "source", "bytes", "toolUseId", "name"}
"""The names in a message that say nothing of what was asked."""
_MOST_BITS = 14_000
"""Of a whole number that Python writes: 4,300 digits."""
_LONGEST_ESCAPE = 12
"""Bytes of one character, as botocore writes it (`\\ud83d\\ude00`)."""


def body_issues(request: Request) -> Iterator[Issue]:
    """Fast when all is well: the request is walked through only when it cannot be written."""
    parts = {
        "messages": request.messages,
        "system": request.system,
        "tools": request.tools,
        "stop_sequences": request.stop_sequences,
        "schema": request.schema,
    }
    held = _Bytes()
    try:
        text = json.dumps(parts, ensure_ascii=False, allow_nan=False, default=held)
        text.encode()
    except (TypeError, ValueError, RecursionError):  # UnicodeEncodeError is a ValueError
        yield from _walk(parts)
        return
    size = held.encoded + len(text)
    if held.encoded + _LONGEST_ESCAPE * len(text) > MOST_BYTES:
        size = held.encoded + len(json.dumps(parts, default=lambda _: ""))
    if size > MOST_BYTES:
        yield Issue(
            code=IssueCode.BODY_TOO_LARGE,
            path="messages",
            message=f"the body is {size:,} bytes, at most {MOST_BYTES:,} are taken",
        )


class _Bytes:
    """Takes the bytes of images and documents out; they are sent in base64."""

    def __init__(self) -> None:
        self.encoded = 0

    def __call__(self, value: object) -> str:
        if not isinstance(value, bytes | bytearray):
            raise TypeError(type(value).__name__)
        self.encoded += 4 * math.ceil(len(value) / 3)
        return ""


def _walk(parts: Mapping[str, Any]) -> Iterator[Issue]:
    walk = _Walk()
    found = [
        *islice(
            (issue for name, value in parts.items() for issue in walk.value(value, name, 0)),
            MOST_ISSUES,
        )
    ]
    if not found:  # a kind of value that json knows more strictly than we do
        found = [Issue(code=IssueCode.NOT_JSON, path="messages", message="it cannot be written")]
    yield from found


class _Walk:
    """Looks at each list and mapping once, however many ways lead to it."""

    def __init__(self) -> None:
        self._seen: dict[int, object] = {}
        self._around: set[int] = set()
        """Those that the value at hand stands in."""

    def value(self, value: object, path: str, depth: int) -> Iterator[Issue]:
        match value:
            case None | bool() | bytes() | bytearray():
                return
            case int() if value.bit_length() <= _MOST_BITS:
                return
            case int():
                yield _no_json(path, "a whole number of more than 4,300 digits")
            case str():
                yield from _text(value, path)
            case float() if math.isfinite(value):
                return
            case float():
                code = IssueCode.NOT_A_NUMBER
                yield Issue(code=code, path=path, message="it is not a finite number")
            case Mapping() | list() | tuple():
                yield from self._held(value, path, depth)
            case _:
                yield _no_json(path, f"a {type(value).__name__} is no JSON")

    def _held(
        self, value: Mapping[Any, Any] | Sequence[Any], path: str, depth: int
    ) -> Iterator[Issue]:
        if id(value) in self._around:
            yield _no_json(path, "it holds itself")
        elif depth >= MOST_DEPTH:
            yield _no_json(path, f"deeper than {MOST_DEPTH} levels")
        elif id(value) not in self._seen:
            self._seen[id(value)] = value
            self._around.add(id(value))
            if isinstance(value, Mapping):
                yield from self._members(value, path, depth)
            else:
                for index, item in enumerate(value):
                    yield from self.value(item, f"{path}[{index}]", depth + 1)
            self._around.discard(id(value))

    def _members(self, value: Mapping[Any, Any], path: str, depth: int) -> Iterator[Issue]:
        if not isinstance(value, dict):
            yield _no_json(path, f"a {type(value).__name__} is no dict")
        for name, item in value.items():
            if not isinstance(name, str):
                yield _no_json(path, "the name of a member is not a text")
                continue
            yield from _text(name, path)
            yield from self.value(item, f"{path}.{_told(path, name)}", depth + 1)


def _told(path: str, name: str) -> str:
    """A member's name; what a model or a user called it is not told, a field of Converse is."""
    if path.startswith("messages"):
        return name if name in FIELDS else "*"
    return name if name.isidentifier() else "*"


def _no_json(path: str, message: str) -> Issue:
    return Issue(code=IssueCode.NOT_JSON, path=path[:200], message=message)


def _text(text: str, path: str) -> Iterator[Issue]:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        yield Issue(
            code=IssueCode.LONE_SURROGATE,
            path=path,
            message=f"half of a surrogate pair at character {error.start}",
        )
