"""`recent_changes`: what was changed lately, in one dated list: prompts activated,
deployments begun, parameters written.

Each part may fail on its own: it is then named in `detail`, and the rest is told. Only
when every part failed is the evidence lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from mangaops.errors import AwsCredentials, AwsError, AwsNotFound, MangaopsError
from mangaops.evidence.parallel import run_all
from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted, newest, told
from mangaops.model.evidence import JSON, Evidence, Row, Table
from mangaops.model.query import RecentChangesQuery
from mangaops.model.redaction import REDACTED, redacted, redacted_value
from mangaops.model.redaction.hidden import Noted
from mangaops.model.resources import ParameterVersion, PromptVersions, Service
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.time import Window, iso

_COLUMNS = ("at", "kind", "subject", "what")


class Prompts(Protocol):
    def prepare(self) -> None: ...
    def prompt_versions(self, table: str) -> PromptVersions: ...


class Services(Protocol):
    def prepare(self) -> None: ...
    def service(self, cluster: str, service: str) -> Service: ...


class Parameters(Protocol):
    def prepare(self) -> None: ...
    def history(self, name: str) -> tuple[ParameterVersion, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`kind` is `prompt`, `deployment` or `parameter`; `subject` an intent, service or name."""

    at: datetime | None
    kind: str
    subject: str
    what: str


class RecentChangesReader:
    def __init__(self, prompts: Prompts, services: Services, parameters: Parameters) -> None:
        self._prompts = prompts
        self._services = services
        self._parameters = parameters

    def prepare(self) -> None:
        self._prompts.prepare()
        self._services.prepare()
        self._parameters.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        query = query_of(declaration, RecentChangesQuery)
        window = asked.window.last(query.window)
        call: dict[str, JSON] = {
            "call": "dynamodb:Scan, ecs:DescribeServices, ssm:GetParameterHistory",
            "table": query.table,
            "cluster": query.cluster,
            "service": query.service,
            "parameters": list(query.parameters),
            "from": iso(window.start),
            "to": iso(window.end),
        }

        def read() -> Evidence:
            noted = Noted(REDACTED)
            changes, lost = _collected(self._parts(query, noted))
            within = [change for change in changes if _in(window, change.at)]
            within.sort(key=lambda change: (change.kind, change.subject, change.what))
            within.sort(key=_when, reverse=True)
            return replace(_evidence(declaration, call, within, lost), hidden=noted.values)

        return attempted(declaration, call, read)

    def _parts(self, query: RecentChangesQuery, noted: Noted) -> Iterator[tuple[str, _Part]]:
        """Each part by the name that the operator knows it by."""
        yield "prompt activations", partial(self._activations, query.table)
        yield "deployments", partial(self._deployments, query.cluster, query.service)
        for name in dict.fromkeys(query.parameters):
            yield f"history of {name}", partial(self._writes, name, noted)

    def _activations(self, table: str) -> list[Change]:
        return [
            Change(
                at=version.activated_at,
                kind="prompt",
                subject=version.intent,
                what=f"prompt {version.intent} {version.version} activated"
                + ("" if version.active else ", no longer active"),
            )
            for version in self._prompts.prompt_versions(table).versions
        ]

    def _deployments(self, cluster: str, service: str) -> list[Change]:
        return [
            Change(
                at=deployment.created_at,
                kind="deployment",
                subject=service,
                what=f"deployment of {deployment.task_definition.rsplit('/', 1)[-1]} "
                f"({deployment.rollout or deployment.status})",
            )
            for deployment in self._services.service(cluster, service).deployments
        ]

    def _writes(self, name: str, noted: Noted) -> list[Change]:
        versions = self._parameters.history(name)
        before = {1: "not set"}
        after = {item.version: _shown(name, item.value, noted) for item in versions}
        before |= {version + 1: shown for version, shown in after.items()}
        return [
            Change(
                at=item.modified_at,
                kind="parameter",
                subject=name,
                what=redacted(
                    f"{name}: {before.get(item.version, 'forgotten')} -> {after[item.version]}"
                    + (f" by {item.modified_by}" if item.modified_by else "")
                ),
            )
            for item in versions
        ]


_Part = Callable[[], list[Change]]


def _shown(name: str, value: str | None, noted: Noted) -> str:
    return "(secret)" if value is None else redacted_value(name, value, noted)


def _collected(
    parts: Iterable[tuple[str, _Part]],
) -> tuple[list[Change], list[tuple[str, MangaopsError]]]:
    """The changes of all parts that could be read, and those that could not.

    Raises the first error that is more than a missing resource when none could be read.
    """
    jobs = dict(parts)
    results = dict(run_all(jobs))
    changes: list[Change] = []
    lost: list[tuple[str, MangaopsError]] = []
    for name in jobs:
        result = results[name]
        if isinstance(result, AwsError) and not isinstance(result, AwsCredentials):
            lost.append((name, result))
        elif isinstance(result, MangaopsError):
            raise result
        else:
            changes += result
    if len(lost) == len(jobs):
        errors = [error for _, error in lost]
        raise next((e for e in errors if not isinstance(e, AwsNotFound)), errors[0])
    return changes, lost


def _in(window: Window, at: datetime | None) -> bool:
    return at is not None and window.start <= at < window.end


def _when(change: Change) -> float:
    return change.at.timestamp() if change.at else 0.0


def _evidence(
    declaration: EvidenceDeclaration,
    call: dict[str, JSON],
    changes: list[Change],
    lost: list[tuple[str, MangaopsError]],
) -> Evidence:
    counts = Counter(change.kind for change in changes)
    evidence = found(
        declaration,
        Table(columns=_COLUMNS, rows=tuple(_row(change) for change in changes)),
        query=call,
        summary={"rows": len(changes), "kinds": dict(sorted(counts.items()))},
        newest=newest(change.at for change in changes),
    )
    notes = [f"{name} not read: {told(error)}" for name, error in lost]
    return replace(evidence, detail="; ".join(notes))


def _row(change: Change) -> Row:
    return {
        "at": _when(change),
        "kind": change.kind,
        "subject": change.subject,
        "what": change.what,
    }
