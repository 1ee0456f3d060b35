"""`prompt_versions`: every version of every prompt. A prompt change shows nowhere else:
CloudTrail does not see item writes. Two active versions of an intent, or none, are rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from mangaops.evidence.source import Asked, found, missing, query_of
from mangaops.evidence.sources.attempt import attempted, epoch, newest
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Row, Table
from mangaops.model.query import PromptVersionsQuery
from mangaops.model.resources import PromptVersion, PromptVersions
from mangaops.model.runbook import EvidenceDeclaration

_COLUMNS = (
    "intent",
    "version",
    "active",
    "prompt_tokens",
    "max_output_tokens",
    "activated_at",
    "digest",
)


class Prompts(Protocol):
    def prepare(self) -> None: ...
    def prompt_versions(self, table: str) -> PromptVersions: ...


class PromptVersionsReader:
    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts

    def prepare(self) -> None:
        self._prompts.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # all versions, whenever they were activated
        query = query_of(declaration, PromptVersionsQuery)
        call: dict[str, JSON] = {
            "call": "dynamodb:Scan",
            "table": query.table,
            "consistent_read": True,
        }

        def read() -> Evidence:
            answer = self._prompts.prompt_versions(query.table)
            summary = _summary(answer)
            if not answer.versions:
                detail = f"table {query.table} holds no usable prompt version{_note(answer)}"
                return missing(
                    declaration, EvidenceState.NO_DATA, detail, query=call, summary=summary
                )
            evidence = found(
                declaration,
                Table(columns=_COLUMNS, rows=tuple(_row(item) for item in answer.versions)),
                query=call,
                summary=summary,
                newest=newest(version.activated_at for version in answer.versions),
            )
            return replace(evidence, detail=_note(answer).lstrip("; "))

        return attempted(declaration, call, read)


def _row(version: PromptVersion) -> Row:
    return {
        "intent": version.intent,
        "version": version.version,
        "active": version.active,
        "prompt_tokens": version.prompt_tokens,
        "max_output_tokens": version.max_output_tokens,
        "activated_at": epoch(version.activated_at),
        "digest": version.digest,
    }


def _summary(answer: PromptVersions) -> dict[str, JSON]:
    active = [version.intent for version in answer.versions if version.active]
    intents = {version.intent for version in answer.versions}
    odd = sorted(intent for intent in intents if active.count(intent) != 1)
    return {
        "rows": len(answer.versions),
        "intents": len(intents),
        "malformed": answer.malformed,
        "intents_without_exactly_one_active": odd,
    }


def _note(answer: PromptVersions) -> str:
    return f"; {answer.malformed} malformed items" if answer.malformed else ""
