"""`prewarm-search`: k-NN queries over the data plane, so that the index is warm before its users.

Nothing is changed: a search only reads. What it does to caches and to the number of OCU
cannot be shown before, and needs no undo.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from mangaops.errors import InputError
from mangaops.model.evidence import JSON
from mangaops.model.plan import Draft, Risk, Step, UndoKind
from mangaops.model.request import PrewarmSearch
from mangaops.model.resources import VectorField
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action
from mangaops.remedy.actions.search.queries import from_lines
from mangaops.remedy.actions.search.searching import (
    ACCESS,
    PREWARM,
    Collections,
    Index,
    PrewarmAction,
    endpoint_of,
)

MOST_QUERIES = 10_000
FASTEST = 100.0
LARGEST_DIMENSION = 16_000
"""The most that OpenSearch takes for a vector of floats."""


class PrewarmSearchRemedy:
    reads: ClassVar[tuple[str, ...]] = ("aoss:BatchGetCollection", ACCESS)
    writes: ClassVar[tuple[str, ...]] = (ACCESS,)

    def __init__(
        self,
        *,
        search: Collections,
        data: Index,
        environment: Environment,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._search = search
        self._data = data
        self._resources = environment.resources
        self._action = PrewarmAction(search=search, data=data, monotonic=monotonic)

    @property
    def actions(self) -> Mapping[str, Action]:
        return {PREWARM: self._action}

    def draft(self, request: PrewarmSearch) -> Draft:
        """Raises InputError for a wrong rate, count or file, and AwsNotFound or AwsDenied
        when the index is not there or may not be read.
        """
        _check(request)
        lines = from_lines(request.queries) if request.queries else ()
        collection = self._search.collection(self._resources["collection"])
        index = self._resources["index"]
        fields = self._data.vector_fields(endpoint_of(collection), index)
        step = Step(
            number=1,
            action=PREWARM,
            target=f"{collection.name}/{index}",
            before={},
            after={},
            undo=UndoKind.NONE,
            summary=f"{request.count} searches, at most {request.rate:g} a second",
            arguments={
                "rate": request.rate,
                "count": request.count,
                **(_given(lines, request.count) if lines else _made_up(fields, index)),
            },
            not_previewed="latencies show only while the queries run",
        )
        return Draft(
            title=f"Warm up index {index} of collection {collection.name}",
            confirm=index,
            risk=Risk.MILD,
            steps=(step,),
            reach=(_load(request),),
            permissions=(ACCESS,),
            notes=_notes(len(lines), request.count),
            settle=timedelta(minutes=1),
        )


def _check(request: PrewarmSearch) -> None:
    if not (math.isfinite(request.rate) and 0 < request.rate <= FASTEST):
        what = f"{request.rate:g} is no rate: above 0, and at most {FASTEST:g} queries a second"
        raise InputError(what, where="--rate")
    if not 0 < request.count <= MOST_QUERIES:
        what = f"{request.count} is no number of queries: from 1 to {MOST_QUERIES:,}"
        raise InputError(what, where="--count")


def _given(lines: Sequence[Mapping[str, JSON]], count: int) -> dict[str, JSON]:
    return {"queries": list(lines[:count])}


def _made_up(fields: Sequence[VectorField], index: str) -> dict[str, JSON]:
    """Dimensions by field, and the seed. Raises InputError where there is nothing to make up."""
    usable: dict[str, JSON] = {
        each.name: each.dimension
        for each in fields
        if each.kind == "float" and each.dimension and each.dimension <= LARGEST_DIMENSION
    }
    if not usable:
        there = ", ".join(f"{each.name} ({each.kind})" for each in fields) or "none at all"
        raise InputError(
            f"index {index} has no vector field of floats with a dimension; it has: {there}",
            hint="send queries of your own: mangaops prewarm-search --queries FILE",
        )
    return {"fields": usable, "seed": index}


def _load(request: PrewarmSearch) -> str:
    seconds = request.count / request.rate
    return (
        f"searches of users share the index with {request.rate:g} more a second for "
        f"{max(1, round(seconds)):,} s; never two of ours at a time"
    )


def _notes(given: int, count: int) -> tuple[str, ...]:
    notes = ["nothing is changed, so there is nothing to undo"]
    if not given:
        notes.append(
            "the queries are made up, of random directions: --queries FILE sends those of users"
        )
    elif given > count:
        notes.append(f"of the {given:,} queries of the file {count:,} are sent: --count {given}")
    return tuple(notes)
