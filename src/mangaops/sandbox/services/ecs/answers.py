"""ECS state in the shapes that ECS answers with."""

from __future__ import annotations

from typing import Any

from mangaops.sandbox.services.ecs.lookup import cluster_arn, service_arn
from mangaops.sandbox.services.ecs.state import (
    Cluster,
    Deployment,
    EcsState,
    Service,
    Task,
    TaskStatus,
)
from mangaops.sandbox.services.regional import given

STORED = (
    "launchType",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "networkConfiguration",
    "placementConstraints",
    "placementStrategy",
    "healthCheckGracePeriodSeconds",
    "schedulingStrategy",
    "deploymentController",
    "enableECSManagedTags",
    "propagateTags",
    "enableExecuteCommand",
    "availabilityZoneRebalancing",
)
"""Settings of a service that ECS gives back as they were set."""


def cluster_answer(state: EcsState, cluster: Cluster) -> dict[str, Any]:
    tasks = [task for task in state.tasks if task.cluster == cluster.name]
    active = [each for each in cluster.services.values() if each.status == "ACTIVE"]
    return {
        "clusterArn": cluster_arn(state, cluster.name),
        "clusterName": cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": _count(tasks, TaskStatus.RUNNING),
        "pendingTasksCount": _count(tasks, TaskStatus.PENDING),
        "activeServicesCount": len(active),
        "statistics": [],
        "tags": cluster.tags,
        "settings": cluster.settings,
        "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [],
    }


def service_answer(state: EcsState, service: Service, *, tags: bool = False) -> dict[str, Any]:
    tasks = state.tasks_of(service)
    primary = service.primary
    answer = {
        "serviceArn": service_arn(state, service),
        "serviceName": service.name,
        "clusterArn": cluster_arn(state, service.cluster),
        "status": service.status,
        "desiredCount": service.desired,
        "runningCount": _count(tasks, TaskStatus.RUNNING),
        "pendingCount": _count(tasks, TaskStatus.PENDING),
        "taskDefinition": primary.definition,
        "deployments": [deployment_answer(state, service, each) for each in service.deployments],
        "events": [
            {"id": event.id, "createdAt": event.at, "message": event.message}
            for event in service.events
        ],
        "createdAt": service.created_at,
        "createdBy": service.created_by,
        "currentServiceRevisions": [
            {
                "arn": revision_arn(state, service, each.revision),
                **_revision_counts(state, service, each),
            }
            for each in service.deployments
        ],
        **{name: service.settings[name] for name in STORED if name in service.settings},
    }
    answer["currentServiceDeployment"] = service_deployment_arn(state, service, primary)
    return answer | ({"tags": service.tags} if tags else {})


def deployment_answer(state: EcsState, service: Service, deployment: Deployment) -> dict[str, Any]:
    own = [task for task in state.tasks_of(service) if task.deployment == deployment.id]
    is_primary = deployment is service.primary
    settings = service.settings
    return given(
        {
            "id": deployment.id,
            "status": "PRIMARY" if is_primary else "ACTIVE",
            "taskDefinition": deployment.definition,
            "desiredCount": service.desired if is_primary else 0,
            "pendingCount": _count(own, TaskStatus.PENDING),
            "runningCount": _count(own, TaskStatus.RUNNING),
            "failedTasks": deployment.failed_tasks,
            "createdAt": deployment.created_at,
            "updatedAt": deployment.updated_at,
            "launchType": settings.get("launchType"),
            "platformVersion": settings.get("platformVersion"),
            "networkConfiguration": settings.get("networkConfiguration"),
            "rolloutState": deployment.rollout.value,
            "rolloutStateReason": deployment.reason,
        }
    )


def task_answer(state: EcsState, task: Task, container: str) -> dict[str, Any]:
    """A task with its one container, named by the task definition."""
    stopping = not task.is_live
    group = f"service:{task.service}" if task.service is not None else None
    return given(
        {
            "taskArn": task_arn(state, task),
            "clusterArn": cluster_arn(state, task.cluster),
            "taskDefinitionArn": task.definition,
            "group": group,
            "startedBy": task.deployment,
            "lastStatus": task.status.value,
            "desiredStatus": "STOPPED" if stopping else "RUNNING",
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "availabilityZone": f"{state.region}{'acd'[int(task.id[0], 16) % 3]}",
            "connectivity": "CONNECTED",
            "enableExecuteCommand": task.exec_enabled,
            "createdAt": task.created_at,
            "startedAt": task.started_at,
            "stoppingAt": task.stopping_at,
            "executionStoppedAt": task.stopped_at,
            "stoppedAt": task.stopped_at,
            "stopCode": task.code.value if stopping and task.code is not None else None,
            "stoppedReason": task.reason if stopping else None,
            "healthStatus": "UNKNOWN",
            "containers": [_container_answer(state, task, container)],
            "attachments": [],
            "overrides": {"containerOverrides": [{"name": container}]},
            "version": 3,
        }
    )


def _container_answer(state: EcsState, task: Task, name: str) -> dict[str, Any]:
    agent = {"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}
    runs = task.status is TaskStatus.RUNNING
    return given(
        {
            "containerArn": state.arn(f"container/{task.cluster}/{task.id}/{name}"),
            "taskArn": task_arn(state, task),
            "name": name,
            "lastStatus": task.status.value,
            "exitCode": task.exit_code if task.stopped_at is not None else None,
            "healthStatus": "UNKNOWN",
            "networkInterfaces": [],
            "managedAgents": [agent] if task.exec_enabled and runs else None,
        }
    )


def task_arn(state: EcsState, task: Task) -> str:
    return state.arn(f"task/{task.cluster}/{task.id}")


def service_deployment_arn(state: EcsState, service: Service, deployment: Deployment) -> str:
    """A rollback belongs to the service deployment that it undoes."""
    key = deployment.key
    for earlier in service.history:
        if earlier.id == deployment.rolls_back:
            key = earlier.key
    return state.arn(f"service-deployment/{service.cluster}/{service.name}/{key}")


def revision_arn(state: EcsState, service: Service, revision: str) -> str:
    return state.arn(f"service-revision/{service.cluster}/{service.name}/{revision}")


def _revision_counts(state: EcsState, service: Service, deployment: Deployment) -> dict[str, int]:
    own = [task for task in state.tasks_of(service) if task.deployment == deployment.id]
    return {
        "requestedTaskCount": service.desired if deployment is service.primary else 0,
        "runningTaskCount": _count(own, TaskStatus.RUNNING),
        "pendingTaskCount": _count(own, TaskStatus.PENDING),
    }


def _count(tasks: list[Task], status: TaskStatus) -> int:
    return sum(task.status is status for task in tasks)
