"""`ecs_environment`: environment variables that new tasks of a service start with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted
from mangaops.model.evidence import JSON, Evidence, Table
from mangaops.model.query import EcsEnvironmentQuery
from mangaops.model.redaction import REDACTED, redacted_value
from mangaops.model.redaction.hidden import Noted
from mangaops.model.resources import Service
from mangaops.model.runbook import EvidenceDeclaration


class TaskDefinitions(Protocol):
    def prepare(self) -> None: ...
    def service(self, cluster: str, service: str) -> Service: ...
    def container_environment(self, task_definition: str, container: str) -> Mapping[str, str]: ...


class EcsEnvironmentReader:
    """Values of names that look like secrets never leave this reader."""

    def __init__(self, definitions: TaskDefinitions) -> None:
        self._definitions = definitions

    def prepare(self) -> None:
        self._definitions.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # the environment is as it is now
        query = query_of(declaration, EcsEnvironmentQuery)
        call: dict[str, JSON] = {
            "call": "ecs:DescribeServices, ecs:DescribeTaskDefinition",
            "cluster": query.cluster,
            "service": query.service,
            "container": query.container,
        }

        def read() -> Evidence:
            service = self._definitions.service(query.cluster, query.service)
            variables = self._definitions.container_environment(
                service.task_definition, query.container
            )
            noted = Noted(REDACTED)
            rows = _rows(variables, noted)
            hidden = sum(1 for row in rows if row["value"] == REDACTED)
            return found(
                declaration,
                Table(columns=("name", "value"), rows=rows),
                query={**call, "task_definition": service.task_definition},
                summary={"rows": len(rows), "redacted": hidden},
                hidden=noted.values,
            )

        return attempted(declaration, call, read)


def _rows(variables: Mapping[str, str], noted: Noted) -> tuple[Mapping[str, str], ...]:
    return tuple(
        {"name": name, "value": redacted_value(name, value, noted)}
        for name, value in sorted(variables.items())
    )
