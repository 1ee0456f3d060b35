"""Services: created, described, listed, updated and deleted.

A new deployment starts with another task definition, with forceNewDeployment and with
settings that tasks are started with; a new desired count starts none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.ecs.answers import STORED, service_answer
from mangaops.sandbox.services.ecs.lookup import (
    definition_to_run,
    ecs,
    find_cluster,
    find_service,
    last_part,
    service_arn,
)
from mangaops.sandbox.services.ecs.rollout import start_deployment, stop_task
from mangaops.sandbox.services.ecs.state import Service, StopCode
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given
from mangaops.sandbox.world import World

MOST_DESCRIBED = 10
LISTED_A_PAGE = 10
DEPLOYING_SETTINGS = (
    "networkConfiguration",
    "platformVersion",
    "capacityProviderStrategy",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
)
DEFAULT_SETTINGS: Mapping[str, Any] = {
    "launchType": "FARGATE",
    "platformVersion": "1.4.0",
    "loadBalancers": [],
    "serviceRegistries": [],
    "deploymentConfiguration": {
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "strategy": "ROLLING",
    },
    "placementConstraints": [],
    "placementStrategy": [],
    "schedulingStrategy": "REPLICA",
    "deploymentController": {"type": "ECS"},
    "enableECSManagedTags": False,
    "propagateTags": "NONE",
    "enableExecuteCommand": False,
    "availabilityZoneRebalancing": "DISABLED",
}


def create(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    params = call.params
    cluster = find_cluster(state, params.get("cluster"))
    name = params["serviceName"]
    if name in cluster.services and cluster.services[name].status == "ACTIVE":
        raise Fault("InvalidParameterException", "Creation of service was not idempotent.")
    definition = definition_to_run(state, params.get("taskDefinition", ""))
    service = Service(
        name=name,
        cluster=cluster.name,
        desired=_count(params.get("desiredCount", 0)),
        created_at=world.now(),
        created_by=call.caller,
        simulated_to=world.now(),
        settings={**DEFAULT_SETTINGS},
        tags=list(params.get("tags", [])),
    )
    store_settings(service, params)
    cluster.services[name] = service
    start_deployment(state, service, definition.arn, world.now())
    return {"service": service_answer(state, service)}


def describe(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    cluster = find_cluster(state, call.params.get("cluster"))
    wanted = call.params["services"]
    if not wanted:
        raise Fault("InvalidParameterException", "Services cannot be empty.")
    if len(wanted) > MOST_DESCRIBED:
        raise Fault("InvalidParameterException", "Services cannot have more than 10 elements.")
    tags = "TAGS" in call.params.get("include", [])
    found, failures = [], []
    for name in map(last_part, wanted):
        service = cluster.services.get(name)
        if service is None:
            arn = state.arn(f"service/{cluster.name}/{name}")
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(service_answer(state, service, tags=tags))
    return {"services": found, "failures": failures}


def list_services(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    params = call.params
    cluster = find_cluster(state, params.get("cluster"))
    arns = [
        service_arn(state, service)
        for _, service in sorted(cluster.services.items())
        if service.status != "INACTIVE"
        and params.get("launchType") in {None, service.settings["launchType"]}
    ]
    refusal = Fault("InvalidParameterException", "Invalid token.")
    size = params.get("maxResults", LISTED_A_PAGE)
    page, token = page_of(arns, params.get("nextToken"), size, refusal)
    return given({"serviceArns": page, "nextToken": token})


def update(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    params = call.params
    cluster = find_cluster(state, params.get("cluster"))
    service = find_service(cluster, params["service"])
    _check_controller(service, params)
    wanted = params.get("taskDefinition")
    target = service.primary.definition
    if wanted is not None:
        target = definition_to_run(state, wanted).arn
    deploys = _starts_deployment(service, params, target)
    desired = params.get("desiredCount")
    desired = None if desired is None else _count(desired)
    store_settings(service, params)
    if desired is not None:
        set_desired(service, desired, world.now())
    if deploys:
        start_deployment(state, service, target, world.now())
    return {"service": service_answer(state, service)}


def delete(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    cluster = find_cluster(state, call.params.get("cluster"))
    service = find_service(cluster, call.params["service"])
    if service.desired > 0 and not call.params.get("force", False):
        message = "The service cannot be stopped while it is scaled above 0."
        raise Fault("InvalidParameterException", message)
    service.status = "INACTIVE"
    service.desired = 0
    for task in state.tasks_of(service):
        if task.is_live:
            reason = f"Scaling activity initiated by (deployment {service.primary.id})"
            stop_task(task, world.now(), StopCode.SCHEDULER, reason)
    service.steady = False
    return {"service": {**service_answer(state, service), "status": "DRAINING"}}


def set_desired(service: Service, count: int, now: datetime) -> None:
    """Scale, as UpdateService and Application Auto Scaling do; tasks follow by the clock."""
    if count != service.desired:
        service.desired = count
        service.steady = False
        service.primary.updated_at = now


def store_settings(service: Service, params: Mapping[str, Any]) -> None:
    """Take over what a call says; a deployment configuration changes member by member."""
    for name in STORED:
        if name not in params:
            continue
        value = params[name]
        if name == "deploymentConfiguration":
            value = {**service.settings.get(name, {}), **value}
        service.settings[name] = value


def _starts_deployment(service: Service, params: Mapping[str, Any], target: str) -> bool:
    if params.get("forceNewDeployment") or target != service.primary.definition:
        return True
    return any(
        name in params and params[name] != service.settings.get(name) for name in DEPLOYING_SETTINGS
    )


def _check_controller(service: Service, params: Mapping[str, Any]) -> None:
    controller = service.controller
    if controller == "ECS":
        return
    if "taskDefinition" in params:
        message = (
            f"Unable to update task definition on services with a {controller} deployment "
            "controller."
        )
        raise Fault("InvalidParameterException", message)
    if params.get("forceNewDeployment"):
        message = (
            f"Cannot force a new deployment on services with a {controller} deployment controller."
        )
        raise Fault("InvalidParameterException", message)


def _count(value: int) -> int:
    if value < 0:
        raise Fault("InvalidParameterException", "Desired count cannot be negative.")
    return value


OPERATIONS: Mapping[str, Handler] = {
    "CreateService": create,
    "DescribeServices": describe,
    "ListServices": list_services,
    "UpdateService": update,
    "DeleteService": delete,
}
