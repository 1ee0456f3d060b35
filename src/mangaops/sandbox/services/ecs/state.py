"""What the sandbox knows of ECS: clusters, services, deployments, tasks, task definitions.

Everything here is a plain value that a scenario may change directly; `rollout`
moves it on as time passes, `history` writes past deployments and stopped tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from mangaops.sandbox.world import World

STOPPED_TASKS_VISIBLE = timedelta(hours=1)
EVENTS_KEPT = 100


class Rollout(StrEnum):
    """How far a deployment is."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class TaskStatus(StrEnum):
    """Where a task is in its life; these are the values of `lastStatus`."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DEACTIVATING = "DEACTIVATING"
    STOPPED = "STOPPED"


class StopCode(StrEnum):
    """Why a task stopped, as ECS classes it."""

    FAILED_TO_START = "TaskFailedToStart"
    CONTAINER_EXITED = "EssentialContainerExited"
    USER = "UserInitiated"
    SCHEDULER = "ServiceSchedulerInitiated"
    INFRASTRUCTURE = "InfrastructureHealth"


LONGEST_STEP = timedelta(seconds=0.5)
SHORTEST_STEP = timedelta(seconds=0.02)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long tasks take to start and to stop. Fargate's own pace is a minute or more."""

    start: timedelta = timedelta(seconds=2)
    stop: timedelta = timedelta(seconds=1)

    @property
    def step(self) -> timedelta:
        """How finely services move: at least twice while the quicker of the two lasts."""
        return min(LONGEST_STEP, max(SHORTEST_STEP, min(self.start, self.stop) / 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailure:
    """How the tasks of a broken task definition end instead of running."""

    code: StopCode = StopCode.CONTAINER_EXITED
    reason: str = "Essential container in task exited"
    exit_code: int | None = 1


@dataclass(slots=True, kw_only=True)
class Task:
    """One task; absent instants have not come yet."""

    id: str
    cluster: str
    service: str | None
    deployment: str
    definition: str
    created_at: datetime
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    code: StopCode | None = None
    reason: str | None = None
    exit_code: int | None = None
    exec_enabled: bool = False

    @property
    def status(self) -> TaskStatus:
        if self.stopped_at is not None:
            return TaskStatus.STOPPED
        if self.stopping_at is not None:
            return TaskStatus.DEACTIVATING
        return TaskStatus.PENDING if self.started_at is None else TaskStatus.RUNNING

    @property
    def is_live(self) -> bool:
        """Running or about to run, and meant to go on."""
        return self.stopping_at is None and self.stopped_at is None


@dataclass(slots=True, kw_only=True)
class Deployment:
    """One deployment of a service. `rolls_back` is the failed deployment that it undoes."""

    id: str
    key: str
    revision: str
    definition: str
    created_at: datetime
    updated_at: datetime
    rollout: Rollout = Rollout.IN_PROGRESS
    reason: str = ""
    failed_tasks: int = 0
    last_failure: datetime | None = None
    finished_at: datetime | None = None
    source_revision: str | None = None
    rolls_back: str | None = None
    superseded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    id: str
    at: datetime
    message: str


@dataclass(slots=True, kw_only=True)
class Service:
    """A service. `deployments[0]` is the primary; `settings` holds what ECS only stores."""

    name: str
    cluster: str
    desired: int
    created_at: datetime
    simulated_to: datetime
    created_by: str
    status: str = "ACTIVE"
    steady: bool = True
    unplaceable: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    history: list[Deployment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]

    @property
    def controller(self) -> str:
        return str(self.settings.get("deploymentController", {}).get("type", "ECS"))


@dataclass(slots=True, kw_only=True)
class Cluster:
    name: str
    status: str = "ACTIVE"
    settings: list[dict[str, str]] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    services: dict[str, Service] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Definition:
    """One revision of a task definition: `body` is what was registered, with ECS's defaults."""

    family: str
    revision: int
    arn: str
    body: Mapping[str, Any]
    registered_at: datetime
    registered_by: str
    tags: list[dict[str, str]] = field(default_factory=list)
    status: str = "ACTIVE"
    deregistered_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.family}:{self.revision}"


class EcsState:
    """All of ECS in one region.

    `pace` sets how fast deployments roll. `failing` maps `family:revision` (also one
    that is yet to be registered) to how its tasks fail; `fail_all` makes every new
    task fail, so that even a rollback does. `scalers` are told the time whenever ECS is
    looked at: an autoscaler may have changed a desired count by then.
    """

    def __init__(self, world: World) -> None:
        self.region = world.region
        self.account = world.account
        self.random = Random("ecs")  # noqa: S311 - ids, not secrets
        self.pace = Pace()
        self.failing: dict[str, TaskFailure] = {}
        self.fail_all: TaskFailure | None = None
        self.clusters: dict[str, Cluster] = {}
        self.definitions: dict[str, list[Definition]] = {}
        self.tasks: list[Task] = []
        self.scalers: list[Callable[[datetime], None]] = []

    def arn(self, resource: str) -> str:
        return f"arn:aws:ecs:{self.region}:{self.account}:{resource}"

    def service(self, cluster: str, service: str) -> Service:
        """The service by plain names, for scenarios; KeyError when there is none."""
        return self.clusters[cluster].services[service]

    def tasks_of(self, service: Service) -> list[Task]:
        """All tasks of the service that are still known, stopped ones included."""
        return [
            task
            for task in self.tasks
            if task.service == service.name and task.cluster == service.cluster
        ]

    def hex_id(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def number_id(self) -> str:
        return str(self.random.randrange(10**18, 10**19))

    def word_id(self) -> str:
        """An id as service deployments have it."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(self.random.choices(letters, k=21))

    def announce(self, service: Service, at: datetime, message: str) -> None:
        """Add a service event; the newest is first and 100 are kept, as ECS does."""
        text = f"(service {service.name}) {message}"
        event = Event(id=str(self._uuid()), at=at, message=text)
        service.events.insert(0, event)
        service.events.sort(key=lambda each: each.at, reverse=True)
        del service.events[EVENTS_KEPT:]

    def _uuid(self) -> str:
        digits = self.hex_id()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
