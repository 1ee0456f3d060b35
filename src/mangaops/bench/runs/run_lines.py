"""The lines of a run file: JSON objects, and errors that name file and line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from mangaops.bench.runs.sample import MOST, SCHEMA
from mangaops.errors import InputError, nearest

MARK = "\ufeff"
"""The byte order mark that some editors write; it says nothing here."""
_LONGEST = 500
_BEGIN = f'{{"schema": "{SCHEMA}"'
"""How every header that mangaops wrote begins."""


def lines_of(text: str) -> list[str]:
    """The lines without their ends (LF or CRLF). JSON never has a raw line end in a line."""
    lines = text.removeprefix(MARK).split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def is_torn(text: str) -> bool:
    """The last line has no end and is no JSON: its writer was stopped in the middle of it."""
    last = text.rpartition("\n")[2]
    return bool(last.strip()) and not isinstance(_loaded(last), dict | _Twice)


def objects_of(lines: Sequence[str], place: str, *, torn: bool) -> list[dict[str, object]]:
    """Each line's object. All lines are read at once, as that is twice as fast; one by one
    only to find the wrong one.
    """
    found = _loaded(f"[{','.join(lines)}]")
    if isinstance(found, list) and [type(one) for one in found] == [dict] * len(lines):
        return found
    return [
        _object(line, number, place, torn=torn and number == len(lines))
        for number, line in enumerate(lines, 1)
    ]


def _object(line: str, number: int, place: str, *, torn: bool) -> dict[str, object]:
    found = _loaded(line)
    if isinstance(found, dict):
        return found
    if isinstance(found, _Twice):
        raise wrong(f"the key {_shown(found.key)} stands here twice", place, number)
    if torn and number == 1:
        raise _no_header(line, place)
    if torn:
        hint = "its run was killed while it wrote: mangaops bench run --resume RUN drops the line"
        raise wrong("the last line is cut off", place, number, hint)
    if not line.strip():
        raise wrong("this line is empty", place, number, "one JSON object a line; remove it")
    raise wrong("this is no JSON object", place, number, ANOTHER)


def _no_header(line: str, place: str) -> InputError:
    """One line that is no JSON. Only what a killed run can have left may be deleted."""
    if "\r" not in line and (line.startswith(_BEGIN) or _BEGIN.startswith(line)):
        hint = "the run ended before its first call: delete the file"
        return wrong("the header is cut off", place, 1, hint)
    if "\r" in line:
        hint = "each line ends with LF, or with CR and LF: convert the file"
        return wrong("its lines end with CR alone", place, 1, hint)
    return wrong("this is no run file", place, 1, "mangaops bench run writes run files")


def refuse_other_bytes(lines: Sequence[str], place: str) -> None:
    """What is not UTF-8 was read as U+FFFD."""
    if lines[0].startswith("\x1f\ufffd"):
        raise wrong("this file is compressed", place, 1, "unpack it first: gunzip FILE")
    for number, line in enumerate(lines, 1):
        if "\ufffd" in line and number < len(lines):
            raise wrong("this line is not UTF-8", place, number)


ANOTHER = "the file was altered after it was written: take another copy, or measure again"


class _Twice(ValueError):
    """A key that stands twice in one object. JSON would let the last one win."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _loaded(text: str) -> object:
    """None for what is no JSON, a _Twice for an object with a key twice."""
    try:
        return json.loads(text, parse_constant=_no_number, object_pairs_hook=_object_of)
    except _Twice as twice:
        return twice
    except (ValueError, RecursionError):
        return None


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Twice(next(key for key in keys if keys.count(key) > 1))
    return found


def _no_number(word: str) -> object:
    raise ValueError(word)


def wrong(what: str, place: str, number: int, hint: str = ANOTHER) -> InputError:
    """A damaged file: exit code 2, with `file:line`."""
    return InputError(what, where=f"{place}:{number}", hint=hint)


class Fields:
    """One object of a run file, read key by key. Every error names the line and the key."""

    def __init__(self, found: Mapping[str, object], place: str, number: int) -> None:
        self.found = found
        self.place = place
        self.number = number

    def wrong(self, what: str, hint: str = ANOTHER) -> InputError:
        return wrong(what, self.place, self.number, hint)

    def only(self, known: Sequence[str]) -> None:
        """Refuses keys that this version does not know."""
        for key in self.found:
            if key not in known:
                hint = nearest(key, known) or "a newer mangaops may have written it: upgrade"
                raise self.wrong(f"there is no key {_shown(key)} in a run file", hint)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.found.get(key, default)
        if isinstance(value, str) and len(value) > _LONGEST:
            raise self.wrong(f"{key} has {len(value):,} characters, and {_LONGEST} is the most")
        if not isinstance(value, str) or not is_text(value):
            raise self.type_error(key, "a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.found.get(key)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.type_error(key, "a list of texts")
        if not all(is_text(one) for one in value):
            raise self.type_error(key, "a list of texts")
        return tuple(value)

    def count(self, key: str, default: int | None = None) -> int:
        found = self.optional_count(key, default)
        if found is None:
            raise self.type_error(key, "a whole number")
        return found

    def optional_count(self, key: str, default: int | None = None) -> int | None:
        value = self.found.get(key, default)
        if value is None or (type(value) is int and 0 <= value <= MOST):
            return value
        raise self.type_error(key, f"a whole number, 0 to {MOST:,}")

    def optional_rate(self, key: str) -> float | None:
        value = self.found.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and value is not True and 0 < value <= MOST:
            return float(value)
        raise self.type_error(key, f"a number above 0, at most {MOST:,}")

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.found.get(key, default)
        if not isinstance(value, bool):
            raise self.type_error(key, "true or false")
        return value

    def instant(self, key: str) -> datetime:
        found = instant(self.found.get(key))
        if found is None:
            raise self.type_error(key, "a time such as 2026-11-21T11:00:00.250Z")
        return found

    def type_error(self, key: str, wanted: str) -> InputError:
        if key not in self.found:
            return self.wrong(f"the key {_shown(key)} is missing")
        return self.wrong(f"{key} is {_shown(self.found[key])}, not {wanted}")


def instant(value: object) -> datetime | None:
    """ISO 8601 in UTC; a time that names no zone is UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    zone = found.tzinfo
    if zone is UTC:
        return found
    try:
        return found.replace(tzinfo=UTC) if zone is None else found.astimezone(UTC)
    except OverflowError:
        return None


def is_text(value: str) -> bool:
    """Not half a character, which nothing can print."""
    return len(value) <= _LONGEST and not any("\ud800" <= one <= "\udfff" for one in value)


def _shown(value: object) -> str:
    """A value as JSON, short enough for a line."""
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
