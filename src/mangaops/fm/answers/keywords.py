"""Which of JSON Schema's keywords are checked, and the refusal of all others.

    refuse_unusable({"properties": {"isbn": {"pattern": "^97"}}})
    -> ValueError: schema.properties.isbn: 'pattern' is not checked: leave it out ...

Rule: a schema with a word that is not checked is refused before anything is asked.
Reason: what is asked for and not looked at would pass as checked, prices and carts with it.

Our own and no library: `jsonschema` takes 0.13 s for an answer of 100 KB, which has 20 ms, and
its messages hold values of the answer, which have no place in a log. Not checked are `pattern`
(its time has no bound), `$ref`, and what is seldom used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")

DEEPEST = 64
"""Levels of a schema."""

LARGEST = 10**308
"""An integer beyond it cannot be told in a message: Python writes no more than 4,300 digits."""

NOTES = frozenset(
    {
        "$schema", "$id", "$comment", "title", "description", "default", "examples",
        "deprecated", "readOnly", "writeOnly",
    }
)  # fmt: skip
"""What these say is for readers."""


def refuse_unusable(schema: object) -> None:
    """A ValueError for a schema that cannot be checked; None is no schema."""
    if schema is None:
        return
    wrong = next(unusable(schema), None)
    if wrong is not None:
        path, sentence = wrong
        raise ValueError(f"schema{path}: {sentence}")


def unusable(schema: object) -> Iterator[tuple[str, str]]:
    """Every place that cannot be checked (`.properties.isbn`), with a sentence."""
    if isinstance(schema, Mapping):
        yield from _Walk().of(schema, "")
    else:
        yield "", f"a JSON Schema is a mapping, not {type(schema).__name__}"


class _Walk:
    """Each mapping once, however many ways lead to it."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._open: list[int] = []

    def of(self, schema: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(schema, bool) or (id(schema) in self._seen and id(schema) not in self._open):
            return
        if id(schema) in self._open or len(self._open) == DEEPEST:
            yield path, f"it holds itself, or is more than {DEEPEST} levels deep"
            return
        self._seen.add(id(schema))
        self._open.append(id(schema))
        for word, said in schema.items():
            yield from self._word(word, said, path)
        self._open.pop()

    def _word(self, word: object, said: Any, path: str) -> Iterator[tuple[str, str]]:
        if not isinstance(word, str):
            yield path, "a keyword is a text"
            return
        if word in NOTES:
            return
        rule = _FORMS.get(word)
        if rule is None:
            yield path, f"{word!r} is not checked: leave it out, or check it in your own code"
        elif not rule[0](said):
            yield f"{path}.{word}", f"it is {rule[1]}"
        else:
            for inner, place in _inner(word, said):
                yield from self.of(inner, f"{path}.{word}{place}")


def _inner(word: str, said: Any) -> Iterator[tuple[Any, str]]:
    if word == "properties":
        yield from ((inner, f".{key}") for key, inner in said.items())
    elif word == "anyOf":
        yield from ((inner, f"[{index}]") for index, inner in enumerate(said))
    elif word in {"items", "additionalProperties"}:
        yield said, ""


def _is_schema(said: object) -> bool:
    return isinstance(said, Mapping | bool)


def _is_type(said: object) -> bool:
    if isinstance(said, list | tuple):
        return bool(said) and all(isinstance(one, str) and one in TYPES for one in said)
    return isinstance(said, str) and said in TYPES


def _is_list(said: object) -> bool:
    return isinstance(said, list | tuple) and bool(said)


def _are_schemas(said: object) -> bool:
    return isinstance(said, list | tuple) and bool(said) and all(map(_is_schema, said))


def _are_keys(said: object) -> bool:
    return isinstance(said, list | tuple) and all(isinstance(one, str) for one in said)


def _are_properties(said: object) -> bool:
    return isinstance(said, Mapping) and all(
        isinstance(key, str) and _is_schema(inner) for key, inner in said.items()
    )


def _is_number(said: object) -> bool:
    if isinstance(said, bool) or not isinstance(said, int | float):
        return False
    return math.isfinite(said) if isinstance(said, float) else abs(said) < LARGEST


def _is_count(said: object) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 <= said < LARGEST


def _is_anything(_: object) -> bool:
    return True


_A_NUMBER = (_is_number, "a finite number")
_A_COUNT = (_is_count, "a whole number from 0 on")
_A_SCHEMA = (_is_schema, "a schema")

_FORMS: Mapping[str, tuple[Callable[[object], bool], str]] = MappingProxyType(
    {
        "type": (_is_type, f"one or a list of {', '.join(TYPES)}"),
        "enum": (_is_list, "a list of the allowed values"),
        "const": (_is_anything, "any value"),
        "anyOf": (_are_schemas, "a list of schemas"),
        "required": (_are_keys, "a list of keys"),
        "properties": (_are_properties, "a mapping of keys to schemas"),
        "additionalProperties": _A_SCHEMA,
        "items": _A_SCHEMA,
        "minimum": _A_NUMBER,
        "maximum": _A_NUMBER,
        "exclusiveMinimum": _A_NUMBER,
        "exclusiveMaximum": _A_NUMBER,
        "minLength": _A_COUNT,
        "maxLength": _A_COUNT,
        "minItems": _A_COUNT,
        "maxItems": _A_COUNT,
    }
)
