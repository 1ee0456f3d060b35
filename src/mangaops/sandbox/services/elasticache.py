"""ElastiCache: the replication group behind the sandbox's Redis, with its real address.

Known cost: caches are described and created, and nothing else; one that was created here
is not served by any Redis. There are no serverless caches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.regional import given, regional, regional_arn
from mangaops.sandbox.world import World

NAME = "mangaassist-cache"
_PORT = 6379


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A replication group without shards: one primary, at this address."""

    name: str
    description: str
    host: str
    port: int
    encrypted: bool


class ElastiCacheState:
    def __init__(self, world: World) -> None:
        del world
        self.groups: dict[str, Group] = {}


def seed(world: World) -> None:
    address = urlsplit(world.cache_url)
    world.state(ElastiCacheState).groups[NAME] = Group(
        name=NAME,
        description="Pre-computed answers",
        host=address.hostname or "127.0.0.1",
        port=address.port or _PORT,
        encrypted=False,
    )


def describe_groups(world: World, call: Call) -> Mapping[str, Any]:
    state = regional(world, call, ElastiCacheState)
    wanted = call.params.get("ReplicationGroupId")
    found = [one for one in state.groups.values() if wanted in {None, one.name}]
    if wanted is not None and not found:
        message = f"ReplicationGroup {wanted} not found."
        raise Fault("ReplicationGroupNotFoundFault", message, 404)
    return {"ReplicationGroups": [_described(call, one) for one in found]}


def describe_clusters(world: World, call: Call) -> Mapping[str, Any]:
    """The member of each group; there are no caches outside of groups."""
    groups = regional(world, call, ElastiCacheState).groups.values()
    wanted = call.params.get("CacheClusterId")
    found = [one for one in groups if wanted in {None, _member(one)}]
    if wanted is not None and not found:
        raise Fault("CacheClusterNotFound", f"CacheCluster not found: {wanted}", 404)
    return {"CacheClusters": [_cluster(one) for one in found]}


def describe_serverless(_world: World, _call: Call) -> Mapping[str, Any]:
    return {"ServerlessCaches": []}


def create_group(world: World, call: Call) -> Mapping[str, Any]:
    state, params = regional(world, call, ElastiCacheState), call.params
    name = params["ReplicationGroupId"].lower()
    if name in state.groups:
        message = f"Replication group {name} already exists."
        raise Fault("ReplicationGroupAlreadyExistsFault", message)
    state.groups[name] = Group(
        name=name,
        description=params["ReplicationGroupDescription"],
        host=f"{name}.a1b2c3.ng.0001.cache.amazonaws.com",
        port=params.get("Port", _PORT),
        encrypted=params.get("TransitEncryptionEnabled", False),
    )
    return {"ReplicationGroup": _described(call, state.groups[name])}


def _member(group: Group) -> str:
    return f"{group.name}-001"


def _described(call: Call, group: Group) -> dict[str, Any]:
    node = {
        "NodeGroupId": "0001",
        "Status": "available",
        "PrimaryEndpoint": {"Address": group.host, "Port": group.port},
    }
    return given(
        {
            "ReplicationGroupId": group.name,
            "Description": group.description,
            "Status": "available",
            "MemberClusters": [_member(group)],
            "NodeGroups": [node],
            "AutomaticFailover": "disabled",
            "MultiAZ": "disabled",
            "ClusterEnabled": False,
            "ClusterMode": "disabled",
            "TransitEncryptionEnabled": group.encrypted,
            "AtRestEncryptionEnabled": False,
            "Engine": "valkey",
            "ARN": regional_arn(call, "elasticache", f"replicationgroup:{group.name}"),
        }
    )


def _cluster(group: Group) -> dict[str, Any]:
    return {
        "CacheClusterId": _member(group),
        "CacheClusterStatus": "available",
        "Engine": "valkey",
        "NumCacheNodes": 1,
        "ReplicationGroupId": group.name,
        "TransitEncryptionEnabled": group.encrypted,
    }


OPERATIONS: Mapping[str, Handler] = {
    "DescribeReplicationGroups": describe_groups,
    "DescribeCacheClusters": describe_clusters,
    "DescribeServerlessCaches": describe_serverless,
    "CreateReplicationGroup": create_group,
}
