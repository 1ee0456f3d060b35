"""`ecs_service`: one ECS service with its deployments and newest events."""

from __future__ import annotations

from typing import Protocol

from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted, epoch, newest
from mangaops.model.evidence import JSON, Evidence, Record, Table
from mangaops.model.query import EcsServiceQuery
from mangaops.model.redaction import redacted_row
from mangaops.model.resources import Deployment, Service, ServiceEvent
from mangaops.model.runbook import EvidenceDeclaration

_DEPLOYMENT = (
    "id",
    "status",
    "rollout",
    "reason",
    "task_definition",
    "created_at",
    "updated_at",
    "desired",
    "running",
    "failed",
)
_EVENT = ("at", "message")


class Services(Protocol):
    def prepare(self) -> None: ...
    def service(self, cluster: str, service: str) -> Service: ...


class EcsServiceReader:
    def __init__(self, services: Services) -> None:
        self._services = services

    def prepare(self) -> None:
        self._services.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # the service is as it is now, whatever the window
        query = query_of(declaration, EcsServiceQuery)
        call: dict[str, JSON] = {
            "call": "ecs:DescribeServices",
            "cluster": query.cluster,
            "service": query.service,
        }

        def read() -> Evidence:
            service = self._services.service(query.cluster, query.service)
            return found(
                declaration,
                _record(service),
                query=call,
                summary=_summary(service),
                newest=newest(event.at for event in service.events),
            )

        return attempted(declaration, call, read)


def _record(service: Service) -> Record:
    return Record(
        fields={
            "desired": service.desired,
            "running": service.running,
            "pending": service.pending,
            "controller": service.controller,
            "task_definition": service.task_definition,
            "deployments": Table(
                columns=_DEPLOYMENT,
                rows=tuple(_deployment(deployment) for deployment in service.deployments),
            ),
            "events": Table(columns=_EVENT, rows=tuple(_event(event) for event in service.events)),
        }
    )


def _deployment(deployment: Deployment) -> dict[str, str | float | int | bool | None]:
    return redacted_row(
        {
            "id": deployment.id,
            "status": deployment.status,
            "rollout": deployment.rollout,
            "reason": deployment.reason,
            "task_definition": deployment.task_definition,
            "created_at": epoch(deployment.created_at),
            "updated_at": epoch(deployment.updated_at),
            "desired": deployment.desired,
            "running": deployment.running,
            "failed": deployment.failed,
        }
    )


def _event(event: ServiceEvent) -> dict[str, str | float | int | bool | None]:
    return redacted_row({"at": epoch(event.at), "message": event.message})


def _summary(service: Service) -> dict[str, JSON]:
    return {
        "desired": service.desired,
        "running": service.running,
        "deployments": len(service.deployments),
        "newest_event": redacted_row(_event(service.events[0]))["message"]
        if service.events
        else None,
    }
