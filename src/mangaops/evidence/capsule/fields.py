"""Plain data of a file, read with its types checked.

Whoever wrote a capsule by hand is told the place: `evidence.first_token.state`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from mangaops.model.evidence import JSON
from mangaops.model.time import parse_instant

E = TypeVar("E", bound=StrEnum)


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
    """One object of the document; every method raises `WrongDocument`."""

    def __init__(self, data: object) -> None:
        if not isinstance(data, dict):
            raise WrongDocument("is no object")
        self._data: dict[str, Any] = data

    def any(self, key: str) -> Any:
        if key not in self._data:
            raise WrongDocument("is missing", key)
        return self._data[key]

    def text(self, key: str) -> str:
        value = self.any(key)
        if not isinstance(value, str):
            raise WrongDocument("is no text", key)
        return value

    def flag(self, key: str) -> bool:
        value = self.any(key)
        if not isinstance(value, bool):
            raise WrongDocument("is neither true nor false", key)
        return value

    def number(self, key: str) -> float:
        value = self.any(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WrongDocument("is no number", key)
        return value

    def maybe_number(self, key: str) -> float | None:
        return None if self.any(key) is None else self.number(key)

    def count(self, key: str) -> int:
        value = self.any(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise WrongDocument("is no whole number", key)
        return value

    def instant(self, key: str) -> datetime:
        found = parse_instant(self.any(key))
        if found is None:
            raise WrongDocument("is no time", key)
        return found

    def maybe_instant(self, key: str) -> datetime | None:
        return None if self.any(key) is None else self.instant(key)

    def one_of(self, key: str, kind: type[E]) -> E:
        try:
            return kind(self.text(key))
        except ValueError:
            raise WrongDocument(f"is none of {', '.join(kind)}", key) from None

    def list(self, key: str) -> Sequence[Any]:
        value = self.any(key)
        if not isinstance(value, list):
            raise WrongDocument("is no list", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        return texts(self.list(key), key)

    def object(self, key: str) -> Mapping[str, Any]:
        value = self.any(key)
        if not isinstance(value, dict):
            raise WrongDocument("is no object", key)
        return value

    def fields(self, key: str) -> Fields:
        return Fields(self.object(key))

    def named_texts(self, key: str) -> dict[str, str]:
        found = self.object(key)
        for name, value in found.items():
            if not isinstance(value, str):
                raise WrongDocument("is no text", key, name)
        return dict(found)

    def json(self, key: str) -> Mapping[str, JSON]:
        return dict(self.object(key))


def texts(items: Sequence[object], *path: str) -> tuple[str, ...]:
    """A list of texts; `path` is where it stands."""
    found = tuple(item for item in items if isinstance(item, str))
    if len(found) != len(items):
        raise WrongDocument("holds something that is no text", *path)
    return found
