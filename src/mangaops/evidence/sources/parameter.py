"""`parameter`: an SSM parameter, and its history where the runbook asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from mangaops.errors import AwsCredentials, AwsError
from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted, epoch, known, told
from mangaops.model.evidence import JSON, Evidence, Record, Row, Scalar, Table
from mangaops.model.query import ParameterQuery
from mangaops.model.redaction import REDACTED, redacted_value
from mangaops.model.redaction.hidden import Noted
from mangaops.model.resources import ParameterVersion, StoredParameter
from mangaops.model.runbook import EvidenceDeclaration

_COLUMNS = ("version", "value", "modified_at", "modified_by")


class Parameters(Protocol):
    def prepare(self) -> None: ...
    def parameter(self, name: str) -> StoredParameter: ...
    def history(self, name: str) -> tuple[ParameterVersion, ...]: ...


class ParameterReader:
    """`number` is there when the value is one; the value of a SecureString is absent."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    def prepare(self) -> None:
        self._parameters.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # the parameter is as it is now
        query = query_of(declaration, ParameterQuery)
        calls = "ssm:GetParameter, ssm:GetParameterHistory" if query.history else "ssm:GetParameter"
        call: dict[str, JSON] = {"call": calls, "name": query.name}

        def read() -> Evidence:
            stored = self._parameters.parameter(query.name)
            noted = Noted(REDACTED)
            fields = _fields(stored, noted)
            evidence = found(
                declaration,
                Record(fields=fields),
                query=call,
                summary={"value": fields.get("value"), "version": stored.version},
                newest=stored.modified_at,
            )
            if query.history:
                evidence = self._with_history(evidence, query, fields, noted)
            return replace(evidence, hidden=noted.values)

        return attempted(declaration, call, read)

    def _with_history(
        self, evidence: Evidence, query: ParameterQuery, fields: dict[str, Scalar], noted: Noted
    ) -> Evidence:
        try:
            versions = self._parameters.history(query.name)
        except AwsCredentials:
            raise
        except AwsError as error:
            return replace(evidence, detail=f"the history was not read: {told(error)}")
        rows = tuple(_row(query.name, version, noted) for version in versions)
        history = Table(columns=_COLUMNS, rows=rows)
        return replace(evidence, value=Record(fields={**fields, "history": history}))


def _fields(stored: StoredParameter, noted: Noted) -> dict[str, Scalar]:
    value = None if stored.value is None else redacted_value(stored.name, stored.value, noted)
    return known(
        value=value,
        number=number_in(value),
        version=stored.version,
        modified_at=epoch(stored.modified_at),
    )


def _row(name: str, version: ParameterVersion, noted: Noted) -> Row:
    return {
        "version": version.version,
        "value": None if version.value is None else redacted_value(name, version.value, noted),
        "modified_at": epoch(version.modified_at),
        "modified_by": version.modified_by,
    }


def number_in(text: str | None) -> float | int | None:
    """The finite number that a text is; None when it is none."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    if number != number or abs(number) == float("inf"):  # noqa: PLR0124 - NaN differs from itself
        return None
    return int(number) if number.is_integer() else number
