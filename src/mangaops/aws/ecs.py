"""ECS: one service, its stopped tasks and its task definitions, and how they are changed.

Calls that change something are sent once: after a lost answer only the world can tell
whether it landed, and `remedy` looks there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import AwsNotFound, ConfigError
from mangaops.model.evidence import JSON
from mangaops.model.resources import (
    Deployment,
    Service,
    ServiceEvent,
    StoppedTask,
    TaskDefinition,
)

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import (
        ContainerTypeDef,
        DeploymentTypeDef,
        ServiceTypeDef,
        TaskTypeDef,
    )

MOST_TASKS_PER_CALL = 100
"""DescribeTasks takes no more."""
ADDED_BY_ECS = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
)
"""What DescribeTaskDefinition answers and RegisterTaskDefinition does not take."""


class EcsGateway:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> ECSClient:
        client: ECSClient = self._aws.client("ecs")
        return client

    @property
    def _writer(self) -> ECSClient:
        client: ECSClient = self._aws.writer("ecs")
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def service(self, cluster: str, service: str) -> Service:
        """Raises AwsNotFound when the cluster has no such service, or only a deleted one."""
        with translated("ecs:DescribeServices"):
            answer = self._client.describe_services(cluster=cluster, services=[service])
        for found in answer["services"]:
            if found.get("status") != "INACTIVE":
                return _service(found)
        reasons = [failure.get("reason", "") for failure in answer.get("failures", [])]
        why = "it was deleted" if answer["services"] else ", ".join(filter(None, reasons))
        raise AwsNotFound(
            f"cluster {cluster} has no service {service} ({why or 'MISSING'})",
            operation="ecs:DescribeServices",
            code=reasons[0] if reasons else "INACTIVE",
            hint="set resources.cluster and resources.service in mangaops.yaml",
        )

    def service_tags(self, cluster: str, service: str) -> Mapping[str, str]:
        """The service's own tags, not those of its tasks."""
        with translated("ecs:DescribeServices"):
            answer = self._client.describe_services(
                cluster=cluster, services=[service], include=["TAGS"]
            )
        return {
            tag.get("key", ""): tag.get("value", "")
            for found in answer["services"]
            for tag in found.get("tags", [])
        }

    def stopped_tasks(self, cluster: str, service: str) -> tuple[StoppedTask, ...]:
        """Newest first."""
        arns = self._stopped_arns(cluster, service)
        tasks: list[StoppedTask] = []
        for start in range(0, len(arns), MOST_TASKS_PER_CALL):
            chunk = arns[start : start + MOST_TASKS_PER_CALL]
            with translated("ecs:DescribeTasks"):
                answer = self._client.describe_tasks(cluster=cluster, tasks=chunk)
            tasks.extend(_stopped(task) for task in answer["tasks"])
        tasks.sort(key=lambda task: task.task)
        tasks.sort(key=lambda task: task.stopped_at.timestamp() if task.stopped_at else 0.0)
        return tuple(reversed(tasks))

    def _stopped_arns(self, cluster: str, service: str) -> list[str]:
        with translated("ecs:ListTasks"):
            pages = self._client.get_paginator("list_tasks").paginate(
                cluster=cluster, serviceName=service, desiredStatus="STOPPED"
            )
            return [arn for page in pages for arn in page["taskArns"]]

    def container_environment(self, task_definition: str, container: str) -> Mapping[str, str]:
        """Plain environment variables by name; what comes from a secret store is not among them.

        Raises ConfigError, naming the containers there are, when this one is not.
        """
        with translated("ecs:DescribeTaskDefinition"):
            answer = self._client.describe_task_definition(taskDefinition=task_definition)
        containers = answer["taskDefinition"].get("containerDefinitions", [])
        for definition in containers:
            if definition.get("name") == container:
                pairs = definition.get("environment", [])
                return {pair.get("name", ""): pair.get("value", "") for pair in pairs}
        names = ", ".join(sorted(definition.get("name", "") for definition in containers))
        raise ConfigError(
            f"task definition {short_name(task_definition)} has no container {container}; "
            f"it has: {names or 'none'}",
            where="ecs:DescribeTaskDefinition",
            hint="set resources.container in mangaops.yaml",
        )

    def task_definition(self, name: str) -> TaskDefinition:
        """A revision by ARN or `family:3`, or the newest active one of a family by its name.

        Raises AwsRejected (ClientException) when there is none.
        """
        with translated("ecs:DescribeTaskDefinition"):
            answer: Any = self._client.describe_task_definition(
                taskDefinition=name, include=["TAGS"]
            )
        found = answer["taskDefinition"]
        return TaskDefinition(
            name=short_name(found["taskDefinitionArn"]),
            family=found["family"],
            body={name: value for name, value in found.items() if name not in ADDED_BY_ECS},
            tags={tag.get("key", ""): tag.get("value", "") for tag in answer.get("tags", [])},
        )

    def register(self, body: Mapping[str, JSON], tags: Mapping[str, str]) -> str:
        """Makes a new revision of the body's family; gives its name, `family:4`."""
        wanted: dict[str, Any] = dict(body)
        if tags:
            wanted["tags"] = [{"key": key, "value": value} for key, value in tags.items()]
        with translated("ecs:RegisterTaskDefinition"):
            answer = self._writer.register_task_definition(**wanted)
        return short_name(answer["taskDefinition"].get("taskDefinitionArn", ""))

    def deploy(self, cluster: str, service: str, revision: str) -> Service:
        """Starts a rolling deployment of a revision (`family:4`); none when it runs already."""
        return self._update(cluster, service, taskDefinition=revision)

    def redeploy(self, cluster: str, service: str) -> Service:
        """Starts a rolling deployment of the revision that runs: every task is replaced."""
        return self._update(cluster, service, forceNewDeployment=True)

    def set_desired(self, cluster: str, service: str, count: int) -> Service:
        """How many tasks the service is to run; this starts no deployment."""
        return self._update(cluster, service, desiredCount=count)

    def _update(self, cluster: str, service: str, **change: Any) -> Service:
        with translated("ecs:UpdateService"):
            answer = self._writer.update_service(cluster=cluster, service=service, **change)
        return _service(answer["service"])


