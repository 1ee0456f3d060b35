"""The answer of exported log files to a question. Without rich: it is there at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR

from mangaops.model.evidence import JSON, Row, Scalar
from mangaops.model.time import Window, iso
from mangaops.render.figures import figure, scanned
from mangaops.render.painted import cells, painted, wrapped

SCHEMA = "mangaops.logs/1"
_GAP = "  "
_NARROWEST = 8
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\Z")
_FORMS: Mapping[str, str] = {
    "records": "a JSON record a line",
    "events": "a log event a line",
    "stamped": "a time and a message a line",
    "document": "a JSON document of events or records",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """`form` is what it was recognised as, `size` its bytes as it is."""

    path: str
    form: str
    size: int
    gzipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFiles:
    """`events` is None where lines were not counted, `window` where all events are meant.

    `damaged` lines are no records; `first_damaged` is the place of the first one.
    """

    question: str
    title: str
    query: str
    files: Sequence[FileRead]
    window: Window | None
    answered: bool
    detail: str
    columns: Sequence[str]
    units: Mapping[str, str]
    rows: Sequence[Row]
    matched: int
    events: int | None
    damaged: int
    first_damaged: str
    cut: bool
    seconds: float


def files_document(asked: AskedFiles) -> dict[str, JSON]:
    window = asked.window
    rows: list[JSON] = [dict(row) for row in asked.rows]
    files: list[JSON] = [
        {"path": one.path, "form": one.form, "bytes": one.size, "gzip": one.gzipped}
        for one in asked.files
    ]
    return {
        "schema": SCHEMA,
        "question": asked.question,
        "files": files,
        "window": None if window is None else {"from": iso(window.start), "to": iso(window.end)},
        "state": "ok" if asked.answered else "no_data",
        "detail": asked.detail,
        "query": {"query": asked.query},
        "columns": list(asked.columns),
        "rows": rows,
        "matched": asked.matched,
        "events": asked.events,
        "damaged": {"lines": asked.damaged, "first": asked.first_damaged},
        "cut": asked.cut,
        "seconds": round(asked.seconds, 3),
    }


def files_heading(asked: AskedFiles, *, width: int, colour: bool) -> str:
    """What stands above the table: which files, what was asked, how long it took."""
    lines = [painted(asked.title, "strong", colour=colour)] if asked.title else []
    for one in asked.files:
        packed = ", gzip" if one.gzipped else ""
        told = f"{one.path}: {_FORMS[one.form]}{packed}, {scanned(one.size)}"
        lines += [painted(line, "quiet", colour=colour) for line in wrapped(told, width=width)]
    lines += [
        painted(line, "quiet", colour=colour) for line in wrapped(_summary(asked), width=width)
    ]
    return "".join(f"{line}\n" for line in (*lines, ""))


def _summary(asked: AskedFiles) -> str:
    return ", ".join(_parts(asked))


def _parts(asked: AskedFiles) -> Iterator[str]:
    yield f"{asked.matched:,} matched"
    if asked.window is not None:
        yield _between(asked.window)
    yield f"{asked.seconds:.1f} s"


def _between(window: Window) -> str:
    """Without an end that nobody typed."""
    start = f"from {iso(window.start)}" if window.start.year > 1 else ""
    end = f"to {iso(window.end)}" if window.end.year < MAXYEAR else ""
    return f"{start} {end}".strip()


def counted_in_full(number: int, word: str) -> str:
    """`1,000,000 events`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def damage_told(asked: AskedFiles) -> str:
    """Nothing when there is none."""
    if not asked.damaged:
        return ""
    one = asked.damaged == 1
    lists = all(file.form == "document" for file in asked.files)
    lines = counted_in_full(asked.damaged, "member" if lists else "line")
    told = "is no record" if one else "are no records"
    return (
        f"{lines} {told} and {'has' if one else 'have'} no fields; the first: {asked.first_damaged}"
    )


def fitted(columns: Sequence[str], rows: Sequence[Row], width: int) -> tuple[tuple[Row, ...], bool]:
    """Rows whose texts are cut so that the table is as wide as the terminal, and if any was.

    The widest columns of text give way first, down to eight characters; times do not.
    """
    shown = {name: [_shown(row, name) for row in rows] for name in columns}
    widths = {name: max(map(cells, texts), default=0) for name, texts in shown.items()}
    limits = {name: max(widths[name], cells(name)) for name in columns}
    soft = [name for name in columns if not all(map(_TIME.match, shown[name]))]
    excess = sum(limits.values()) + len(_GAP) * (len(limits) - 1) - width
    for _ in range(max(excess, 0)):
        widest = max(soft, key=lambda name: limits[name], default=None)
        if widest is None or limits[widest] <= max(_NARROWEST, cells(widest)):
            break
        limits[widest] -= 1
    cut = tuple({n: _cut(row.get(n), limits[n]) for n in columns} for row in rows)
    return cut, any(widths[name] > limits[name] for name in columns)


def _shown(row: Row, name: str) -> str:
    value = row.get(name)
    return " ".join(value.split()) if isinstance(value, str) else figure(value)


def _cut(value: Scalar, most: int) -> Scalar:
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    if cells(text) <= most:
        return text
    while cells(text) > most - 1:
        text = text[:-1]
    return f"{text}…"
