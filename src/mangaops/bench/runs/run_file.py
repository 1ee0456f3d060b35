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

Reading is strict: a file that is damaged, contradicts itself (a key that stands twice, a call
outside of the time of the run) or is of another version is refused with `file:line`, what is
wrong, and what to do. A time is 0, or 0.000001 to 1,000,000,000 ms; a count at most 2 ** 53.
A byte order mark and CRLF are no damage; compressed files are not read. Text is UTF-8; what is
not comes here as U+FFFD, which no run file holds, as all but ASCII is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mangaops.bench.runs.run_header import header_line, header_of, written
from mangaops.bench.runs.run_lines import (
    Fields,
    is_torn,
    lines_of,
    objects_of,
    refuse_other_bytes,
    wrong,
)
from mangaops.bench.runs.run_samples import KEYS, samples_of
from mangaops.bench.runs.sample import Run, RunHeader, Sample

__all__ = ["end_line", "header_line", "parse", "parse_header", "sample_line", "without_torn_line"]
CLOCK_STEP = timedelta(hours=1)
"""By so much a clock may have been set back or forth while a run went on."""


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
    for key in KEYS[6:]:
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
    samples = samples_of(objects[1:], header, place)
    finished_at = _finished_at(end, len(lines), place) if end else None
    _refuse_other_times(header, samples, finished_at, place)
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


def _refuse_other_times(
    header: RunHeader, samples: Sequence[Sample], finished_at: datetime | None, place: str
) -> None:
    """A call long before the start or after the end is of another run, or was altered."""
    earliest = header.started_at - CLOCK_STEP
    latest = finished_at + CLOCK_STEP if finished_at else datetime.max.replace(tzinfo=UTC)
    if finished_at and finished_at < earliest:
        what = f"the run ended {written(finished_at)}, before it began"
        raise wrong(what, place, len(samples) + 2)
    if all(earliest <= one.started_at <= latest for one in samples):
        return
    for number, one in enumerate(samples, 2):
        if not earliest <= one.started_at <= latest:
            when = "after the run ended" if one.started_at > latest else "before the run began"
            raise wrong(f"this call was at {written(one.started_at)}, {when}", place, number)


def as_resumed(run: Run, torn: str) -> Run:
    """A run that goes on, and what was dropped for it."""
    if not torn:
        return run
    return replace(run, notes=(*run.notes, "the last line was cut off and is dropped"))
