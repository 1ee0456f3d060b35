"""DuckDB, only as a reader of exported records: no network, no other files, no extensions.

`duckdb` as a package imports much that is not needed here; its engine alone is `_duckdb`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from mangaops.sandbox.insights.files import Export, Form
from mangaops.sandbox.insights.records import Unsure
from mangaops.sandbox.insights.sql_values import UNSURE, NotInSql, column

_PATTERN = frozenset("*?[]{}")
_MEMORY = "1GB"
_LONGEST = 2_000_000
"""Bytes of a line; the memory for reading is 32 times as much, unless it is said."""
_NO_MEMBER = "mangaops: no member"


class Damaged(Exception):
    """A line of a file is no record, or the file cannot be read to its end."""


def available() -> bool:
    """Whether DuckDB is installed."""
    try:
        engine()
    except ImportError:
        return False
    return True


def engine() -> ModuleType:
    try:
        import _duckdb  # noqa: PLC0415 - in 20 ms; the package takes 85
    except ImportError:
        import duckdb  # noqa: PLC0415 - as above

        return duckdb
    return _duckdb


@contextmanager
def connected() -> Iterator[Any]:
    """A connection to a database in memory."""
    options = {
        "threads": str(min(4, os.cpu_count() or 1)),
        "memory_limit": _MEMORY,
        "temp_directory": "",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = engine().connect(":memory:", config=options)
    try:
        yield connection
    finally:
        connection.close()


def readable(exports: Sequence[Export]) -> bool:
    """Whether DuckDB reads these files as we do: records, all or none compressed."""
    return (
        all(one.form is Form.RECORDS and not _PATTERN & set(str(one.path)) for one in exports)
        and len({one.gzipped for one in exports}) == 1
    )


def source(exports: Sequence[Export], members: Sequence[str], *, damaged: bool) -> str:
    """The records of the files: one column of JSON text for each member.

    `damaged` reads a line that is no record as one without members, instead of stopping.
    """
    names = list(dict.fromkeys(members)) or [_NO_MEMBER]
    if len({one.lower() for one in names}) < len(names):
        raise NotInSql("members that differ only in case")
    if len(names) == 1:  # a single JSON column would be the whole record
        names.append(f"{names[0]}, {_NO_MEMBER}")
    columns = ", ".join(f"{_key(one)}: 'JSON'" for one in names)
    shown = ", ".join(f"{column(one)}::VARCHAR AS {column(one)}" for one in names)
    read = f"{_files(exports)}, columns={{{columns}}}{_how(exports, damaged=damaged)}"
    return f"(SELECT {shown} FROM read_json({read}))"  # noqa: S608 - all of it is quoted


def lines(exports: Sequence[Export]) -> str:
    """The text of each line as column `json`, NULL for one that is no JSON."""
    return f"read_json_objects({_files(exports)}{_how(exports, damaged=True)})"


def _files(exports: Sequence[Export]) -> str:
    return "[" + ", ".join(_key(str(Path(one.path).absolute())) for one in exports) + "]"


def _how(exports: Sequence[Export], *, damaged: bool) -> str:
    compression = "gzip" if exports[0].gzipped else "none"
    ignored = ", ignore_errors=true" if damaged else ""
    return f", format='newline_delimited', compression='{compression}'{ignored}"


def _key(text: str) -> str:
    """A path or a name of a member as a literal; one that cannot be one raises NotInSql."""
    if not text.isprintable():
        raise NotInSql(text)
    return "'" + text.replace("'", "''") + "'"


def rows(connection: Any, statement: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, some at a time; raises Unsure, or Damaged for bad input.

    DuckDB tells of Ctrl-C as an error of its own.
    """
    module = engine()
    try:
        found = connection.execute(statement)
        while batch := found.fetchmany(10_000):
            yield from batch
    except module.InterruptException:
        raise KeyboardInterrupt from None
    except RuntimeError as error:
        if "interrupted" in str(error):
            raise KeyboardInterrupt from None
        raise
    except module.Error as error:
        if UNSURE in str(error):
            raise Unsure(str(error)) from None
        raise Damaged(str(error)) from None
