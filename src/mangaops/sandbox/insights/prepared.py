"""Saved queries, parsed beforehand: to load the parser takes longer than to ask small files.

`prepared.json` holds them by their text, each object as its class with its fields, a tuple as
a list. Any other text is for `grammar.py`. To write the file again, after a change of a saved
question or of the grammar: the test that compares them says how.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from mangaops.sandbox.insights import query
from mangaops.sandbox.insights.query import Query

FILE = Path(__file__).with_name("prepared.json")


def prepared(text: str, file: Path = FILE) -> Query | None:
    """The query of exactly this text, None if it is not among them."""
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = _decoded(known[text]) if text in known else None
    return found if isinstance(found, Query) else None


def write(queries: Iterable[Query], file: Path = FILE) -> None:
    """Queries whose patterns and values JSON can hold."""
    known = {one.text: _encoded(one) for one in queries}
    file.write_text(json.dumps(known, separators=(",", ":")) + "\n", encoding="utf-8")


def _encoded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_encoded(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        members = {one.name: _encoded(getattr(value, one.name)) for one in fields(value)}
        return {type(value).__name__: members}
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(one) for one in value)
    if isinstance(value, dict):
        ((name, members),) = value.items()
        return getattr(query, name)(**{key: _decoded(one) for key, one in members.items()})
    return value
