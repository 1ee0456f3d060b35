"""Task definitions: registered, described, listed and deregistered.

Ours and not moto's, since moto keeps only the parameters it knows: a revision that is
read, changed and registered again must lose nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.ecs.lookup import ecs, find_definition
from mangaops.sandbox.services.ecs.state import Definition, EcsState
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given
from mangaops.sandbox.world import World

CONTAINER_DEFAULTS: Mapping[str, Any] = {
    "cpu": 0,
    "portMappings": [],
    "essential": True,
    "environment": [],
    "mountPoints": [],
    "volumesFrom": [],
    "systemControls": [],
}
ATTRIBUTES = (
    "com.amazonaws.ecs.capability.docker-remote-api.1.18",
    "com.amazonaws.ecs.capability.task-iam-role",
    "ecs.capability.task-eni",
)
FAMILIES_LISTED = 100


def register(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    params = dict(call.params)
    tags = params.pop("tags", [])
    _check(params)
    if any(tag["key"].lower().startswith("aws:") for tag in tags):
        raise Fault("InvalidParameterException", "Tag keys with prefix aws: are reserved.")
    family = str(params["family"])
    revision = len(state.definitions.get(family, [])) + 1
    definition = Definition(
        family=family,
        revision=revision,
        arn=state.arn(f"task-definition/{family}:{revision}"),
        body=_with_defaults(params),
        registered_at=world.now(),
        registered_by=call.caller,
        tags=list(tags),
    )
    state.definitions.setdefault(family, []).append(definition)
    return _described(definition, tags=bool(tags))


def describe(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    name = call.params["taskDefinition"]
    definition = find_definition(state, name, "Unable to describe task definition.")
    return _described(definition, tags="TAGS" in call.params.get("include", []))


def deregister(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    name = call.params["taskDefinition"]
    if ":" not in name.rpartition("/")[2]:
        raise Fault("InvalidParameterException", "Revision is missing.")
    definition = find_definition(state, name, "The specified task definition does not exist.")
    definition.status = "INACTIVE"
    definition.deregistered_at = world.now()
    return _described(definition, tags=False)


def list_definitions(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    params = call.params
    status = params.get("status", "ACTIVE")
    prefix = params.get("familyPrefix")
    arns = [
        each.arn
        for family in sorted(state.definitions)
        for each in state.definitions[family]
        if each.status == status and prefix in {None, family}
    ]
    if params.get("sort") == "DESC":
        arns.reverse()
    page, token = _page(arns, params)
    return given({"taskDefinitionArns": page, "nextToken": token})


def list_families(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    params = call.params
    prefix = params.get("familyPrefix", "")
    status = params.get("status", "ALL")
    families = [
        family
        for family in sorted(state.definitions)
        if family.startswith(prefix) and status in {"ALL", _family_status(state, family)}
    ]
    page, token = _page(families, params)
    return given({"families": page, "nextToken": token})


def _family_status(state: EcsState, family: str) -> str:
    active = any(each.status == "ACTIVE" for each in state.definitions[family])
    return "ACTIVE" if active else "INACTIVE"


def _page(items: list[str], params: Mapping[str, Any]) -> tuple[list[str], str | None]:
    refusal = Fault("InvalidParameterException", "Invalid token.")
    size = params.get("maxResults", FAMILIES_LISTED)
    return page_of(items, params.get("nextToken"), size, refusal)


def _check(params: Mapping[str, Any]) -> None:
    containers = params.get("containerDefinitions") or []
    if not containers:
        raise Fault("ClientException", "Container list cannot be empty.")
    names = [container.get("name") for container in containers]
    if len(set(names)) != len(names):
        raise Fault("ClientException", "Container names should be unique.")
    for container in containers:
        if not container.get("name") or not container.get("image"):
            raise Fault("ClientException", "Container.image and name should not be blank.")
        _check_memory(params, container)
    if "FARGATE" in params.get("requiresCompatibilities", []):
        _check_fargate(params)


def _check_memory(params: Mapping[str, Any], container: Mapping[str, Any]) -> None:
    if any(name in container for name in ("memory", "memoryReservation")) or "memory" in params:
        return
    message = (
        f"Invalid setting for container '{container['name']}'. "
        "At least one of 'memory' or 'memoryReservation' must be specified."
    )
    raise Fault("ClientException", message)


def _check_fargate(params: Mapping[str, Any]) -> None:
    if params.get("networkMode") != "awsvpc":
        raise Fault(
            "ClientException",
            "When requiring FARGATE compatibility, networkMode must be awsvpc.",
        )
    if "cpu" not in params or "memory" not in params:
        raise Fault(
            "ClientException", "Fargate requires that 'cpu' and 'memory' be defined at the task."
        )


def _with_defaults(params: Mapping[str, Any]) -> dict[str, Any]:
    body = {"volumes": [], "placementConstraints": [], **params}
    body["containerDefinitions"] = [
        {**CONTAINER_DEFAULTS, **container} for container in params["containerDefinitions"]
    ]
    return body


def _described(definition: Definition, *, tags: bool) -> dict[str, Any]:
    fargate = "FARGATE" in definition.body.get("requiresCompatibilities", [])
    answer = given(
        {
            **definition.body,
            "taskDefinitionArn": definition.arn,
            "revision": definition.revision,
            "status": definition.status,
            "requiresAttributes": [{"name": name} for name in ATTRIBUTES],
            "compatibilities": ["EC2", "FARGATE"] if fargate else ["EC2"],
            "registeredAt": definition.registered_at,
            "registeredBy": definition.registered_by,
            "deregisteredAt": definition.deregistered_at,
        }
    )
    return (
        {"taskDefinition": answer, "tags": definition.tags} if tags else {"taskDefinition": answer}
    )


OPERATIONS: Mapping[str, Handler] = {
    "RegisterTaskDefinition": register,
    "DescribeTaskDefinition": describe,
    "DeregisterTaskDefinition": deregister,
    "ListTaskDefinitions": list_definitions,
    "ListTaskDefinitionFamilies": list_families,
}
