"""How every source of one resource ends: as evidence, with the query that was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from mangaops.errors import (
    AwsCredentials,
    AwsError,
    AwsNotFound,
    AwsUnreachable,
    ConfigError,
    MangaopsError,
)
from mangaops.evidence.source import not_read
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Scalar
from mangaops.model.redaction import redacted
from mangaops.model.runbook import EvidenceDeclaration

OWN_ENDPOINTS = frozenset({"redis", "aoss:APIAccessAll"})
"""Operations that go elsewhere than to AWS's own endpoints, often into a VPC."""


def attempted(
    declaration: EvidenceDeclaration, query: Mapping[str, JSON], read: Callable[[], Evidence]
) -> Evidence:
    """What `read` answers, or the evidence that its error amounts to.

    Something that does not exist is `no_data`, a time-out `timeout`, a refusal `denied`,
    anything else `failed`. What concerns all sources passes, for the collector to judge:
    credentials or a configuration that do not work, AWS that cannot be reached.
    """
    try:
        return read()
    except (AwsError, ConfigError) as error:
        if _concerns_all(error):
            raise
        lost = not_read(declaration, error)
        state = state_of(error) or lost.state
        detail = redacted(lost.detail).replace(
            ".; ", "; "
        )  # AWS ends its sentences, the list goes on
        return replace(lost, state=state, query=query, detail=detail)


def _concerns_all(error: AwsError | ConfigError) -> bool:
    if isinstance(error, AwsUnreachable):
        return error.operation not in OWN_ENDPOINTS and state_of(error) is None
    return isinstance(error, AwsCredentials)


def state_of(error: AwsError | ConfigError) -> EvidenceState | None:
    """The state that such an error stands for, where it is neither `denied` nor `failed`."""
    if isinstance(error, AwsNotFound):
        return EvidenceState.NO_DATA
    if isinstance(error, AwsUnreachable) and "Timeout" in error.code:
        return EvidenceState.TIMEOUT
    return None


def told(error: MangaopsError) -> str:
    """An error as part of a sentence, without secrets."""
    return redacted(str(error)).strip().rstrip(".")


def epoch(instant: datetime | None) -> float | None:
    """Seconds since 1970, as times are written in rows and fields."""
    return instant.timestamp() if instant else None


def newest(instants: Iterable[datetime | None]) -> datetime | None:
    return max((instant for instant in instants if instant), default=None)


def known(**fields: Scalar) -> dict[str, Scalar]:
    """The fields that have a value: what could not be read is absent from a record."""
    return {name: value for name, value in fields.items() if value is not None}
