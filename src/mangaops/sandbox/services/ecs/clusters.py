"""Clusters: created, described, listed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.ecs.answers import cluster_answer
from mangaops.sandbox.services.ecs.lookup import (
    DEFAULT_CLUSTER,
    cluster_arn,
    ecs,
    find_cluster,
    last_part,
)
from mangaops.sandbox.services.ecs.state import Cluster
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given
from mangaops.sandbox.world import World


def create(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    name = call.params.get("clusterName", DEFAULT_CLUSTER)
    known = state.clusters.get(name)
    if known is None or known.status != "ACTIVE":
        state.clusters[name] = Cluster(
            name=name,
            settings=list(call.params.get("settings", [])),
            tags=list(call.params.get("tags", [])),
        )
    return {"cluster": cluster_answer(state, state.clusters[name])}


def describe(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    found, failures = [], []
    for wanted in call.params.get("clusters", [DEFAULT_CLUSTER]):
        cluster = state.clusters.get(last_part(wanted))
        if cluster is None:
            arn = cluster_arn(state, last_part(wanted))
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(cluster_answer(state, cluster))
    return {"clusters": found, "failures": failures}


def list_clusters(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    arns = [
        cluster_arn(state, name)
        for name, cluster in sorted(state.clusters.items())
        if cluster.status == "ACTIVE"
    ]
    refusal = Fault("InvalidParameterException", "Invalid token.")
    size = call.params.get("maxResults", 100)
    page, token = page_of(arns, call.params.get("nextToken"), size, refusal)
    return given({"clusterArns": page, "nextToken": token})


def delete(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    cluster = find_cluster(state, call.params["cluster"])
    if any(service.status == "ACTIVE" for service in cluster.services.values()):
        raise Fault(
            "ClusterContainsServicesException",
            "The Cluster cannot be deleted while Services are active.",
        )
    cluster.status = "INACTIVE"
    return {"cluster": cluster_answer(state, cluster)}


OPERATIONS: Mapping[str, Handler] = {
    "CreateCluster": create,
    "DescribeClusters": describe,
    "ListClusters": list_clusters,
    "DeleteCluster": delete,
}
