"""Which fields of an event a Logs Insights query uses, as far as its text tells.

Known cost: this is no parser. What a query makes optional (`coalesce`, `ispresent`) or
names itself (`as`) is not asked of the events.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_REGEX = re.compile(r"(\blike\b|=~|\bparse\s+@?[\w.]+)\s*/(?:[^/\\\n]|\\.)*/", re.IGNORECASE)
_CAPTURED = re.compile(r"\(\?<(\w+)>")
_NAMED = re.compile(r"\bas\s+([\w@.]+(?:\s*,\s*[\w@.]+)*?)(?=\s*(?:[|,)]|\bby\b|$))", re.IGNORECASE)
_PARSED = re.compile(r"\bparse\b[^|]*\bas\s+([^|]+)", re.IGNORECASE)
_OPTIONAL = re.compile(r"\b(?:coalesce|ispresent|isempty|isblank)\s*\(\s*([\w.]+)", re.IGNORECASE)
_WORD = re.compile(r"(?<![\w@.])([A-Za-z_][\w.]*)(?!\s*\(|[\w.])")
_COMMENT = re.compile(r"#.*$", re.MULTILINE)
_EQUALS = re.compile(r"\b([A-Za-z_][\w.]*)\s*=\s*\"([^\"]*)\"")
_AMONG = re.compile(r"\b([A-Za-z_][\w.]*)\s+in\s*\[([^\]]*)\]", re.IGNORECASE)
_KEYWORDS = frozenset(
    {
        "fields",
        "filter",
        "stats",
        "sort",
        "limit",
        "display",
        "parse",
        "dedup",
        "pattern",
        "unmask",
        "unnest",
    }
    | {"as", "by", "and", "or", "not", "in", "like", "asc", "desc", "true", "false", "null", "bin"}
)


def fields_of(query: str) -> frozenset[str]:
    """What must be in an event for the query to see it as its author meant."""
    captured = frozenset(_CAPTURED.findall(query))
    bare = _STRING.sub('""', _REGEX.sub(r"\1 ", _COMMENT.sub("", query)))
    optional = frozenset(_OPTIONAL.findall(bare))
    named = {name for found in _NAMED.findall(bare) for name in _names(found)}
    named |= {name for found in _PARSED.findall(bare) for name in _names(found)}
    words = {word for word in _WORD.findall(bare) if word.lower() not in _KEYWORDS}
    return frozenset(words - named - captured - optional)


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",")]


def kinds_of_event(queries: Iterable[str]) -> str:
    """The field by which queries tell kinds of events apart (`log_type`); empty if none does."""
    counted = Counter(name for query in queries for name in wanted_by(query))
    return max(counted, key=lambda name: (counted[name], name), default="")


def wanted_by(query: str) -> Mapping[str, frozenset[str]]:
    """The values that a query's filters ask of a field: `log_type` -> {`ws_close`}."""
    text = _COMMENT.sub("", query)
    found = {name: frozenset({value}) for name, value in _EQUALS.findall(text)}
    for name, listed in _AMONG.findall(text):
        found[name] = frozenset(word.strip().strip("\"'") for word in listed.split(","))
    return found
