"""Amazon ECS: all of it ours, since moto has neither deployments nor the tasks of a service.

Rule: time moves everything. A handler first brings the region to the present
(`rollout.advance`), then reads or changes it; nothing runs in the background.
Known cost: only Fargate services are modelled; RunTask and exec are not served.

For scenarios (`ecs = world.state(EcsState)`, `service = ecs.service("mangaassist-prod",
"orchestrator")`):

    ecs.pace = Pace(start=timedelta(seconds=2), stop=timedelta(seconds=1))
    ecs.failing["mangaassist-orchestrator:2"] = TaskFailure(exit_code=1)
    ecs.fail_all = TaskFailure(...)             even a rollback fails
    service.unplaceable = "Reason: ..."         new tasks find no place
    past_deployment(ecs, service, at)           a finished deployment in the past
    past_stop(ecs, service, at, exit_code=137)  a task that died (kept for an hour)
    ecs.announce(service, at, "...")            a service event; call in order of time
    service.settings["deploymentController"] = {"type": "CODE_DEPLOY"}
    ecs.clusters["mangaassist-prod"].services.pop("orchestrator")
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.overlay import Call, Handler
from mangaops.sandbox.services.ecs import clusters, definitions, deployments, services, tags, tasks
from mangaops.sandbox.services.ecs.history import (
    past_deployment,
    past_stop,
    run_from,
    steady_events,
)
from mangaops.sandbox.services.ecs.services import set_desired
from mangaops.sandbox.services.ecs.state import (
    EcsState,
    Pace,
    Service,
    StopCode,
    Task,
    TaskFailure,
)
from mangaops.sandbox.world import World

__all__ = [
    "OPERATIONS",
    "EcsState",
    "Pace",
    "Service",
    "StopCode",
    "Task",
    "TaskFailure",
    "past_deployment",
    "past_stop",
    "seed",
    "set_desired",
]

OPERATIONS: Mapping[str, Handler] = {
    **clusters.OPERATIONS,
    **services.OPERATIONS,
    **tasks.OPERATIONS,
    **deployments.OPERATIONS,
    **definitions.OPERATIONS,
    **tags.OPERATIONS,
}

FAMILY = "mangaassist-orchestrator"
DESIRED = 4
AGE = timedelta(days=9)
ENVIRONMENT: Mapping[str, str] = {
    "BEDROCK_POOL_SIZE": "5",
    "BEDROCK_KEEPALIVE_INTERVAL": "30",
    "CHUNK_BATCH_SIZE": "3",
    "LOG_LEVEL": "INFO",
}


def seed(world: World) -> None:
    """The orchestrator in its normal state: four tasks, deployed nine days ago."""
    cluster = DEFAULT_RESOURCES["cluster"]
    name = DEFAULT_RESOURCES["service"]
    _ask(world, clusters.create, "CreateCluster", {"clusterName": cluster})
    _ask(world, definitions.register, "RegisterTaskDefinition", _definition(world))
    _ask(
        world,
        services.create,
        "CreateService",
        {
            "cluster": cluster,
            "serviceName": name,
            "taskDefinition": FAMILY,
            "desiredCount": DESIRED,
            "deploymentConfiguration": {
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
                "maximumPercent": 200,
                "minimumHealthyPercent": 100,
            },
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0f1e2d3c4b5a69788"],
                    "securityGroups": ["sg-0123456789abcdef0"],
                    "assignPublicIp": "DISABLED",
                }
            },
        },
    )
    state = world.state(EcsState)
    service = state.service(cluster, name)
    start = world.now() - AGE
    service.created_at = start
    state.definitions[FAMILY][0].registered_at = start
    run_from(state, service, start)
    steady_events(state, service, world.now())


def _ask(world: World, handler: Handler, operation: str, params: dict[str, Any]) -> None:
    call = Call(
        service="ecs",
        operation=operation,
        params=params,
        region=world.region,
        account=world.account,
        caller=world.caller,
    )
    handler(world, call)


def _definition(world: World) -> dict[str, Any]:
    image = f"{world.account}.dkr.ecr.{world.region}.amazonaws.com/mangaassist-orchestrator:2026.11"
    container = {
        "name": DEFAULT_RESOURCES["container"],
        "image": image,
        "essential": True,
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "environment": [{"name": name, "value": value} for name, value in ENVIRONMENT.items()],
        "secrets": [
            {
                "name": "CACHE_AUTH_TOKEN",
                "valueFrom": world.arn("secretsmanager", "secret:mangaassist/cache-a1b2c3"),
            }
        ],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": DEFAULT_RESOURCES["orchestrator_log"],
                "awslogs-region": world.region,
                "awslogs-stream-prefix": "app",
            },
        },
    }
    role = f"arn:aws:iam::{world.account}:role/mangaassist-orchestrator"
    return {
        "family": FAMILY,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "1024",
        "memory": "2048",
        "taskRoleArn": f"{role}-task",
        "executionRoleArn": f"{role}-execution",
        "containerDefinitions": [container],
        "tags": [{"key": "service", "value": "mangaassist"}],
    }