def short_name(arn: str) -> str:
    """What follows the last slash: `family:3` of a task definition, the id of a task."""
    return arn.rsplit("/", 1)[-1]


def _service(found: ServiceTypeDef) -> Service:
    return Service(
        desired=found.get("desiredCount", 0),
        running=found.get("runningCount", 0),
        pending=found.get("pendingCount", 0),
        controller=found.get("deploymentController", {"type": "ECS"})["type"],
        task_definition=found.get("taskDefinition", ""),
        deployments=tuple(_deployment(item) for item in found.get("deployments", [])),
        events=tuple(
            ServiceEvent(at=event.get("createdAt"), message=event.get("message", ""))
            for event in found.get("events", [])
        ),
        scheduling=found.get("schedulingStrategy", "REPLICA"),
        breaker=_rolls_back(found),
    )


def _rolls_back(found: ServiceTypeDef) -> bool | None:
    breaker = found.get("deploymentConfiguration", {}).get("deploymentCircuitBreaker")
    return None if breaker is None else breaker["enable"] and breaker["rollback"]


def _deployment(item: DeploymentTypeDef) -> Deployment:
    return Deployment(
        id=item.get("id", ""),
        status=item.get("status", ""),
        rollout=item.get("rolloutState"),
        reason=item.get("rolloutStateReason"),
        task_definition=item.get("taskDefinition", ""),
        created_at=item.get("createdAt"),
        updated_at=item.get("updatedAt"),
        desired=item.get("desiredCount", 0),
        running=item.get("runningCount", 0),
        failed=item.get("failedTasks", 0),
    )


def _stopped(task: TaskTypeDef) -> StoppedTask:
    container = _telling(task.get("containers", []))
    own = container.get("reason") if container else None
    reasons = [
        task.get("stoppedReason"),
        f"{container.get('name')}: {own}" if own and container else None,
    ]
    return StoppedTask(
        task=short_name(task.get("taskArn", "")),
        stopped_at=task.get("stoppedAt") or task.get("stoppingAt"),
        code=task.get("stopCode"),
        reason="; ".join(reason for reason in reasons if reason) or None,
        exit_code=container.get("exitCode") if container else None,
    )


def _telling(containers: Sequence[ContainerTypeDef]) -> ContainerTypeDef | None:
    """The container that explains the end: a failed one before one that exited with 0."""
    ended = [container for container in containers if container.get("exitCode") is not None]
    failed = [container for container in ended if container.get("exitCode")]
    explained = [container for container in containers if container.get("reason")]
    return next(iter([*failed, *explained, *ended]), None)
