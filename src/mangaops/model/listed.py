"""One thing that AWS lists: what `init` chooses from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """`name` is what would be written into mangaops.yaml, `about` what a person knows it by.

    `marks` are facts that tell what it is for, whatever its name: `key:intent,version` and
    `types:S,S` of a table, `stream:TABLE` of a function that it feeds, `log:GROUP` of a container,
    `group:NAME` of a collection.
    """

    name: str
    about: str = ""
    marks: frozenset[str] = frozenset()
