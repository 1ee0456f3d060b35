r"""Filter patterns of FilterLogEvents: terms (`ERROR -retry "a phrase"`), any of several
(`?a ?b`), a regular expression (`%5\d\d%`), and JSON (`{ $.code = "x" && $.n > 3 }`).

The space-delimited form (`[ip, user, ...]`) is refused, not ignored.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, VisitError

Predicate = Callable[[str], bool]
_Test = Callable[[Any], bool]

_GRAMMAR = r"""
start: "{" test "}"
?test: all_of | test "||" all_of -> any_of
?all_of: one | all_of "&&" one   -> every
?one: "(" test ")"
    | path COMPARE value         -> compare
    | path "IS"i "NULL"i         -> is_null
    | path "IS"i "TRUE"i         -> is_true
    | path "IS"i "FALSE"i        -> is_false
    | path "NOT"i "EXISTS"i      -> not_exists
path: PATH
value: STRING | REGEX | WORD
COMPARE: "!=" | "<=" | ">=" | "=" | "<" | ">"
PATH: /\$(?:\.[\w@-]+|\[(?:\d+|"[^"]*")\])+/
STRING: /"(?:[^"\\]|\\.)*"/
REGEX.2: /%[^%]+%/
WORD: /[^\s"%(){}&|=<>!]+/
%ignore /\s+/
"""
_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|(\S+))')
_STEP = re.compile(r'\.([\w@-]+)|\[(?:(\d+)|"([^"]*)")\]')
_ORDER: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)
_ABSENT = object()


class InvalidPattern(Exception):
    """The text is no filter pattern."""


def compile_pattern(text: str) -> Predicate:
    """A test of a message; an empty pattern matches everything. Raises InvalidPattern."""
    stripped = text.strip()
    if stripped.startswith("{"):
        return _json_pattern(stripped)
    if stripped.startswith("["):
        raise InvalidPattern("space-delimited filter patterns are not supported")
    return _terms(stripped)


def _terms(text: str) -> Predicate:
    required: list[Predicate] = []
    excluded: list[Predicate] = []
    optional: list[Predicate] = []
    kinds = {"?": optional, "-": excluded, "": required}
    for sign, phrase, regex, word in _TERM.findall(text):
        kinds[sign].append(_holds(regex, phrase or word))
    return lambda message: (
        all(test(message) for test in required)
        and not any(test(message) for test in excluded)
        and (not optional or bool(required) or any(test(message) for test in optional))
    )


def _holds(regex: str, literal: str) -> Predicate:
    if regex:
        found = _regex(regex)
        return lambda message: found.search(message) is not None
    return lambda message: literal in message


def _regex(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, RecursionError) as error:
        raise InvalidPattern(f"invalid regular expression %{text}%: {error}") from None


def _json_pattern(text: str) -> Predicate:
    try:
        test: _Test = _BuildTest().transform(_parser().parse(text))
    except UnexpectedInput as error:
        at = error.pos_in_stream
        raise InvalidPattern(f"invalid filter pattern at character {at}") from None
    except VisitError as error:
        raise error.orig_exc from None

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict) and test(document)

    return matches


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")


class _BuildTest(Transformer[Token, Any]):
    def start(self, items: list[Any]) -> _Test:
        return items[0]  # type: ignore[no-any-return]

    def any_of(self, items: list[_Test]) -> _Test:
        left, right = items
        return lambda document: left(document) or right(document)

    def every(self, items: list[_Test]) -> _Test:
        left, right = items
        return lambda document: left(document) and right(document)

    def path(self, items: list[Token]) -> Callable[[Any], Any]:
        steps = [
            int(index) if index else name or quoted
            for name, index, quoted in _STEP.findall(items[0])
        ]
        return lambda document: _walk(document, steps)

    def value(self, items: list[Token]) -> Token:
        return items[0]

    def compare(self, items: list[Any]) -> _Test:
        path, sign, value = items
        if sign in _ORDER:
            return _ordered(path, _ORDER[sign], value)
        equal = _equal(path, value)
        if sign == "=":
            return equal
        return lambda document: path(document) is not _ABSENT and not equal(document)

    def is_null(self, items: list[Any]) -> _Test:
        return lambda document: items[0](document) is None

    def is_true(self, items: list[Any]) -> _Test:
        return lambda document: items[0](document) is True

    def is_false(self, items: list[Any]) -> _Test:
        return lambda document: items[0](document) is False

    def not_exists(self, items: list[Any]) -> _Test:
        return lambda document: items[0](document) is _ABSENT


def _walk(document: Any, steps: list[int | str]) -> Any:
    for step in steps:
        in_object = isinstance(step, str) and isinstance(document, dict) and step in document
        in_array = isinstance(step, int) and isinstance(document, list) and step < len(document)
        if not (in_object or in_array):
            return _ABSENT
        document = document[step]
    return document


def _number(text: object) -> float | None:
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _ordered(
    path: Callable[[Any], Any], holds: Callable[[float, float], bool], value: Token
) -> _Test:
    limit = _number(str(value))
    if limit is None:
        raise InvalidPattern(f"{value} is no number to compare with")

    def test(document: Any) -> bool:
        found = path(document)
        return (
            isinstance(found, int | float) and not isinstance(found, bool) and holds(found, limit)
        )

    return test


def _equal(path: Callable[[Any], Any], value: Token) -> _Test:
    if value.type == "REGEX":
        pattern = _regex(value[1:-1])
        return lambda document: (
            isinstance(found := path(document), str) and pattern.search(found) is not None
        )
    text = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.type == "STRING" else str(value)
    wild = re.compile(".*".join(re.escape(part) for part in text.split("*")) + r"\Z", re.DOTALL)
    number = None if value.type == "STRING" else _number(text)

    def test(document: Any) -> bool:
        found = path(document)
        if isinstance(found, bool) or found is None or found is _ABSENT:
            return False
        if isinstance(found, int | float):
            return number is not None and found == number
        return isinstance(found, str) and wild.match(found) is not None

    return test
