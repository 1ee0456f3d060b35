"""`ecs_stopped_tasks`: tasks of a service that ended. ECS remembers them for about an hour,
so for a window that is older no task of that time is no data, and never "none stopped".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from mangaops.evidence.source import Asked, found, missing, query_of
from mangaops.evidence.sources.attempt import attempted, epoch, newest
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Row, Table
from mangaops.model.query import EcsStoppedTasksQuery
from mangaops.model.redaction import redacted_row
from mangaops.model.resources import StoppedTask
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.time import Window

REMEMBERED = timedelta(hours=1)
_COLUMNS = ("task", "stopped_at", "code", "reason", "exit_code")
_FORGOTTEN = (
    "ECS remembers stopped tasks for about an hour, and the window ended before that; "
    "look for them in CloudTrail or in events that were kept"
)


class StoppedTasks(Protocol):
    def prepare(self) -> None: ...
    def stopped_tasks(self, cluster: str, service: str) -> tuple[StoppedTask, ...]: ...


class EcsStoppedTasksReader:
    """`wall` tells the time, by which a window is within ECS's memory or not."""

    def __init__(self, tasks: StoppedTasks, *, wall: Callable[[], datetime]) -> None:
        self._tasks = tasks
        self._wall = wall

    def prepare(self) -> None:
        self._tasks.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        query = query_of(declaration, EcsStoppedTasksQuery)
        call: dict[str, JSON] = {
            "call": "ecs:ListTasks, ecs:DescribeTasks",
            "cluster": query.cluster,
            "service": query.service,
            "desired_status": "STOPPED",
        }

        def read() -> Evidence:
            tasks = self._tasks.stopped_tasks(query.cluster, query.service)
            if self._forgotten(tasks, asked.window):
                return missing(declaration, EvidenceState.NO_DATA, _FORGOTTEN, query=call)
            codes = Counter(task.code or "no code" for task in tasks)
            return found(
                declaration,
                Table(columns=_COLUMNS, rows=tuple(_row(task) for task in tasks)),
                query=call,
                summary={"rows": len(tasks), "codes": dict(sorted(codes.items()))},
                newest=newest(task.stopped_at for task in tasks),
            )

        return attempted(declaration, call, read)

    def _forgotten(self, tasks: Sequence[StoppedTask], window: Window) -> bool:
        """Whether the window is too old for what is absent to mean anything."""
        times = (task.stopped_at for task in tasks if task.stopped_at)
        seen = any(window.start <= stopped <= window.end for stopped in times)
        return not seen and window.end < self._wall() - REMEMBERED


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
