"""Tags of clusters, services and task definitions, by ARN.

Known cost: anyone may set a tag that begins with `aws:`, which on AWS only AWS may; it is
how a test says that a service belongs to a stack.
"""

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
