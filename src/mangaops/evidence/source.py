"""What a reader of one kind of evidence is asked and what it answers.

A reader module looks like this:

    class EcsGateway(Protocol):                 # satisfied by aws.ecs.Ecs by shape
        def service(self, cluster: str, name: str) -> ... | None: ...

    class EcsServiceReader:
        def __init__(self, ecs: EcsGateway) -> None: ...
        def prepare(self) -> None: ...          # builds the client; may do nothing
        def read(self, declaration, asked) -> Evidence:
            query = query_of(declaration, EcsServiceQuery)
            ...
            return found(declaration, Record(fields={...}), query={"cluster": query.cluster})

The runbook is bound: no `${name}` is left in a query. A reader lets `errors.AwsError`
pass: the collector turns it into evidence by `not_read`. It fills in neither `seconds`
nor anything else that it did not see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from mangaops.errors import AwsDenied, MangaopsError
from mangaops.model.evidence import JSON, Evidence, EvidenceSet, EvidenceState, Value
from mangaops.model.query import Query
from mangaops.model.redaction import redacted
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.time import Window

Q = TypeVar("Q", bound=Query)


class Stopped(Exception):
    """The collector wants no answer any more: deadline, Ctrl-C, or no longer needed."""


class Stop(Protocol):
    """Tells a reader when to give up. A reader that makes a few calls need not look."""

    @property
    def requested(self) -> bool: ...

    def remaining(self) -> float:
        """Seconds until the deadline; 0 once a stop was requested."""
        ...

    def wait(self, seconds: float) -> bool:
        """Sleeps, but no longer than until the stop; whether one was requested."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader needs beside its declaration.

    `window` ends at a whole minute: the end of the newest complete one. A query's own
    `window` replaces its length (`window.last(query.window)`), not its end.
    `evidence` holds what has been read; what a query depends on (`products_from`) is
    in it, in whatever state.
    """

    window: Window
    evidence: EvidenceSet
    stop: Stop


class Reader(Protocol):
    """Reads evidence of one kind. `read` is called in a thread of its own, so a reader
    keeps no state between two declarations, or locks it.
    """

    def prepare(self) -> None:
        """Makes what the first call needs (a client), so that it overlaps with waiting."""
        ...

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        """The evidence, or an `AwsError`; `Stopped` once `asked.stop` was requested."""
        ...


class BatchReader(Protocol):
    """Reads all evidence of one kind together."""

    def prepare(self) -> None: ...

    def read_all(
        self, declarations: Sequence[EvidenceDeclaration], asked: Asked
    ) -> Iterator[Sequence[Evidence]]:
        """What one answer of AWS brings, together; in all exactly one per declaration."""
        ...


def query_of(declaration: EvidenceDeclaration, kind: type[Q]) -> Q:
    """The declaration's query, of the class that its kind promises."""
    if not isinstance(declaration.query, kind):
        raise TypeError(f"{declaration.id} is no {kind.__name__}")
    return declaration.query


def found(
    declaration: EvidenceDeclaration,
    value: Value,
    *,
    query: Mapping[str, JSON],
    summary: Mapping[str, JSON] | None = None,
    newest: datetime | None = None,
    hidden: tuple[str, ...] = (),
) -> Evidence:
    """Evidence in state `ok`; `hidden` are the secrets that were taken out of it."""
    return Evidence(
        id=declaration.id,
        kind=declaration.kind,
        state=EvidenceState.OK,
        value=value,
        query=query,
        summary=summary or {},
        newest=newest,
        hidden=hidden,
    )


def missing(
    declaration: EvidenceDeclaration,
    state: EvidenceState,
    detail: str,
    *,
    query: Mapping[str, JSON] | None = None,
    summary: Mapping[str, JSON] | None = None,
    newest: datetime | None = None,
) -> Evidence:
    """Evidence without a value; `detail` says in one sentence why, and what to do."""
    return Evidence(
        id=declaration.id,
        kind=declaration.kind,
        state=state,
        query=query or {},
        summary=summary or {},
        newest=newest,
        detail=detail,
    )


def not_read(declaration: EvidenceDeclaration, error: MangaopsError) -> Evidence:
    """Evidence that an error kept from being read: `denied`, else `failed`."""
    state = EvidenceState.DENIED if isinstance(error, AwsDenied) else EvidenceState.FAILED
    detail = "; ".join(part for part in (redacted(str(error)), error.hint) if part)
    return missing(declaration, state, detail)
