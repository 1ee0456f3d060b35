"""How every source of one resource ends: as evidence, with the query that was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from mangaops.errors import AwsCredentials, AwsError, AwsNotFound, AwsUnreachable, InputError
from mangaops.evidence.redaction import redacted
from mangaops.evidence.source import not_read
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Scalar
from mangaops.model.runbook import EvidenceDeclaration


def attempted(
    declaration: EvidenceDeclaration, query: Mapping[str, JSON], read: Callable[[], Evidence]
) -> Evidence:
    """What `read` answers, or the evidence that its error amounts to.

    Something that does not exist is `no_data`, a time-out `timeout`, a refusal `denied`,
    anything else `failed`; credentials that do not work concern all sources, so that
    error passes.
    """
    try:
        return read()
    except AwsCredentials:
        raise
    except (AwsError, InputError) as error:
        lost = not_read(declaration, error)
        state = state_of(error) or lost.state
        return replace(lost, state=state, query=query, detail=redacted(lost.detail))


def state_of(error: AwsError | InputError) -> EvidenceState | None:
    """The state that such an error stands for, where it is neither `denied` nor `failed`."""
    if isinstance(error, AwsNotFound):
        return EvidenceState.NO_DATA
    if isinstance(error, AwsUnreachable) and "Timeout" in error.code:
        return EvidenceState.TIMEOUT
    return None


def told(error: AwsError | InputError) -> str:
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
