"""Everything that a remedy can change, as one document with a digest.

Left out is what no undo can bring back and nobody asked for: versions, revision numbers,
ids, times. Two worlds with the same digest behave the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import redis
from moto.awslambda.utils import get_backend as lambda_backend
from moto.backends import get_backend

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox import passthrough
from mangaops.sandbox.overlay import Call
from mangaops.sandbox.past_parameters import parameter_versions
from mangaops.sandbox.services.autoscaling.state import AutoScalingState
from mangaops.sandbox.services.ecs.state import EcsState
from mangaops.sandbox.services.opensearchserverless.state import SearchState
from mangaops.sandbox.services.service_quotas import QuotaState
from mangaops.sandbox.world import World

SAME_EXPIRY_S = 10.0
"""A key that was restored expires when it would have, give or take the time of the calls."""


class Expiries:
    """When each Redis key was first seen to expire, so that a restored one is told the same."""

    def __init__(self, _world: World) -> None:
        self._known: dict[str, float] = {}

    def settle(self, key: str, at: float) -> int:
        known = self._known.get(key)
        if known is None or abs(known - at) > SAME_EXPIRY_S:
            self._known[key] = known = at
        return round(known)


def snapshot(world: World) -> dict[str, Any]:
    """`{"digest": "<sha256>", "state": {...}}`; the digest is of the state's canonical JSON."""
    cache = _cache(world)
    with world.lock:
        state = {
            "prompts": _prompts(world),
            "stream": _stream(world),
            "mappings": _mappings(world),
            "parameters": _parameters(world),
            "targets": _targets(world),
            "services": _services(world),
            "search": _search(world),
            "quotas": _quotas(world),
            "cache": {
                key: {"value": value, "expires": _expiry(world, key, left)}
                for key, (value, left) in cache.items()
            },
        }
    text = json.dumps(state, sort_keys=True, separators=(",", ":"))
    return {"digest": sha256(text.encode()).hexdigest(), "state": json.loads(text)}


def _prompts(world: World) -> dict[str, Any]:
    backend = get_backend("dynamodb")[world.account][world.region]
    table = backend.tables[DEFAULT_RESOURCES["prompt_table"]]
    items = [item.to_json()["Attributes"] for item in table.all_items()]
    return {f"{item['intent']['S']}/{item['version']['S']}": item for item in items}


def inventory_stream(world: World) -> tuple[bool, str | None, str | None]:
    """Whether the inventory table's stream is on, its view type, and its ARN if it is on."""
    call = Call(
        service="dynamodb",
        operation="DescribeTable",
        params={"TableName": DEFAULT_RESOURCES["inventory_table"]},
        region=world.region,
        account=world.account,
        caller=world.caller,
    )
    table = passthrough.ask(call)["Table"]
    specification = table.get("StreamSpecification", {})
    if not specification.get("StreamEnabled"):
        return False, None, None
    return True, specification["StreamViewType"], table["LatestStreamArn"]


def _stream(world: World) -> dict[str, Any]:
    enabled, view_type, _ = inventory_stream(world)
    return {"enabled": enabled, "view_type": view_type}


def _mappings(world: World) -> list[Mapping[str, Any]]:
    _, _, current = inventory_stream(world)
    found = [
        one.get_configuration()
        for one in lambda_backend(world.account, world.region).list_event_source_mappings("", "")
    ]
    shown = [
        {
            "function": one["FunctionArn"].rpartition(":")[2],
            "enabled": one["State"] == "Enabled",
            "current": one["EventSourceArn"] == current,
            "bisect": one.get("BisectBatchOnFunctionError", False),
            "retries": one.get("MaximumRetryAttempts", -1),
            "record_age": one.get("MaximumRecordAgeInSeconds", -1),
            "batch": one.get("BatchSize"),
        }
        for one in found
    ]
    return sorted(shown, key=lambda one: json.dumps(one, sort_keys=True))


def _parameters(world: World) -> dict[str, Any]:
    newest = {name: versions[-1] for name, versions in parameter_versions(world).items()}
    return {name: {"value": one.value, "type": one.parameter_type} for name, one in newest.items()}


def _targets(world: World) -> dict[str, Any]:
    return {
        key[1]: {
            "min": target.minimum,
            "max": target.maximum,
            "suspended": dict(target.suspended),
        }
        for key, target in world.state(AutoScalingState).targets.items()
    }


def _services(world: World) -> dict[str, Any]:
    state = world.state(EcsState)
    bodies = {each.arn: each for family in state.definitions.values() for each in family}
    return {
        f"{cluster.name}/{service.name}": {
            "desired": service.desired,
            "definition": bodies[service.primary.definition].body,
            "definition_tags": bodies[service.primary.definition].tags,
            "tags": service.tags,
        }
        for cluster in state.clusters.values()
        for service in cluster.services.values()
    }


def _search(world: World) -> dict[str, Any]:
    state = world.state(SearchState)
    return {
        "groups": {each.name: each.limits.answer() for each in state.groups.values()},
        "account": {"search": state.max_search_ocu, "indexing": state.max_indexing_ocu},
        "indexes": {each.name: dict(each.settings) for each in state.indexes.values()},
    }


def _quotas(world: World) -> list[Mapping[str, Any]]:
    requests = world.state(QuotaState).requests
    return [{"code": each.code, "desired": each.desired} for each in reversed(requests)]


def _cache(world: World) -> dict[str, tuple[Any, int]]:
    """Key -> value and milliseconds to live (-1 without an end)."""
    client: Any = redis.Redis.from_url(world.cache_url, decode_responses=True)
    try:
        keys = sorted(client.scan_iter(count=1000))
        pipe = client.pipeline(transaction=False)
        for key in keys:
            pipe.type(key).pttl(key)
        told = pipe.execute()
        for key, kind in zip(keys, told[::2], strict=True):
            _ask_value(pipe, key, kind)
        values = [sorted(each) if isinstance(each, set) else each for each in pipe.execute()]
        pairs = zip(keys, values, told[1::2], strict=True)
        return {key: (value, left) for key, value, left in pairs if left != -2}
    finally:
        client.close()


def _ask_value(pipe: Any, key: str, kind: str) -> None:
    match kind:
        case "set":
            pipe.smembers(key)
        case "hash":
            pipe.hgetall(key)
        case "list":
            pipe.lrange(key, 0, -1)
        case "zset":
            pipe.zrange(key, 0, -1, withscores=True)
        case _:
            pipe.get(key)


def _expiry(world: World, key: str, left: int) -> int | None:
    if left < 0:
        return None
    return world.state(Expiries).settle(key, world.now().timestamp() + left / 1000)
