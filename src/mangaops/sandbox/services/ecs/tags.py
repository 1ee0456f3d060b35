"""Tags of clusters, services and task definitions, by ARN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.ecs.lookup import ecs, find_cluster, find_definition, find_service
from mangaops.sandbox.services.ecs.state import EcsState
from mangaops.sandbox.world import World

Tags = list[dict[str, str]]


def add(world: World, call: Call) -> Mapping[str, Any]:
    tags = _tags_of(ecs(world, call), call.params["resourceArn"])
    new = list(call.params["tags"])
    if any(tag["key"].lower().startswith("aws:") for tag in new):
        message = "Tag keys starting with 'aws:' are reserved for system use"
        raise Fault("InvalidParameterException", message)
    names = {tag["key"] for tag in new}
    tags[:] = [tag for tag in tags if tag["key"] not in names] + new
    return {}


def remove(world: World, call: Call) -> Mapping[str, Any]:
    tags = _tags_of(ecs(world, call), call.params["resourceArn"])
    tags[:] = [tag for tag in tags if tag["key"] not in call.params["tagKeys"]]
    return {}


def list_tags(world: World, call: Call) -> Mapping[str, Any]:
    return {"tags": list(_tags_of(ecs(world, call), call.params["resourceArn"]))}


def _tags_of(state: EcsState, arn: str) -> Tags:
    """The list itself, to be changed in place."""
    kind, *names = arn.split(":", 5)[-1].split("/")
    match kind, names:
        case "cluster", [cluster]:
            return find_cluster(state, cluster).tags
        case "service", [cluster, service]:
            return find_service(find_cluster(state, cluster), service).tags
        case "task-definition", [_]:
            return find_definition(state, arn, "The specified task definition is unknown.").tags
        case _:
            message = f"The ARN {arn} names nothing that the sandbox can tag."
            raise Fault("InvalidParameterException", message)


OPERATIONS: Mapping[str, Handler] = {
    "TagResource": add,
    "UntagResource": remove,
    "ListTagsForResource": list_tags,
}
