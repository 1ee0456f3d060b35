"""A run file: JSON lines. First the header, then a line for each call, last the end.

    {"schema": "mangaops.bench-run/1", "run": "b-20261121T110000-7f3a",
     "started_at": "2026-11-21T11:00:00.000000Z", "arms": ["v2.0", "v2.1"],
     "prompts": {"recommendation": [{"version": "v2.0", "digest": "...", ...}, {...}]},
     "region": "...", "cache": "off", "interleaved": true, "unit": "ms", ...}
    {"number": 1, "intent": "recommendation", "arm": 0, "started_at": "...", "model": "...",
     "first_token_ms": 412.5, "total_ms": 1630.0, "output_tokens": 280, ...}
    {"end": {"finished_at": "2026-11-21T11:09:31.250000Z", "samples": 400}}

The header has the fields of `sample.RunHeader`, a sample those of `sample.Sample`; what is
null or false there is left out. With one version, the header names it as `prompt_version`,
with one intent as `intent`. Without the last line the run is unfinished: it was interrupted,
or still goes on. Files are only ever appended to.

Reading is strict: a file that is damaged, or of another version, is refused with
`file:line`, what is wrong, and what to do. A byte order mark and CRLF are no damage;
compressed files are not read. Text is UTF-8; what is not comes here as U+FFFD, which no run
file holds, as all but ASCII is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from math import inf
from typing import Any

from mangaops.bench.run_header import header_line, header_of, written
from mangaops.bench.run_lines import (
    ANOTHER,
    Fields,
    instant,
    is_torn,
    lines_of,
    objects_of,
    refuse_other_bytes,
    wrong,
)
from mangaops.bench.sample import Run, RunHeader, Sample

__all__ = ["end_line", "header_line", "parse", "parse_header", "sample_line", "without_torn_line"]

_KEYS = tuple(one.name for one in fields(Sample))
_KNOWN = frozenset(_KEYS)
_NO_SAMPLE = "a call must have a total or a failure"


def sample_line(sample: Sample) -> str:
    """One call as a line, with its end. Raises ValueError for a number that is none."""
    document: dict[str, object] = {
        "number": sample.number,
        "intent": sample.intent,
        "arm": sample.arm,
        "started_at": written(sample.started_at),
        "model": sample.model,
    }
    if sample.warm_up:
        document["warm_up"] = True
    for key in _KEYS[6:]:
        if (value := getattr(sample, key)) is not None:
            document[key] = value
    return json.dumps(document, allow_nan=False) + "\n"


def end_line(finished_at: datetime, samples: int) -> str:
    """The last line of a finished run, with its end."""
    return json.dumps({"end": {"finished_at": written(finished_at), "samples": samples}}) + "\n"


def parse_header(line: str, place: str) -> RunHeader:
    """The header alone, of a file's first line. Raises InputError."""
    first = lines_of(line)[:1]
    if not first:
        raise _empty(place)
    return header_of(objects_of(first, place, torn=is_torn(line))[0], place)


def parse(text: str, place: str) -> Run:
    """A run file's text as a run; `place` is its file, for errors. Raises InputError."""
    lines = lines_of(text)
    if not lines:
        raise _empty(place)
    if "\ufffd" in text:
        refuse_other_bytes(lines, place)
    objects = objects_of(lines, place, torn=is_torn(text))
    header = header_of(objects[0], place)
    end = objects.pop() if len(objects) > 1 and "end" in objects[-1] else None
    samples = _samples(objects[1:], header, place)
    finished_at = _finished_at(end, len(lines), place) if end else None
    return Run(header=header, samples=samples, finished_at=finished_at, place=place)


def without_torn_line(text: str) -> tuple[str, str]:
    """The text up to the last whole line, and what stood after it (usually nothing)."""
    if not is_torn(text):
        return (text if text.endswith("\n") else f"{text}\n"), ""
    before, _, torn = text.rpartition("\n")
    return f"{before}\n" if before else "", torn


def _empty(place: str) -> Exception:
    return wrong("this file is empty", place, 1, "the run ended before its first call: delete it")


def _finished_at(found: Mapping[str, object], number: int, place: str) -> datetime:
    """When it finished, if its number of samples (all lines but the first and this) is right."""
    inside = found.get("end")
    if len(found) != 1 or not isinstance(inside, dict):
        raise wrong("end is no object", place, number)
    line = Fields(inside, place, number)
    line.only(("finished_at", "samples"))
    if (said := line.count("samples")) != number - 2:
        raise line.wrong(f"the run had {said} samples, and the file has {number - 2}")
    return line.instant("finished_at")


