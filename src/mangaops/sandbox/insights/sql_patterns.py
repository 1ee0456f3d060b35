"""`like` in DuckDB's SQL: a part of a text, or a regular expression that RE2 reads alike."""

from __future__ import annotations

import re

from mangaops.sandbox.insights.sql_values import UNSURE, Kind, NotInSql, Sql, quoted

_ALIKE = re.compile(
    r"""(?:\(\?i\))?(?:[\w ,:;=@%<>/!~"'-]|\\[dswDSW.\-/]|\((?!\?)|\(\?:|[.|)^$]|[*+?]\??(?![*+?])
    |\[\^?(?:[A-Za-z0-9_ .,:;/]|-(?!-)|\\[dsw])+\])*""",
    re.ASCII | re.VERBOSE,
)
_WHOLE_NUMBER = "[1-9][0-9]{0,14}|0"
_STOP = f"error('{UNSURE}')"


def matches(value: Sql, pattern: re.Pattern[str]) -> str:
    """NULL for an absent value."""
    part = _substring(pattern)
    if part is not None:
        return contains(value, part)
    if not _ALIKE.fullmatch(pattern.pattern) or pattern.flags & (re.DOTALL | re.MULTILINE):
        raise NotInSql("a regular expression of another kind")
    return _searched(value, quoted(pattern.pattern))


def contains(value: Sql, part: str) -> str:
    """NULL for an absent value. JSON's escapes are undone where there are some."""
    if value.kind is not Kind.RAW or '"' in part:
        raise NotInSql("text of what is no field")
    text, sought = value.output, quoted(part)
    return (
        f"CASE WHEN NOT {value.present} THEN NULL "
        f"WHEN starts_with({text}, '\"') THEN CASE WHEN contains({text}, '\\') "
        f"THEN contains(json_extract_string({text}, '$'), {sought}) "
        f"ELSE contains({text}, {sought}) END "
        f"WHEN regexp_full_match({text}, '{_WHOLE_NUMBER}') THEN contains({text}, {sought}) "
        f"ELSE {_STOP} END"
    )


def _searched(value: Sql, pattern: str) -> str:
    """Only in texts of ASCII without escapes: there RE2 and Python mean the same by a letter,
    a blank and the end.
    """
    if value.kind is not Kind.RAW:
        raise NotInSql("text of what is no field")
    text = value.output
    return (
        f"CASE WHEN NOT {value.present} THEN NULL "
        f"WHEN starts_with({text}, '\"') THEN "
        f"CASE WHEN contains({text}, '\\') OR strlen({text}) <> length({text}) THEN {_STOP} "
        f"ELSE regexp_matches({text}[2:-2], {pattern}) END "
        f"WHEN regexp_full_match({text}, '{_WHOLE_NUMBER}') THEN regexp_matches({text}, {pattern}) "
        f"ELSE {_STOP} END"
    )


def _substring(pattern: re.Pattern[str]) -> str | None:
    """The text that a pattern searches for, when it is nothing else."""
    text = re.sub(r"\\(.)", r"\1", pattern.pattern)
    plain = re.fullmatch(r"[\w /:=,-]*", pattern.pattern)
    return text if re.escape(text) == pattern.pattern or plain else None
