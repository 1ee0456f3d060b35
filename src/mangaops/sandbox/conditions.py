"""Whether a condition of a scenario's recovery holds in the world as it is now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import redis
from moto.backends import get_backend

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.past_parameters import parameter_versions
from mangaops.sandbox.recovery_format import Bound, Condition, Wanted
from mangaops.sandbox.services.ecs.rollout import advance
from mangaops.sandbox.services.ecs.state import EcsState, Rollout, Service, TaskStatus
from mangaops.sandbox.services.lambda_ import listens
from mangaops.sandbox.services.opensearchserverless.groups import capacity_in_use
from mangaops.sandbox.services.opensearchserverless.state import EF_SEARCH, SearchState
from mangaops.sandbox.snapshot import inventory_stream
from mangaops.sandbox.world import World


def holds(world: World, condition: Condition, since: datetime) -> bool:
    """Under the world's lock. `since` is when the sandbox started. Redis is asked last."""
    checks: Mapping[str, Callable[[], bool]] = {
        "deployed": lambda: _deployed(world, since),
        "environment": lambda: _matches(condition.environment, _environment(world)),
        "tasks": lambda: _runs(world, condition.tasks or 0),
        "parameters": lambda: _matches(condition.parameters, _parameters(world)),
        "group_minimum": lambda: _has_capacity(world, condition.group_minimum or 0),
        "ef_search": lambda: _ef_search(world) == condition.ef_search,
        "searches": lambda: world.state(SearchState).searches >= (condition.searches or 0),
        "prompt": lambda: condition.prompt.items() <= set(_active_prompts(world)),
        "mapping": lambda: _invalidates(world),
        "cache": lambda: not _offers_sold_out(world),
    }
    named = condition.model_fields_set
    return all(check() for name, check in checks.items() if name in named)


def _matches(wanted: Mapping[str, Wanted], found: Mapping[str, str]) -> bool:
    return all(name in found and _fits(want, found[name]) for name, want in wanted.items())


def _fits(wanted: Wanted, value: str) -> bool:
    if not isinstance(wanted, Bound):
        return value == wanted
    try:
        number = float(value)
    except ValueError:
        return False
    above = wanted.at_least is None or number >= wanted.at_least
    return above and (wanted.at_most is None or number <= wanted.at_most)


def _service(world: World) -> Service | None:
    state = world.state(EcsState)
    advance(state, world.now())
    cluster = state.clusters.get(DEFAULT_RESOURCES["cluster"])
    return None if cluster is None else cluster.services.get(DEFAULT_RESOURCES["service"])


def _deployed(world: World, since: datetime) -> bool:
    service = _service(world)
    return service is not None and any(
        each.created_at > since and each.rollout is Rollout.COMPLETED and each.rolls_back is None
        for each in service.history
    )


def _environment(world: World) -> Mapping[str, str]:
    """Of the newest deployment that completed: one on its way has not changed anything yet."""
    service, state = _service(world), world.state(EcsState)
    completed = [] if service is None else service.history
    for deployment in completed:
        if deployment.rollout is not Rollout.COMPLETED:
            continue
        family = deployment.definition.rpartition("/")[2].partition(":")[0]
        for definition in state.definitions[family]:
            if definition.arn == deployment.definition:
                return _variables(definition.body)
    return {}


def _variables(body: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        each["name"]: each["value"]
        for container in body["containerDefinitions"]
        if container["name"] == DEFAULT_RESOURCES["container"]
        for each in container["environment"]
    }


def _runs(world: World, tasks: int) -> bool:
    """A deployment may run twice as many for a moment: they must be wanted, too."""
    service = _service(world)
    if service is None or service.desired < tasks:
        return False
    running = world.state(EcsState).tasks_of(service)
    return sum(task.status is TaskStatus.RUNNING for task in running) >= tasks


def _parameters(world: World) -> Mapping[str, str]:
    versions = parameter_versions(world)
    return {name: each[-1].value for name, each in versions.items() if each}


def _has_capacity(world: World, ocu: float) -> bool:
    state = world.state(SearchState)
    for group in state.groups.values():
        if group.name == DEFAULT_RESOURCES["collection_group"]:
            in_use = capacity_in_use(state, group.search, world.now())
            return group.limits.min_search >= ocu and in_use >= ocu
    return False


def _ef_search(world: World) -> str | None:
    index = world.state(SearchState).indexes.get(DEFAULT_RESOURCES["index"])
    return None if index is None else index.settings.get(EF_SEARCH)


def _items(world: World, resource: str) -> Iterator[Mapping[str, Any]]:
    tables = get_backend("dynamodb")[world.account][world.region].tables
    table = tables.get(DEFAULT_RESOURCES[resource])
    for item in [] if table is None else table.all_items():
        yield item.to_json()["Attributes"]


def _active_prompts(world: World) -> Iterator[tuple[str, str]]:
    for item in _items(world, "prompt_table"):
        if item.get("active", {}).get("BOOL"):
            yield item["intent"]["S"], item["version"]["S"]


def _invalidates(world: World) -> bool:
    _, _, stream = inventory_stream(world)
    return stream is not None and listens(world, DEFAULT_RESOURCES["invalidator"], stream)


def _offers_sold_out(world: World) -> bool:
    sold_out = {
        item["product_id"]["S"]
        for item in _items(world, "inventory_table")
        if float(item.get("quantity", {}).get("N", "1")) <= 0
    }
    try:
        texts = _answers(world)
    except redis.RedisError:
        return True  # a cache that cannot be asked has not been mended
    return any(not sold_out.isdisjoint(_products(text)) for text in texts)


def _products(text: str | bytes | None) -> Iterator[str]:
    """What an answer lists; somebody may have written anything to its key."""
    try:
        answer = json.loads(text or "{}")
    except ValueError:
        return
    listed = answer.get("recommendations") if isinstance(answer, dict) else None
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and isinstance(one.get("product_id"), str):
            yield one["product_id"]


def _answers(world: World) -> list[bytes | None]:
    client: Any = redis.Redis.from_url(world.cache_url)
    try:
        keys = list(client.scan_iter("precompute:genre:*", count=1000))
        return list(client.mget(keys)) if keys else []
    finally:
        client.close()
