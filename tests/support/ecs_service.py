"""One ECS service in memory, with its task definitions, scalable target and tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mangaops.errors import AwsDenied, AwsFault, AwsThrottled, AwsUnreachable
from mangaops.model.evidence import JSON
from mangaops.model.resources import (
    Deployment,
    ScalableTarget,
    ScheduledLimits,
    Service,
    TaskDefinition,
)
from support.fake_world import Fault, Killed

ARN = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/"
FAMILY = "mangaassist-orchestrator"
BODY: Mapping[str, JSON] = {
    "family": FAMILY,
    "taskRoleArn": "arn:aws:iam::123456789012:role/orchestrator-task",
    "executionRoleArn": "arn:aws:iam::123456789012:role/orchestrator-execution",
    "volumes": [],
    "containerDefinitions": [
        {"name": "log", "image": "fluent-bit"},
        {
            "name": "app",
            "image": "orchestrator:2026.11",
            "environment": [
                {"name": "BEDROCK_POOL_SIZE", "value": "5"},
                {"name": "UPSTREAM", "value": "https://ops:hunter22@example.com"},
            ],
            "secrets": [{"name": "CACHE_AUTH", "valueFrom": "arn:aws:secretsmanager:x"}],
        },
    ],
}


def deployment(number: int, revision: str, **told: object) -> Deployment:
    """A finished one of four tasks, unless something else is told."""
    finished = Deployment(
        id=f"ecs-svc/{number}",
        status="PRIMARY",
        rollout="COMPLETED",
        reason=f"ECS deployment ecs-svc/{number} completed.",
        task_definition=f"{ARN}{revision}",
        created_at=None,
        updated_at=None,
        desired=4,
        running=4,
        failed=0,
    )
    return replace(finished, **told)


def running(**told: object) -> Service:
    """Four tasks of revision 1."""
    steady = Service(
        desired=4,
        running=4,
        pending=0,
        controller="ECS",
        task_definition=f"{ARN}{FAMILY}:1",
        deployments=(deployment(1, f"{FAMILY}:1"),),
        events=(),
        breaker=True,
    )
    return replace(steady, **told)


@dataclass(slots=True, kw_only=True)
class OneService:
    """Every change takes effect at once.

    `faults` says what becomes of the n-th call that changes something (from 1). `sent` has
    what was written, in order.
    """

    now: Service = field(default_factory=running)
    definitions: list[TaskDefinition] = field(default_factory=list)
    limits: ScalableTarget | None = None
    scheduled: tuple[ScheduledLimits, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    faults: dict[int, Fault] = field(default_factory=dict)
    calls: int = 0
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.definitions:
            self.define(BODY, {"team": "chat"})

    def define(self, body: Mapping[str, JSON], tags: Mapping[str, str]) -> str:
        name = f"{FAMILY}:{len(self.definitions) + 1}"
        self.definitions.append(
            TaskDefinition(name=name, family=FAMILY, body=body, tags=dict(tags))
        )
        return name

    def service(self, cluster: str, service: str) -> Service:
        assert (cluster, service) == ("mangaassist-prod", "orchestrator")
        return self.now

    def service_tags(self, cluster: str, service: str) -> Mapping[str, str]:
        del cluster, service
        return self.tags

    def task_definition(self, name: str) -> TaskDefinition:
        wanted = name.removeprefix(ARN)
        if wanted == FAMILY:
            return self.definitions[-1]
        return next(each for each in self.definitions if each.name == wanted)

    def target(self, cluster: str, service: str) -> ScalableTarget | None:
        del cluster, service
        return self.limits

    def schedules(self, cluster: str, service: str) -> tuple[ScheduledLimits, ...]:
        del cluster, service
        return self.scheduled

    def register(self, body: Mapping[str, JSON], tags: Mapping[str, str]) -> str:
        with self._written("register"):
            return self.define(body, tags)

    def deploy(self, cluster: str, service: str, revision: str) -> Service:
        del cluster, service
        with self._written(f"deploy {revision}"):
            self._start(revision)
        return self.now

    def redeploy(self, cluster: str, service: str) -> Service:
        del cluster, service
        with self._written("redeploy"):
            self._start(self.now.task_definition.removeprefix(ARN))
        return self.now

    def set_desired(self, cluster: str, service: str, count: int) -> Service:
        del cluster, service
        with self._written(f"desired {count}"):
            self._scale(count)
        return self.now

    def set_limits(self, cluster: str, service: str, minimum: int, maximum: int) -> None:
        del cluster, service
        with self._written(f"limits {minimum} {maximum}"):
            self.limits = ScalableTarget(minimum=minimum, maximum=maximum, scale_in_suspended=False)
            self._scale(min(max(self.now.desired, minimum), maximum))

    def _start(self, revision: str) -> None:
        number = int(self.now.deployments[0].id.rpartition("/")[2]) + 1
        self.now = replace(
            self.now,
            task_definition=f"{ARN}{revision}",
            deployments=(deployment(number, revision),),
        )

    def _scale(self, count: int) -> None:
        current = replace(self.now.deployments[0], desired=count, running=count)
        self.now = replace(self.now, desired=count, running=count, deployments=(current,))

    def _written(self, what: str) -> _Sending:
        return _Sending(self, what)


@dataclass(slots=True)
class _Sending:
    """Fails before or after the change, as the service was told."""

    service: OneService
    what: str
    fault: Fault | None = None

    def __enter__(self) -> None:
        self.service.calls += 1
        self.fault = self.service.faults.get(self.service.calls)
        match self.fault:
            case Fault.THROTTLED:
                raise AwsThrottled("slow down")
            case Fault.DENIED:
                raise AwsDenied("not you")
            case Fault.LOST_REQUEST:
                raise AwsUnreachable("no route")
            case Fault.KILLED_BEFORE:
                raise Killed
            case _:
                self.service.sent.append(self.what)

    def __exit__(self, kind: object, *_: object) -> None:
        match self.fault if kind is None else None:
            case Fault.LOST_ANSWER:
                raise AwsUnreachable("timed out")
            case Fault.FAULT_AFTER:
                raise AwsFault("internal error")
            case Fault.KILLED_AFTER:
                raise Killed
            case _:
                pass
