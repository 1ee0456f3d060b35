"""The lines of a run file between header and end: one call each, checked.

All lines are checked at once, a column at a time, which costs less than reading them. Only
when something is wrong is it looked for line by line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from operator import le
from types import MappingProxyType
from typing import Any

from mangaops.bench.runs.run_lines import Fields, instant, is_text, wrong
from mangaops.bench.runs.sample import LEAST_MS, MOST, MOST_MS, RunHeader, Sample

KEYS = tuple(one.name for one in fields(Sample))
_KNOWN = frozenset(KEYS)
_REQUIRED = frozenset(("number", "intent", "arm", "started_at", "model"))
_INTEGER, _NUMBER, _TEXT = frozenset((int,)), frozenset((int, float)), frozenset((str,))
_KINDS: Mapping[str, frozenset[type]] = MappingProxyType(
    {
        "number": _INTEGER,
        "intent": _TEXT,
        "arm": _INTEGER,
        "started_at": _TEXT,
        "model": _TEXT,
        "warm_up": frozenset((bool,)),
        "first_token_ms": _NUMBER,
        "total_ms": _NUMBER,
        "input_tokens": _INTEGER,
        "output_tokens": _INTEGER,
        "cached_tokens": _INTEGER,
        "stop_reason": _TEXT,
        "failure": _TEXT,
    }
)
_COUNTS = ("input_tokens", "output_tokens", "cached_tokens")


def samples_of(
    objects: Sequence[dict[str, Any]], header: RunHeader, place: str
) -> tuple[Sample, ...]:
    """The samples of the lines from the second on. Raises InputError."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for found in objects:
        groups.setdefault(tuple(found), []).append(found)
    instants = [instant(found.get("started_at")) for found in objects]
    if None in instants or not all(_is_plain(*one, header) for one in groups.items()):
        for number, found in enumerate(objects, 2):
            _explain(Fields(found, place, number), header)
    for found, at in zip(objects, instants, strict=True):
        found["started_at"] = at
    samples = tuple(Sample(**found) for found in objects)
    _refuse_twice(samples, place)
    return samples


def _is_plain(keys: tuple[str, ...], group: Sequence[dict[str, Any]], header: RunHeader) -> bool:
    """Whether nothing is wrong, or at all unusual, with objects of the same keys."""
    if not _KNOWN.issuperset(keys) or not _REQUIRED.issubset(keys):
        return False
    columns = {key: [one[key] for one in group] for key in keys}
    if not all(_is_plain_column(key, column) for key, column in columns.items()):
        return False
    if not set(columns["intent"]) <= header.prompts.keys():
        return False
    if max(columns["arm"]) >= len(header.arms) or not {"total_ms", "failure"} & columns.keys():
        return False
    if not {"total_ms", "first_token_ms"} <= columns.keys():
        return True
    return all(map(le, columns["first_token_ms"], columns["total_ms"]))


def _is_plain_column(key: str, column: Sequence[Any]) -> bool:
    kinds = _KINDS[key]
    if not set(map(type, column)) <= kinds:
        return False
    if kinds is _INTEGER:
        return bool(min(column) >= 0 and max(column) <= MOST)
    if kinds is _NUMBER:
        return bool(min(column) >= LEAST_MS and max(column) <= MOST_MS)
    return kinds is not _TEXT or key == "started_at" or all(map(is_text, set(column)))


def _explain(line: Fields, header: RunHeader) -> None:
    """Raises InputError with the first thing that is wrong with one line, if any is."""
    found = line.found
    if "schema" in found:
        hint = "two files were put together: each run has a file of its own"
        raise line.wrong("there is a second header", hint)
    if "end" in found:
        raise line.wrong("there are lines after the end of the run")
    line.only(KEYS)
    line.count("number")
    if (intent := line.text("intent")) not in header.prompts:
        raise line.wrong(f"the header names no intent {json.dumps(intent[:60])}")
    if (arm := line.count("arm")) >= len(header.arms):
        raise line.wrong(f"the header names no arm {arm}")
    line.instant("started_at")
    line.text("model")
    line.flag("warm_up", default=False)
    for key in _COUNTS:
        line.optional_count(key)
    for key in ("stop_reason", "failure"):
        if found.get(key) is not None:
            line.text(key)
    _explain_times(line)


def _explain_times(line: Fields) -> None:
    total, first = (_time(line, key) for key in ("total_ms", "first_token_ms"))
    if total is None and line.found.get("failure") is None:
        raise line.wrong("a call must have a total or a failure")
    if total is not None and first is not None and first > total:
        raise line.wrong(f"the first token came after the last: {first:g} ms, total {total:g} ms")


def _time(line: Fields, key: str) -> float | None:
    value = line.found.get(key)
    if value is None:
        return None
    if type(value) not in _NUMBER or not isinstance(value, int | float):
        raise line.type_error(key, "a number of milliseconds")
    if value != 0 and not LEAST_MS <= value <= MOST_MS:
        raise line.type_error(key, f"0 or {LEAST_MS:f} to {MOST_MS:,.0f} ms")
    return value


def _refuse_twice(samples: Sequence[Sample], place: str) -> None:
    if len({one.number for one in samples}) == len(samples):
        return
    seen: dict[int, int] = {}
    for line, sample in enumerate(samples, 2):
        if sample.number in seen:
            what = f"sample {sample.number} stands here again, first on line {seen[sample.number]}"
            raise wrong(what, place, line)
        seen[sample.number] = line
