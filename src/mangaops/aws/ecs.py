"""ECS as the runbooks read it: one service, its stopped tasks, a container's environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import AwsNotFound, ConfigError
from mangaops.model.resources import Deployment, Service, ServiceEvent, StoppedTask

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


class EcsGateway:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> ECSClient:
        client: ECSClient = self._aws.client("ecs")
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
    )


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
