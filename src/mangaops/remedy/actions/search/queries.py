"""The searches that warm an index up: made up from its vector fields, or read from a file."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from mangaops.errors import InputError
from mangaops.model.evidence import JSON

NEIGHBOURS = 10
LARGEST_TEXT = 4 * 1024 * 1024
"""Characters of a file of queries: a plan carries all of them."""


def made_up(fields: Mapping[str, int], seed: str) -> Iterator[Mapping[str, JSON]]:
    """Without end: the nearest neighbours of unit vectors of random directions.

    `fields` has the dimensions of vector fields by name; they take turns. The same seed
    gives the same queries.
    """
    random = Random(seed)  # noqa: S311 - directions, not secrets
    while True:
        for name, dimension in fields.items():
            knn: JSON = {name: {"vector": _unit(random, dimension), "k": NEIGHBOURS}}
            yield {"size": NEIGHBOURS, "_source": False, "query": {"knn": knn}}


def _unit(random: Random, dimension: int) -> list[float]:
    raw = [random.gauss(0, 1) for _ in range(dimension)]
    length = math.hypot(*raw) or 1.0
    return [round(value / length, 6) for value in raw]


def from_lines(text: str) -> Sequence[Mapping[str, JSON]]:
    """JSON lines, each the body of a search: an object with `query`, or with `knn` for short.

    Empty lines are skipped. Raises InputError that names the line.
    """
    if len(text) > LARGEST_TEXT:
        what = f"the file has {len(text):,} characters, and a plan carries at most {LARGEST_TEXT:,}"
        raise InputError(what, where="--queries", hint="give fewer queries; they are repeated")
    lines = text.removeprefix("\ufeff").split("\n")
    found = [_body(line, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise InputError(
            "the file has no query",
            where="--queries",
            hint="write one search body a line, or leave --queries out",
        )
    return found


def _body(line: str, number: int) -> Mapping[str, JSON]:
    where = f"--queries, line {number}"
    try:
        body = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InputError(f"this is no JSON: {error}", where=where) from error
    if not isinstance(body, dict) or ("query" in body) == ("knn" in body):
        raise InputError(
            "a query is an object with either `query` or `knn`",
            where=where,
            hint='for example {"size": 10, "query": {"knn": {"embedding": {"vector": [...]}}}}',
        )
    for clause in ("query", "knn"):
        if clause in body and not (isinstance(body[clause], dict) and body[clause]):
            raise InputError(f"`{clause}` is an object that is not empty", where=where)
    if "knn" in body:
        body["query"] = {"knn": body.pop("knn")}
    return body


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no JSON number")
