"""The fields of one exported record, for the names that a query asks for.

As in `events.py`, but without its limit of 200 fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mangaops.sandbox.insights.events import Row

SYSTEM = frozenset({"@timestamp", "@message", "@logStream", "@log", "@ingestionTime"})


class Unsure(Exception):
    """This way of reading cannot tell what the query's answer is; another one can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which fields a query names. `plain` maps names to members of the record itself;
    `deep` are dotted names, which a member or members of members may be.
    """

    plain: Mapping[str, str]
    deep: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    """Every member of a record that can matter to a name."""


def wanted(names: Iterable[str]) -> Wanted:
    plain: dict[str, str] = {}
    deep: set[str] = set()
    members: set[str] = set()
    for name in sorted(set(names) - SYSTEM):
        if name.startswith("@") and not name.startswith("@@"):
            continue  # one @ is Logs Insights' own, and there are no others
        member = name.removeprefix("@")
        parts = member.split(".")
        if len(parts) == 1:
            plain[name] = member
        else:
            deep.add(name)
        members.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return Wanted(plain=plain, deep=frozenset(deep), members=frozenset(members))


def fields_of(record: Mapping[str, Any], names: Wanted, *, strict: bool = False) -> Row:
    """The row of a record. `strict` raises Unsure where the order of members decides."""
    row: Row = {}
    for name, member in names.plain.items():
        value = record.get(member)
        if value is not None and not isinstance(value, dict | list):
            row[name] = value
    if names.deep:
        for key in (key for key in record if key in names.members):
            own = f"@{key}" if key.startswith("@") else key
            _descend(row, own, record[key], names.deep, strict=strict)
    return row


def _descend(row: Row, name: str, value: Any, deep: frozenset[str], *, strict: bool) -> None:
    if isinstance(value, dict):
        for key, member in value.items():
            _descend(row, f"{name}.{key}", member, deep, strict=strict)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _descend(row, f"{name}.{index}", member, deep, strict=strict)
    elif value is not None and name in deep:
        if strict and name in row:
            raise Unsure(name)
        row[name] = value
