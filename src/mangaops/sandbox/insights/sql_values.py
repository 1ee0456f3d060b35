"""Values of a record in DuckDB's SQL, as `values.py` sees them.

A field comes as the JSON text of its member: `"faq"`, `812.4`, `true`, `{"a":1}`, NULL for
none. Where SQL would not say exactly what Python says, the query stops with `UNSURE`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum, auto

from mangaops.sandbox.insights.own_time import LAST, SECONDS_BELOW

UNSURE = "mangaops is unsure"
_EXACT = 2**53
_STOP = f"error('{UNSURE}')"
_CONTROL = re.compile(r"[\x00-\x1f\ud800-\udfff]")
_SHORT_NUMBER = r'"[+-]?([0-9]{1,15}|[0-9]{0,15}[.][0-9]{1,15})"'
_NO_NUMBER = r'^"([^0-9+.\s\\-]|"|$)'


class NotInSql(Exception):
    """The expression has no exact form in SQL."""


class Kind(Enum):
    """In which form a value comes out of SQL: `output` of a value is of this kind."""

    RAW = auto()
    FLAG = auto()
    INSTANT = auto()
    NUMBER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """One value: `present` is never NULL, `number` is NULL for what is none.

    `output` is the JSON text, boolean, milliseconds or number that it is, by `kind`.
    """

    kind: Kind
    present: str
    number: str
    output: str

    @property
    def truth(self) -> str:
        """What `filter` makes of it."""
        return self.output if self.kind is Kind.FLAG else f"coalesce({self.number} <> 0, false)"


def column(of: str) -> str:
    return '"' + of.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """A text as a literal of SQL; one that SQL cannot hold raises NotInSql."""
    if "\0" in text or _CONTROL.search(text):
        raise NotInSql(text)
    return "'" + text.replace("'", "''") + "'"


def json_text(text: str) -> str:
    """The JSON text of `text`, as DuckDB writes it, as a literal."""
    return quoted(json.dumps(text, ensure_ascii=False))


def raw(text: str) -> Sql:
    """What a JSON text is; an object or an array is no value, but holds others."""
    return Sql(
        present=f"coalesce({_is_value(text)}, false)",
        number=_number(text),
        output=text,
        kind=Kind.RAW,
    )


def boolean(condition: str) -> Sql:
    """The result of a comparison: always there, 1 or 0."""
    flag = f"({condition})"
    return Sql(present="true", number=f"{flag}::INT::DOUBLE", output=flag, kind=Kind.FLAG)


def computed(number: str) -> Sql:
    """A number that SQL computes."""
    return Sql(present=f"({number} IS NOT NULL)", number=number, output=number, kind=Kind.NUMBER)


def moment(milliseconds: str) -> Sql:
    """An instant, which every event has."""
    as_double = f"({milliseconds})::DOUBLE"
    return Sql(present="true", number=as_double, output=milliseconds, kind=Kind.INSTANT)


def sure(number: str) -> str:
    """The number, unless it is beyond what a float counts one by one."""
    return f"CASE WHEN abs({number}) >= {_EXACT} OR isnan({number}) THEN {_STOP} ELSE {number} END"


def _number(raw: str) -> str:
    """Plain numbers first; then flags and texts that read as numbers, which are rare."""
    plain = f"try_cast({raw} AS DOUBLE)"
    return (
        f"CASE WHEN abs({plain}) < {_EXACT} THEN {plain} WHEN {raw} IS NULL THEN NULL "
        f"WHEN {raw} = 'true' THEN 1 WHEN {raw} = 'false' THEN 0 "
        f"WHEN NOT {_is_value(raw)} THEN NULL "
        f"WHEN regexp_full_match({raw}, {_sql(_SHORT_NUMBER)}) "
        f"THEN try_cast({raw}[2:-2] AS DOUBLE) "
        f"WHEN regexp_matches({raw}, {_sql(_NO_NUMBER)}) THEN NULL ELSE {_STOP} END"
    )


def _sql(pattern: str) -> str:
    return "'" + pattern + "'"


def _is_value(raw: str) -> str:
    """A string, a number or a flag by its first character; no object or array, no NaN."""
    return f"(({raw} < 'I' AND NOT starts_with({raw}, '-I')) OR ({raw} >= 'f' AND {raw} < '{{'))"


def instant(of: str) -> str:
    """Milliseconds of a member that is a time, as `own_time.milliseconds` reads it."""
    raw = column(of)
    number = f"try_cast({raw} AS DOUBLE)"
    return (
        f"CASE WHEN {raw} IS NULL THEN NULL WHEN {_is_usual(raw)} THEN {_of_usual(raw)} "
        f"WHEN starts_with({raw}, '\"') THEN {_of_text(raw)} "
        f"WHEN {number} BETWEEN 0 AND {LAST - 1} THEN CASE WHEN {number} < {SECONDS_BELOW} "
        f"THEN trunc({number} * 1000) ELSE trunc({number}) END::BIGINT ELSE {_STOP} END"
    )


def _is_usual(raw: str) -> str:
    """A text such as "2026-11-21T11:00:00.000Z", which `_of_text` reads too, but not as fast."""
    form, midnight = "'\"____-__-__T__:__:__.___Z\"'", "'____________24%'"
    odd = f"contains({raw}, '+') OR contains({raw}, ' ') OR {raw} LIKE {midnight}"
    return f"{raw} LIKE {form} AND NOT ({odd})"


def _of_usual(raw: str) -> str:
    time = f"try_cast(substring({raw}, 2, 23) AS TIMESTAMP)"
    return f"CASE WHEN {time} >= TIMESTAMP '1970-01-01' THEN epoch_ms({time}) ELSE {_STOP} END"


def _of_text(raw: str) -> str:
    """Only what SQL and Python read alike: UTC, with none, three or six digits of the second."""
    body = f"CASE WHEN ends_with({raw}, 'Z\"') THEN {raw}[2:-3] ELSE {raw}[2:-8] END"
    time = f"try_cast({body} AS TIMESTAMP)"
    return (
        f"CASE WHEN (ends_with({raw}, 'Z\"') OR ends_with({raw}, '+00:00\"')) "
        f"AND strlen({body}) IN (19, 23, 26) AND ({body})[11] IN ('T', ' ') "
        f"AND ({body})[20] IN ('', '.') AND NOT contains({body}, '+') "
        f"AND ({body})[12:13] <> '24' AND NOT contains(({body})[12:], ' ') "
        f"AND {time} >= TIMESTAMP '1970-01-01' "
        f"THEN epoch_us({time}) // 1000 ELSE {_STOP} END"
    )
