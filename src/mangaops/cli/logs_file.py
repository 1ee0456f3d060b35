"""Questions to exported log files: no AWS, no credentials, no configuration.

The engine is the one that answers StartQuery in the sandbox, so it needs the same extra.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.cli.answer import emit_rows
from mangaops.cli.context import AppContext
from mangaops.cli.options import Output, Show, When
from mangaops.cli.questions import EVERY_CALL, Question
from mangaops.cli.window import span_of
from mangaops.errors import ExitCode, InputError, SandboxError
from mangaops.model.evidence import Scalar, Table
from mangaops.model.time import Window
from mangaops.render.logs_file import (
    AskedFiles,
    FileRead,
    damage_told,
    files_document,
    files_heading,
)

if TYPE_CHECKING:
    from mangaops.sandbox.insights.exported import FromFiles
    from mangaops.sandbox.insights.files import Export
    from mangaops.sandbox.insights.query import Query

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def asked_of_files(
    question: Question, files: Sequence[Path], when: When, context: AppContext, show: Show
) -> AskedFiles:
    """Raises InputError for files that cannot be read and queries that are none."""
    gc.disable()  # rows hold no cycles; a tenth of the time would go into looking for some
    window = span_of(when, now=context.clock())
    need_the_engine()
    from mangaops.sandbox.insights.files import exported  # noqa: PLC0415 - lark

    started = context.monotonic()
    query = parsed(question.query)
    _refuse_twice(files)
    exports = [exported(file) for file in files]
    with _telling(context, show, files):
        found = _run(query, exports, window)
        calls = _calls(question, found, exports, window)
        there = _there(exports) if window and not found.result.matched else ""
    return _told(question, found, exports, window, calls, there, context.monotonic() - started)


def _refuse_twice(files: Sequence[Path]) -> None:
    seen: set[Path] = set()
    for file in files:
        if file.resolve() in seen:
            what = "this file is named twice, and its events would count twice"
            raise InputError(what, where=str(file), hint="name it once")
        seen.add(file.resolve())


@contextmanager
def _telling(context: AppContext, show: Show, files: Sequence[Path]) -> Iterator[None]:
    """What is being read, where someone looks."""
    if show.quiet or not (show.verbose or context.terminal.shows_progress):
        yield
        return
    from mangaops.cli.progress import one_line  # noqa: PLC0415 - as above

    with one_line(context, show) as tell:
        tell(f"reading {', '.join(str(file) for file in files)}")
        yield


def need_the_engine() -> None:
    """Raises SandboxError where the packages of the sandbox are not installed."""
    if find_spec("lark") is None:
        raise SandboxError(
            "files are asked with the sandbox's engine, whose packages are not installed (lark)",
            where="--file",
            hint="pip install 'mangaops[sandbox]'",
        )


def parsed(text: str) -> Query:
    """The query; raises InputError with the place of what is wrong with it."""
    from mangaops.sandbox.insights.prepared import prepared  # noqa: PLC0415 - not for --help

    ready = prepared(text)
    if ready is not None:
        return ready
    from mangaops.sandbox.insights.grammar import parse_query  # noqa: PLC0415 - lark
    from mangaops.sandbox.insights.query import MalformedQuery  # noqa: PLC0415 - as above

    try:
        return parse_query(text)
    except MalformedQuery as error:
        raise InputError(
            error.message, where=f"the query{place(text, error.start)}", hint=_GRAMMAR
        ) from None


_GRAMMAR = "fields, filter, parse, stats, sort, limit, display and dedup run on files"


def place(text: str, offset: int) -> str:
    """`, line 2, column 7` of a text."""
    before = text[:offset]
    line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
    return f", line {line}, column {column}"


def _run(query: Query, exports: Sequence[Export], window: Window | None) -> FromFiles:
    from mangaops.sandbox.insights.exported import run_files  # noqa: PLC0415 - lark

    span = None if window is None else (_first_of(window.start), _first_of(window.end))
    return run_files(query, exports, span=span)


def _first_of(instant: datetime) -> int:
    """The first millisecond that is not before it."""
    return -((_EPOCH - instant) // _MILLISECOND)


def _calls(
    question: Question, found: FromFiles, exports: Sequence[Export], window: Window | None
) -> int | None:
    """How many calls there are at all, when a saved question about them matched none."""
    if found.result.rows or not question.columns:
        return None
    every = _run(parsed(EVERY_CALL.query), exports, window).result
    return every.matched


def _there(exports: Sequence[Export]) -> str:
    """How many events there are in all, and from when to when."""
    rows = _run(parsed(_EXTENT), exports, None).result.rows
    if not rows:
        return ""
    row = rows[0]
    return f"in the files are {int(row['n']):,} events from {row['first']} to {row['last']}"


_EXTENT = "stats count(*) as n, min(@timestamp) as first, max(@timestamp) as last"


def _told(
    question: Question,
    found: FromFiles,
    exports: Sequence[Export],
    window: Window | None,
    calls: int | None,
    there: str,
    seconds: float,
) -> AskedFiles:
    table = _table(question, found.result.rows, found.result.columns)
    return AskedFiles(
        question=question.name,
        title=question.title,
        query=question.query,
        files=tuple(
            FileRead(path=str(one.path), form=one.form.value, size=one.size, gzipped=one.gzipped)
            for one in exports
        ),
        window=window,
        answered=bool(table.rows) or bool(calls),
        detail="; ".join(filter(None, (_detail(found, calls, table), there))),
        columns=table.columns,
        units=question.units,
        rows=table.rows,
        matched=found.result.matched,
        events=found.events,
        damaged=found.damage.lines,
        first_damaged=found.damage.first,
        cut=found.result.cut,
        seconds=seconds,
    )


def _table(question: Question, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> Table:
    """Typed as the rows of AWS are; columns that no row has a value of are there as well."""
    from mangaops.evidence.sources.log_rows import typed  # noqa: PLC0415 - not for --help

    table = typed(rows, question.columns).table
    if question.columns or not rows:
        return table
    shown: list[dict[str, Scalar]] = [{n: row.get(n) for n in columns} for row in table.rows]
    return Table(columns=tuple(columns), rows=tuple(shown))


def _detail(found: FromFiles, calls: int | None, table: Table) -> str:
    if table.rows:
        return (
            f"cut off at {len(table.rows):,} rows; a limit says how many"
            if found.result.cut
            else ""
        )
    if calls:
        return f"none, among {calls:,} calls"
    return "no event matched: check the fields of the query, and --since, --from and --to"


def tell_files(context: AppContext, show: Show, asked: AskedFiles) -> ExitCode:
    """The answer on stdout, what is wrong with the files on stderr."""
    terminal = context.terminal
    if show.output is Output.TEXT:
        terminal.emit(files_heading(asked, width=terminal.width, colour=terminal.colour))
    emit_rows(context, show, files_document(asked), asked.columns, asked.rows, asked.units)
    for line in (damage_told(asked), asked.detail):
        if line and show.output is not Output.JSON:
            terminal.say(line)
    return ExitCode.DONE if asked.answered else ExitCode.INCONCLUSIVE
