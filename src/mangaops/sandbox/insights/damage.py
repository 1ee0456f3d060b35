"""Lines of a file that are no records: how many, and where the first one is."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from mangaops.sandbox.insights import duck
from mangaops.sandbox.insights.files import Export
from mangaops.sandbox.insights.lines import Damage, object_of
from mangaops.sandbox.insights.records import Unsure

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BAD = "json IS NULL OR NOT starts_with(json, '{')"
_TWICE = "len(json_keys(json)) > len(list_distinct(json_keys(json)))"


def damage_of(connection: Any, exports: Sequence[Export]) -> Damage:
    """Counted by DuckDB; raises Unsure where it judges a line otherwise than Python."""
    damage = Damage()
    for export in exports:
        count, first = _counted(connection, export)
        if not count:
            continue
        line = _line(export, first)
        if line is None or _lone_surrogates(export) or _twice(connection, export):
            raise Unsure(str(export.path))
        damage.found(export, line, count)
    return damage


def _counted(connection: Any, export: Export) -> tuple[int, int]:
    """How many, and which of the lines that are not blank is the first."""
    lines = duck.lines([export])
    counted = f"SELECT count(*) FROM {lines} WHERE {_BAD}"  # noqa: S608 - the path is quoted
    (count,) = next(duck.rows(connection, counted))
    if not count:
        return 0, 0
    numbered = f"SELECT json, row_number() OVER () AS n FROM {lines}"  # noqa: S608 - as above
    found = f"SELECT min(n) FROM ({numbered}) WHERE {_BAD}"  # noqa: S608 - as above
    (first,) = next(duck.rows(connection, found))
    return int(count), int(first)


def _twice(connection: Any, export: Export) -> bool:
    """Whether a record has two members of one name, of which DuckDB silently takes the first."""
    twice = f"SELECT 1 FROM {duck.lines([export])} WHERE NOT ({_BAD}) AND {_TWICE} LIMIT 1"  # noqa: S608 - as above
    return next(duck.rows(connection, twice), None) is not None


def _line(export: Export, nth: int) -> int | None:
    """The number of the `nth` line that is not blank, if it is no record for us either."""
    for count, (number, line) in enumerate(export.lines(), 1):
        if count == nth:
            return number if object_of(line)[1] is None else None
    return None


def _lone_surrogates(export: Export) -> bool:
    """Half a character as JSON may write it: a record for Python, none for DuckDB."""
    for _, line in export.lines():
        if _SURROGATE.search(line):
            _, record = object_of(line)
            try:
                json.dumps(record, ensure_ascii=False).encode()
            except UnicodeEncodeError:
                return True
    return False
