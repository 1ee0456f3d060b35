"""Whether a JSON value has the shape that was asked for: the part of JSON Schema we use.

A schema here has passed `keywords.refuse_unusable`: every word of it is checked. What is said
goes to a log: a message names places and keys, never a value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
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
        schema = _part(schema, part)
    return schema


def _part(schema: Schema, part: str | int) -> Schema | None:
    """Of several shapes the only one that says something."""
    inner = schema.get("items") if isinstance(part, int) else _property(schema, part)
    if isinstance(inner, Mapping):
        return inner
    shapes = (one for one in schema.get("anyOf", ()) if isinstance(one, Mapping))
    found = [one for one in (_part(shape, part) for shape in shapes) if one is not None]
    return found[0] if len(found) == 1 else None


def allows_null(schema: Schema | None) -> bool:
    """Only when it says so: no schema allows nothing."""
    if schema is None:
        return False
    said = []
    if "type" in schema:
        said.append("null" in _types(schema["type"]))
    if "enum" in schema:
        said.append(any(one is None for one in schema["enum"]))
    if "const" in schema:
        said.append(schema["const"] is None)
    if "anyOf" in schema:
        shapes = (one for one in schema["anyOf"] if isinstance(one, Mapping))
        said.append(any(allows_null(shape) for shape in shapes))
    return bool(said) and all(said)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: `1` is neither `true` nor `1.0`, and the order of keys is nothing."""
    try:
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    except RecursionError:  # the caller stands near Python's own limit
        return False


def equal(one: Any, other: Any) -> bool:
    """As JSON Schema has it: numbers are equal by value, `2` and `2.0`; `1` is not `true`."""
    waiting = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            if left.keys() != right.keys():
                return False
            waiting.extend((left[key], right[key]) for key in left)
        elif isinstance(left, list | tuple) and isinstance(right, list | tuple):
            if len(left) != len(right):
                return False
            waiting.extend(zip(left, right, strict=True))
        elif isinstance(left, bool) is not isinstance(right, bool) or left != right:
            return False
    return True


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
        if node.schema is False:
            yield f"nothing is allowed at {node.place}"
        elif isinstance(node.schema, Mapping):
            yield from _own(node, node.schema)
            waiting.extend(reversed(list(_inner(node, node.schema))))


def _own(node: _Node, schema: Schema) -> Iterator[str]:
    types = _types(schema.get("type"))
    if types and not any(_is(node.value, name) for name in types):
        yield f"not {' or '.join(types)} at {node.place}"
        return
    if "enum" in schema and not any(equal(node.value, one) for one in schema["enum"]):
        yield f"none of the allowed values at {node.place}"
    if "const" in schema and not equal(node.value, schema["const"]):
        yield f"not the only allowed value at {node.place}"
    if "anyOf" in schema and not any(_fits(node.value, one) for one in schema["anyOf"]):
        yield f"none of the allowed shapes at {node.place}"
    for key in missing(node.value, schema):
        yield f"the required key {key!r} is missing at {node.place}"
    yield from _sizes(node, schema)


def _fits(value: Any, schema: Any) -> bool:
    return schema is not False and (schema is True or satisfies(value, schema))


def _sizes(node: _Node, schema: Schema) -> Iterator[str]:
    """In the order of the schema, so that it is as quick as it is short."""
    for word, limit in schema.items():
        rule = _LIMITS.get(word)
        if rule is not None and _is(node.value, rule[0]):
            keeps, told = rule[1:]
            if not keeps(node.value, limit):
                yield f"{told} {limit} at {node.place}"


_LIMITS: Mapping[str, tuple[str, Callable[[Any, Any], bool], str]] = MappingProxyType(
    {
        "minimum": ("number", lambda value, limit: value >= limit, "less than"),
        "maximum": ("number", lambda value, limit: value <= limit, "more than"),
        "exclusiveMinimum": ("number", lambda value, limit: value > limit, "not more than"),
        "exclusiveMaximum": ("number", lambda value, limit: value < limit, "not less than"),
        "minLength": ("string", lambda value, limit: len(value) >= limit, "shorter than"),
        "maxLength": ("string", lambda value, limit: len(value) <= limit, "longer than"),
        "minItems": ("array", lambda value, limit: len(value) >= limit, "fewer elements than"),
        "maxItems": ("array", lambda value, limit: len(value) <= limit, "more elements than"),
    }
)


def _inner(node: _Node, schema: Schema) -> Iterator[_Node]:
    if isinstance(node.value, dict):
        yield from _members(node, node.value, schema)
    elif isinstance(node.value, list):
        items = schema.get("items", True)
        if items is not True:
            for index, element in enumerate(node.value):
                yield _Node(element, items, node, index)


def _members(node: _Node, value: dict[str, Any], schema: Schema) -> Iterator[_Node]:
    properties = schema.get("properties", {})
    for key, inner in properties.items():
        if key in value:
            yield _Node(value[key], inner, node, key)
    others = schema.get("additionalProperties", True)
    if others is not True:
        yield from (_Node(value[key], others, node, key) for key in value if key not in properties)


def _property(schema: Schema, key: str) -> Any:
    properties = schema.get("properties", {})
    return properties[key] if key in properties else schema.get("additionalProperties")


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
