"""Whether a JSON value has the shape that was asked for: the part of JSON Schema we use.

`type` (one or several), `required`, `properties`, `items` and `enum`; other keywords are not
looked at. Our own, because a library would be one more dependency for five keywords, and
because what it says goes to a log: a message names places and keys, never a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from mangaops.fm.answers.repair.notes import at, pointer

Schema: TypeAlias = Mapping[str, Any]
Path: TypeAlias = tuple[str | int, ...]

MOST = 100
"""So many violations are told."""


def violations(value: Any, schema: Schema | None) -> tuple[str, ...]:
    """One sentence each, with a JSON pointer; empty when the value has the shape."""
    told: list[str] = []
    for sentence in _violations(value, schema):
        told.append(sentence)
        if len(told) == MOST:
            break
    return tuple(told)


def satisfies(value: Any, schema: Schema | None) -> bool:
    return next(_violations(value, schema), None) is None


def missing(value: Any, schema: Schema | None) -> tuple[str, ...]:
    """The required keys that an object has not."""
    if not isinstance(value, dict) or schema is None:
        return ()
    return tuple(key for key in _texts(schema.get("required")) if key not in value)


def schema_at(schema: Schema | None, path: Iterable[str | int]) -> Schema | None:
    """The part of the schema for what stands at `path`; None when it says nothing."""
    for part in path:
        if schema is None:
            return None
        inner = schema.get("items") if isinstance(part, int) else _property(schema, part)
        schema = inner if isinstance(inner, Mapping) else None
    return schema


def allows_null(schema: Schema | None) -> bool:
    """Only when it says so: no schema allows nothing."""
    return schema is not None and "null" in _types(schema.get("type"))


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: `1` is neither `true` nor `1.0`, and the order of keys is nothing."""
    try:
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    except RecursionError:  # the caller stands near Python's own limit
        return False


class _Node:
    """A value and where it stands; the pointer is built only for what is told."""

    __slots__ = ("parent", "part", "schema", "value")

    def __init__(
        self, value: Any, schema: Any, parent: _Node | None = None, part: str | int = ""
    ) -> None:
        self.value = value
        self.schema = schema
        self.parent = parent
        self.part = part

    @property
    def place(self) -> str:
        parts: list[str | int] = []
        node = self
        while node.parent is not None:
            parts.append(node.part)
            node = node.parent
        return at(pointer(reversed(parts)))


def _violations(value: Any, schema: Schema | None) -> Iterator[str]:
    """Depth first, in the order of the text; with a stack of its own."""
    waiting = [_Node(value, schema)]
    while waiting:
        node = waiting.pop()
        if isinstance(node.schema, Mapping):
            yield from _own(node, node.schema)
            waiting.extend(reversed(list(_inner(node, node.schema))))


def _own(node: _Node, schema: Schema) -> Iterator[str]:
    types = _types(schema.get("type"))
    if types and not any(_is(node.value, name) for name in types):
        yield f"not {' or '.join(types)} at {node.place}"
        return
    enum = schema.get("enum")
    if isinstance(enum, list | tuple) and not any(same(node.value, one) for one in enum):
        yield f"none of the allowed values at {node.place}"
    for key in missing(node.value, schema):
        yield f"the required key {key!r} is missing at {node.place}"


def _inner(node: _Node, schema: Schema) -> Iterator[_Node]:
    if isinstance(node.value, dict):
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            for key, inner in properties.items():
                if key in node.value:
                    yield _Node(node.value[key], inner, node, key)
    elif isinstance(node.value, list):
        items = schema.get("items")
        if isinstance(items, Mapping):
            for index, element in enumerate(node.value):
                yield _Node(element, items, node, index)


def _property(schema: Schema, key: str) -> Any:
    properties = schema.get("properties")
    return properties.get(key) if isinstance(properties, Mapping) else None


def _types(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(_texts(said))


def _texts(said: Any) -> Iterator[str]:
    if isinstance(said, list | tuple):
        yield from (one for one in said if isinstance(one, str))


def _is(value: Any, name: str) -> bool:  # noqa: PLR0911 - one line for each of JSON's types
    match name:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, float) and value.is_integer()
            )
        case _:
            return False