def _samples(objects: Sequence[Any], header: RunHeader, place: str) -> tuple[Sample, ...]:
    intents = header.prompts.keys()
    arms = len(header.arms)
    known: set[object] = {None}
    samples = []
    for number, found in enumerate(objects, 2):
        if not _is_like(found, known) or not _is_in_range(found):
            _explain(found, place, number)  # raises; else only a shape or a word was new
            known |= {_shape(found), *(found.get(key) for key in _WORDS)}
        found["started_at"] = started = instant(found["started_at"])
        sample = Sample(**found)
        if started is None or sample.intent not in intents or sample.arm >= arms:
            raise _stranger(sample, header, place, number)
        samples.append(sample)
    _refuse_twice(samples, place)
    return tuple(samples)


_TIMES = frozenset((int, float))
_WORDS = ("model", "stop_reason", "failure")
_COUNTS = ("number", "arm", "input_tokens", "output_tokens", "cached_tokens")


def _shape(found: Mapping[str, object]) -> tuple[object, ...]:
    return (*found, *map(type, found.values()))


def _is_like(found: Mapping[str, Any], known: set[object]) -> bool:
    """Keys, types and words are those of a sample that was checked before.

    Checking each value of each sample by itself takes twice as long as reading them.
    """
    return _shape(found) in known and all(found.get(key) in known for key in _WORDS)


def _is_in_range(found: Mapping[str, Any]) -> bool:
    total, first = found.get("total_ms"), found.get("first_token_ms")
    for key in _COUNTS:
        value = found.get(key)
        if value is not None and value < 0:
            return False
    if first is None:
        return total is None or 0 <= total < inf
    return 0 <= first < inf and (total is None or first <= total < inf)


def _explain(found: dict[str, object], place: str, number: int) -> None:
    """Raises InputError with what is wrong; nothing when only a word was new."""
    line = Fields(found, place, number)
    if "schema" in found:
        hint = "two files were put together: each run has a file of its own"
        raise line.wrong("there is a second header", hint)
    if "end" in found:
        raise line.wrong("there are lines after the end of the run")
    line.only(_KEYS)
    line.count("number")
    line.text("intent")
    line.count("arm")
    line.instant("started_at")
    line.text("model")
    line.flag("warm_up", default=False)
    for key in _COUNTS[2:]:
        line.optional_count(key)
    for key in ("stop_reason", "failure"):
        if found.get(key) is not None:
            line.text(key)
    _explain_times(line)


def _explain_times(line: Fields) -> None:
    total, first = (_time(line, key) for key in ("total_ms", "first_token_ms"))
    if total is None and line.found.get("failure") is None:
        raise line.wrong(_NO_SAMPLE)
    if total is not None and first is not None and first > total:
        raise line.wrong(f"the first token came after the last: {first:g} ms, total {total:g} ms")


def _time(line: Fields, key: str) -> float | None:
    value = line.found.get(key)
    if value is None:
        return None
    if type(value) not in _TIMES or not isinstance(value, int | float):
        raise line.type_error(key, "a number of milliseconds")
    if not 0 <= value < inf:
        raise line.type_error(key, "0 or more")
    return value


def _stranger(sample: Sample, header: RunHeader, place: str, number: int) -> Exception:
    if sample.intent not in header.prompts:
        what = f"the header names no intent {json.dumps(sample.intent[:60])}"
    elif not 0 <= sample.arm < len(header.arms):
        what = f"the header names no arm {sample.arm}"
    else:
        what = "started_at is no time such as 2026-11-21T11:00:00.250Z"
    return wrong(what, place, number, ANOTHER)


def _refuse_twice(samples: Sequence[Sample], place: str) -> None:
    if len({one.number for one in samples}) == len(samples):
        return
    seen: dict[int, int] = {}
    for line, sample in enumerate(samples, 2):
        if sample.number in seen:
            what = f"sample {sample.number} stands here again, first on line {seen[sample.number]}"
            raise wrong(what, place, line)
        seen[sample.number] = line


def as_resumed(run: Run, torn: str) -> Run:
    """A run that goes on, and what was dropped for it."""
    if not torn:
        return run
    return replace(run, notes=(*run.notes, "the last line was cut off and is dropped"))
