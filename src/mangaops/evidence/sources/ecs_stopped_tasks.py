"""`ecs_stopped_tasks`: tasks of a service that ended. ECS remembers them for about an hour,
so no rows say nothing about a window that is older.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from mangaops.evidence.redaction import redacted_row
from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted, epoch, newest
from mangaops.model.evidence import JSON, Evidence, Row, Table
from mangaops.model.query import EcsStoppedTasksQuery
from mangaops.model.resources import StoppedTask
from mangaops.model.runbook import EvidenceDeclaration

_COLUMNS = ("task", "stopped_at", "code", "reason", "exit_code")


class StoppedTasks(Protocol):
    def prepare(self) -> None: ...
    def stopped_tasks(self, cluster: str, service: str) -> tuple[StoppedTask, ...]: ...


class EcsStoppedTasksReader:
    def __init__(self, tasks: StoppedTasks) -> None:
        self._tasks = tasks

    def prepare(self) -> None:
        self._tasks.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # ECS takes no window; a runbook compares `stopped_at`
        query = query_of(declaration, EcsStoppedTasksQuery)
        call: dict[str, JSON] = {
            "call": "ecs:ListTasks, ecs:DescribeTasks",
            "cluster": query.cluster,
            "service": query.service,
            "desired_status": "STOPPED",
        }

        def read() -> Evidence:
            tasks = self._tasks.stopped_tasks(query.cluster, query.service)
            codes = Counter(task.code or "no code" for task in tasks)
            return found(
                declaration,
                Table(columns=_COLUMNS, rows=tuple(_row(task) for task in tasks)),
                query=call,
                summary={"rows": len(tasks), "codes": dict(sorted(codes.items()))},
                newest=newest(task.stopped_at for task in tasks),
            )

        return attempted(declaration, call, read)


def _row(task: StoppedTask) -> Row:
    return redacted_row(
        {
            "task": task.task,
            "stopped_at": epoch(task.stopped_at),
            "code": task.code,
            "reason": task.reason,
            "exit_code": task.exit_code,
        }
    )
