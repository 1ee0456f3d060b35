"""A scenario's resources into the world: AWS calls, Redis commands, and what no call can
write (the past of the ECS service, AWS Health, the load of the search collection, the
pace of the models).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import redis
from botocore import xform_name

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.model.time import iso, parse_duration
from mangaops.sandbox.past_parameters import date_newest
from mangaops.sandbox.scenario_file import AwsCall, Health, Past, Scaling, ScenarioFile, Search
from mangaops.sandbox.scenario_models import set_models
from mangaops.sandbox.services.autoscaling.state import AutoScalingState
from mangaops.sandbox.services.bedrock import BedrockState
from mangaops.sandbox.services.ecs.history import past_deployment, past_stop
from mangaops.sandbox.services.ecs.state import EcsState
from mangaops.sandbox.services.health import HealthState
from mangaops.sandbox.services.opensearchserverless import EF_SEARCH, SearchState
from mangaops.sandbox.stored_runs import store
from mangaops.sandbox.world import World

_SLOT = re.compile(r"\$\{([^}]*)\}")


def apply_resources(
    world: World, scenario: ScenarioFile, client_factory: Callable[[str], Any]
) -> None:
    """In the order of the format: parameters, calls, Redis, and then the rest."""
    for write in scenario.parameters:
        named = {"Name": write.name, "Value": write.value, "Overwrite": True}
        client_factory("ssm").put_parameter(**named)
        with world.lock:
            date_newest(world, write.name, world.now() - timedelta(minutes=write.ago))
    saved: dict[str, str] = {"account": world.account, "region": world.region}
    for call in scenario.resources:
        saved |= _call(world, call, client_factory, saved)
    if scenario.redis:
        _redis(world, scenario.redis, saved)
    store(world, scenario.benchmarks, client_factory)
    with world.lock:
        _past(world, scenario.past)
        _scaling(world, scenario.scaling)
        _search(world, scenario.search)
        _health(world, scenario.health)
        set_models(world, scenario.models)
        for retired in scenario.retired:
            at = world.now() - timedelta(minutes=retired.ago)
            world.state(BedrockState).retire(retired.model, at=at)


def _call(
    world: World, call: AwsCall, client_factory: Callable[[str], Any], saved: Mapping[str, str]
) -> dict[str, str]:
    """Makes the call; returns what it saves of the answer."""
    service, operation = call.call.split(".")
    method = getattr(client_factory(service), xform_name(operation))
    answer = method(**_filled(world, call.parameters, saved))
    return {name: _at(answer, path) for name, path in call.save.items()}


def _at(answer: Any, path: str) -> str:
    """The value at `EventSourceMappings.0.UUID`."""
    for step in path.split("."):
        answer = answer[int(step)] if step.isdecimal() else answer[step]
    return str(answer)


def _filled(world: World, value: Any, saved: Mapping[str, str]) -> Any:
    """The value with `${...}` replaced in all its texts."""
    if isinstance(value, Mapping):
        return {name: _filled(world, inner, saved) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(world, inner, saved) for inner in value]
    if isinstance(value, str):
        return _SLOT.sub(lambda found: _slot(world, found[1], saved), value)
    return value


def _slot(world: World, name: str, saved: Mapping[str, str]) -> str:
    if name.startswith("ago:"):
        length = parse_duration(name.removeprefix("ago:"))
        if length is None:
            raise ValueError(f"${{{name}}} is no time: a duration is written 20m")
        return iso(world.now() - length)
    return saved[name]


def _redis(
    world: World, commands: Sequence[Sequence[str | int | float]], saved: Mapping[str, str]
) -> None:
    client: Any = redis.Redis.from_url(world.cache_url)
    for command in commands:
        client.execute_command(*_filled(world, command, saved))
    client.close()


def _past(world: World, past: Past) -> None:
    state = world.state(EcsState)
    now = world.now()
    for deployment in past.deployments:
        service = state.service(DEFAULT_RESOURCES["cluster"], DEFAULT_RESOURCES["service"])
        took = timedelta(minutes=deployment.took)
        past_deployment(state, service, now - timedelta(minutes=deployment.ago), took=took)
    for task in past.stopped_tasks:
        service = state.service(DEFAULT_RESOURCES["cluster"], DEFAULT_RESOURCES["service"])
        at = now - timedelta(minutes=task.ago)
        past_stop(state, service, at, reason=task.reason, exit_code=task.exit_code)

    if past.stack:
        service = state.service(DEFAULT_RESOURCES["cluster"], DEFAULT_RESOURCES["service"])
        service.tags = [*service.tags, *_stack_tags(world, past.stack)]


def _stack_tags(world: World, stack: str) -> list[dict[str, str]]:
    """As CloudFormation writes them; nobody else may write a tag that begins with `aws:`."""
    id_of_stack = "6a1f2c30-b1d4-11f0-9c5e-0a1b2c3d4e5f"
    tags = {
        "stack-id": world.arn("cloudformation", f"stack/{stack}/{id_of_stack}"),
        "stack-name": stack,
        "logical-id": "OrchestratorService",
    }
    return [{"key": f"aws:cloudformation:{name}", "value": tag} for name, tag in tags.items()]


def _scaling(world: World, scaling: Scaling) -> None:
    state = world.state(AutoScalingState)
    if not scaling.target:
        state.targets.clear()
        state.policies.clear()
    if scaling.takes_back is not None:
        state.scale_in_after = timedelta(minutes=scaling.takes_back)


def _search(world: World, search: Search) -> None:
    state = world.state(SearchState)
    if search.ocu is not None:
        state.use_ocu(DEFAULT_RESOURCES["collection_group"], search=search.ocu, now=world.now())
    if search.ef_search is not None:
        state.indexes[DEFAULT_RESOURCES["index"]].settings[EF_SEARCH] = str(search.ef_search)
    if search.latency_ms is not None:
        state.search_latency_ms = search.latency_ms
    if search.cold_ms is not None:
        state.cold_ms = search.cold_ms
    if not search.grouped:
        state.ungroup(DEFAULT_RESOURCES["collection"])


def _health(world: World, health: Health) -> None:
    state = world.state(HealthState)
    state.subscribed = health.subscribed
    now = world.now()
    for issue in health.issues:
        state.open_issue(
            issue.service,
            started_at=now - timedelta(minutes=issue.ago),
            ended_at=None if issue.ended is None else now - timedelta(minutes=issue.ended),
            description=issue.description,
        )
