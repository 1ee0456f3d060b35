"""Plain data of a file, read with its types and bounds checked.

Whoever wrote a capsule by hand is told the place: `evidence.first_token.state`. Times are
within what a calendar can say, amounts are not negative, and no number is too large for
the arithmetic of conditions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from mangaops.model.evidence import JSON
from mangaops.model.time import parse_instant

E = TypeVar("E", bound=StrEnum)

LARGEST = 2.0**256
"""Sums and products of numbers below this are numbers still."""
_FIRST_YEAR, _LAST_YEAR = 1971, 2999
_LAST_SECOND = 32_503_680_000
"""Epoch seconds at the end of that year: windows and ages must not lead out of a calendar."""
_LONGEST_PERIOD = 366 * 86_400


class WrongDocument(Exception):
    """A key is missing or its value is of another type. `path` leads to it, outermost first."""

    def __init__(self, what: str, *path: str) -> None:
        super().__init__(what)
        self.what = what
        self.path = path

    def within(self, key: str) -> WrongDocument:
        """The same, as seen from one level further out."""
        return WrongDocument(self.what, key, *self.path)

    def __str__(self) -> str:
        return f"`{'.'.join(self.path)}` {self.what}" if self.path else f"the body {self.what}"


class Fields:
    """One object of the document, at a path; every method raises `WrongDocument`."""

    def __init__(self, data: object, *path: str) -> None:
        if not isinstance(data, dict):
            raise WrongDocument("is no object", *path)
        self._data: dict[str, Any] = data
        self._path = path

    def wrong(self, what: str, *path: str) -> WrongDocument:
        """What is wrong with something below this object."""
        return WrongDocument(what, *self._path, *path)

    def any(self, key: str) -> Any:
        if key not in self._data:
            raise self.wrong("is missing", key)
        return self._data[key]

    def text(self, key: str) -> str:
        value = self.any(key)
        if not isinstance(value, str):
            raise self.wrong("is no text", key)
        return value

    def flag(self, key: str) -> bool:
        value = self.any(key)
        if not isinstance(value, bool):
            raise self.wrong("is neither true nor false", key)
        return value

    def amount(self, key: str) -> float:
        """A finite number that is not negative."""
        value = self._number(key)
        if not 0 <= value < LARGEST:
            raise self.wrong("is negative or too large", key)
        return value

    def maybe_amount(self, key: str) -> float | None:
        return None if self.any(key) is None else self.amount(key)

    def count(self, key: str) -> int:
        value = self.any(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong("is no whole number", key)
        if not 0 <= value < LARGEST:
            raise self.wrong("is negative or too large", key)
        return value

    def epoch(self, key: str) -> float:
        """Epoch seconds."""
        value = self._number(key)
        if not is_epoch(value):
            raise self.wrong(f"is no time in epoch seconds up to the year {_LAST_YEAR}", key)
        return value

    def maybe_epoch(self, key: str) -> float | None:
        return None if self.any(key) is None else self.epoch(key)

    def period(self, key: str) -> float:
        """Seconds of a bucket."""
        value = self._number(key)
        if not 1 <= value <= _LONGEST_PERIOD:
            raise self.wrong("is no period: from a second to a year", key)
        return value

    def _number(self, key: str) -> float:
        value = self.any(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong("is no number", key)
        return value

    def instant(self, key: str) -> datetime:
        found = parse_instant(self.any(key))
        if found is None:
            raise self.wrong("is no time", key)
        if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
            raise self.wrong(f"is no time from {_FIRST_YEAR} to {_LAST_YEAR}", key)
        return found

    def maybe_instant(self, key: str) -> datetime | None:
        return None if self.any(key) is None else self.instant(key)

    def one_of(self, key: str, kind: type[E]) -> E:
        try:
            return kind(self.text(key))
        except ValueError:
            raise self.wrong(f"is none of {', '.join(kind)}", key) from None

    def list(self, key: str) -> Sequence[Any]:
        value = self.any(key)
        if not isinstance(value, list):
            raise self.wrong("is no list", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        return texts(self.list(key), *self._path, key)

    def object(self, key: str) -> Mapping[str, Any]:
        value = self.any(key)
        if not isinstance(value, dict):
            raise self.wrong("is no object", key)
        return value

    def fields(self, key: str) -> Fields:
        return Fields(self.object(key), *self._path, key)

    def each(self, key: str) -> tuple[Fields, ...]:
        """The objects of a list."""
        items = enumerate(self.list(key))
        return tuple(Fields(item, *self._path, key, str(number)) for number, item in items)

    def named_texts(self, key: str) -> dict[str, str]:
        found = self.object(key)
        for name, value in found.items():
            if not isinstance(value, str):
                raise self.wrong("is no text", key, name)
        return dict(found)

    def json(self, key: str) -> Mapping[str, JSON]:
        found = self.object(key)
        if not _is_bounded(found):
            raise self.wrong("holds a number that is too large", key)
        return dict(found)


def is_epoch(value: float) -> bool:
    """Whether it can be epoch seconds."""
    return 0 <= value < _LAST_SECOND


def is_usable(value: object) -> bool:
    """False for numbers that arithmetic cannot hold. Those without end are told apart by
    whoever computes with them.
    """
    if not isinstance(value, int | float):
        return True
    return abs(value) < LARGEST or (isinstance(value, float) and not math.isfinite(value))


def is_finite(value: float) -> bool:
    return is_usable(value) and math.isfinite(value)


def _is_bounded(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_bounded, value.values()))
    return all(map(_is_bounded, value)) if isinstance(value, list) else is_usable(value)


def texts(items: Sequence[object], *path: str) -> tuple[str, ...]:
    """A list of texts; `path` is where it stands."""
    found = tuple(item for item in items if isinstance(item, str))
    if len(found) != len(items):
        raise WrongDocument("holds something that is no text", *path)
    return found
