"""Scalar functions of the portable grammar. An absent argument gives an absent result,
unless the function is about absence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mangaops.sandbox.insights.values import Instant, Value, number, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`least` and `most` bound the arguments; most None means any number."""

    run: Callable[..., Value]
    least: int
    most: int | None


def _numeric(run: Callable[..., float], least: int = 1, most: int | None = 1) -> Function:
    def checked(*arguments: Value) -> Value:
        numbers = [number(argument) for argument in arguments]
        present = [value for value in numbers if value is not None]
        if len(present) != len(numbers):
            return None
        try:
            return run(*present)
        except (ValueError, OverflowError):
            return None

    return Function(run=checked, least=least, most=most)


def _textual(run: Callable[..., Value], least: int = 1, most: int | None = 1) -> Function:
    def checked(*arguments: Value) -> Value:
        texts = [text(argument) for argument in arguments]
        if any(value is None for value in texts):
            return None
        return run(*texts)

    return Function(run=checked, least=least, most=most)


def _substr(value: Value, start: Value, length: Value = None) -> Value:
    whole, first = text(value), number(start)
    if whole is None or first is None:
        return None
    begin = max(0, int(first))
    count = number(length)
    if count is None:
        return whole[begin:]
    return whole[begin : begin + max(0, int(count))]


def _concat(*arguments: Value) -> Value:
    return "".join(text(argument) or "" for argument in arguments)


def _coalesce(*arguments: Value) -> Value:
    return next((argument for argument in arguments if argument is not None), None)


def _strip(method: Callable[[str, str | None], str]) -> Function:
    return _textual(lambda value, characters=None: method(value, characters), 1, 2)


def _date(rounded: Callable[[int, int], int]) -> Function:
    def run(instant: Value, period: Value) -> Value:
        at, size = number(instant), number(period)
        return None if at is None or not size else Instant(rounded(int(at), int(size)))

    return Function(run=run, least=2, most=2)


def _to_millis(value: Value) -> Value:
    at = number(value)
    return None if at is None else int(at)


def _from_millis(value: Value) -> Value:
    at = number(value)
    return None if at is None else Instant(int(at))


def floor_to(at: int, size: int) -> int:
    return at - at % size


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "abs": _numeric(abs),
        "ceil": _numeric(math.ceil),
        "floor": _numeric(math.floor),
        "greatest": _numeric(max, 1, None),
        "least": _numeric(min, 1, None),
        "log": _numeric(math.log),
        "sqrt": _numeric(math.sqrt),
        "ispresent": Function(run=lambda value: value is not None, least=1, most=1),
        "coalesce": Function(run=_coalesce, least=1, most=None),
        "isempty": Function(run=lambda value: value is None or value == "", least=1, most=1),
        "isblank": Function(
            run=lambda value: value is None or not str(value).strip(), least=1, most=1
        ),
        "concat": Function(run=_concat, least=1, most=None),
        "strlen": _textual(len),
        "tolower": _textual(str.lower),
        "toupper": _textual(str.upper),
        "trim": _strip(str.strip),
        "ltrim": _strip(str.lstrip),
        "rtrim": _strip(str.rstrip),
        "replace": _textual(lambda value, old, new: value.replace(old, new), 3, 3),
        "strcontains": _textual(lambda value, part: int(part in value), 2, 2),
        "substr": Function(run=_substr, least=2, most=3),
        "datefloor": _date(floor_to),
        "dateceil": _date(lambda at, size: floor_to(at + size - 1, size)),
        "frommillis": Function(run=_from_millis, least=1, most=1),
        "tomillis": Function(run=_to_millis, least=1, most=1),
        "bin": Function(run=lambda *_: None, least=1, most=1),  # evaluate.py: needs the row's time
    }
)
"""By name in lower case: Logs Insights knows `isPresent` and `ispresent` alike."""
