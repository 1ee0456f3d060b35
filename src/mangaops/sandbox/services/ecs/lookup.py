"""Finding clusters, services and task definitions by any of the names that ECS accepts."""

from __future__ import annotations

from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.services.ecs.rollout import advance
from mangaops.sandbox.services.ecs.state import Cluster, Definition, EcsState, Service
from mangaops.sandbox.services.regional import regional
from mangaops.sandbox.world import World

DEFAULT_CLUSTER = "default"


def ecs(world: World, call: Call) -> EcsState:
    """The region's ECS, brought up to the present."""
    state = regional(world, call, EcsState)
    state.region = call.region
    advance(state, world.now())
    for scale in state.scalers:
        scale(world.now())
    return state


def last_part(name_or_arn: str) -> str:
    """The plain name of a cluster, service, task or definition given by name or ARN."""
    return name_or_arn.rpartition("/")[2]


def find_cluster(state: EcsState, name_or_arn: str | None) -> Cluster:
    """Raises ClusterNotFoundException."""
    cluster = state.clusters.get(last_part(name_or_arn or DEFAULT_CLUSTER))
    if cluster is None or cluster.status != "ACTIVE":
        raise Fault("ClusterNotFoundException", "Cluster not found.")
    return cluster


def find_service(cluster: Cluster, name_or_arn: str) -> Service:
    """Raises ServiceNotFoundException, and ServiceNotActiveException for a deleted one."""
    service = cluster.services.get(last_part(name_or_arn))
    if service is None:
        raise Fault("ServiceNotFoundException", "Service not found.")
    if service.status != "ACTIVE":
        raise Fault("ServiceNotActiveException", "Service was not ACTIVE.")
    return service


def find_definition(state: EcsState, name_or_arn: str, message: str) -> Definition:
    """A revision by `family:revision` or ARN, or the newest active one by family.

    Raises ClientException with the operation's own message.
    """
    family, _, revision = last_part(name_or_arn).partition(":")
    known = state.definitions.get(family, [])
    if revision:
        matching = [each for each in known if str(each.revision) == revision]
    else:
        matching = [each for each in known if each.status == "ACTIVE"][-1:]
    if not matching:
        raise Fault("ClientException", message)
    return matching[0]


def definition_to_run(state: EcsState, name_or_arn: str) -> Definition:
    """A revision that tasks may be started from: it exists and was not deregistered."""
    definition = find_definition(state, name_or_arn, "TaskDefinition not found.")
    if definition.status != "ACTIVE":
        raise Fault("ClientException", "TaskDefinition is inactive")
    return definition


def service_arn(state: EcsState, service: Service) -> str:
    return state.arn(f"service/{service.cluster}/{service.name}")


def cluster_arn(state: EcsState, cluster: str) -> str:
    return state.arn(f"cluster/{cluster}")
