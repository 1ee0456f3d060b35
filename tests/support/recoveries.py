"""Bringing about what makes a scenario's incident subside, and taking it back.

Each condition is met by the ordinary AWS calls and Redis commands that a remedy sends.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import redis
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.conditions import holds
from mangaops.sandbox.recovery_format import Bound, Condition, Wanted
from mangaops.sandbox.scenario import load_scenario, scenario_names
from mangaops.sandbox.server import ACCESS_KEY, SECRET_KEY, Sandbox
from mangaops.sandbox.services.ecs.state import EcsState, Pace
from support.scenario_runs import in_process, workers

PATIENCE_S = 20.0
CLUSTER, SERVICE = DEFAULT_RESOURCES["cluster"], DEFAULT_RESOURCES["service"]
Undo = Callable[[], None]
Circle = tuple[str, str]
"""The status after the remedy, and after it was taken back; test_scenarios has that before."""
AT_ONCE = Pace(start=timedelta(seconds=0.05), stop=timedelta(seconds=0.05))
ONE_WAY = {"deployed", "searches"}
"""What no call takes back."""


def cases() -> Iterator[tuple[str, int]]:
    """Every way of mending a runbook's incidents, in the first scenario that has it first."""
    seen: set[tuple[str, str]] = set()
    for name in scenario_names():
        scenario = load_scenario(name)
        if scenario.recovery is None or scenario.expect.status != "diagnosed":
            continue
        key = (scenario.runbook, scenario.recovery.when[0].model_dump_json())
        if key not in seen:
            yield name, 0
        seen.add(key)


def circles() -> dict[tuple[str, int], Circle]:
    """All of them, a few at a time."""
    chosen = list(cases())
    with workers() as pool:
        return dict(zip(chosen, pool.map(circle, chosen), strict=True))


def circle(case: tuple[str, int]) -> Circle:
    name, number = case
    recovery = load_scenario(name).recovery
    assert recovery is not None
    condition = recovery.when[number]
    with in_process(name) as (sandbox, ask):
        sandbox.world.state(EcsState).pace = AT_ONCE
        since = sandbox.world.now()
        undo = [_remedy(sandbox, part, condition) for part in sorted(condition.model_fields_set)]
        _await(lambda: _holds(sandbox, condition, since), met=True)
        after = str(ask().document["status"])
        for each in undo:
            each()
        if condition.model_fields_set & ONE_WAY:
            return after, after
        _await(lambda: _holds(sandbox, condition, since), met=False)
        return after, str(ask().document["status"])


def _holds(sandbox: Sandbox, condition: Condition, since: Any) -> bool:
    with sandbox.world.lock:
        return holds(sandbox.world, condition, since)


def _await(question: Callable[[], bool], *, met: bool) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while question() != met:
        assert time.monotonic() < deadline, "the world did not get there"
        time.sleep(0.1)


def _remedy(sandbox: Sandbox, part: str, condition: Condition) -> Undo:
    remedies: Mapping[str, Callable[[Sandbox, Any], Undo]] = {
        "deployed": _restart,
        "environment": _set_environment,
        "tasks": _scale,
        "parameters": _set_parameters,
        "group_minimum": _raise_minimum,
        "ef_search": _set_ef_search,
        "searches": _search,
        "prompt": _activate,
        "cache": _drop_answers,
        "mapping": _listen,
    }
    return remedies[part](sandbox, getattr(condition, part))


def _value(wanted: Wanted) -> str:
    if isinstance(wanted, Bound):
        bound = wanted.at_least if wanted.at_least is not None else wanted.at_most
        return f"{bound:g}"
    return wanted


def _restart(sandbox: Sandbox, _wanted: object) -> Undo:
    sandbox.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, forceNewDeployment=True)
    return lambda: None


def _set_environment(sandbox: Sandbox, wanted: Mapping[str, Wanted]) -> Undo:
    ecs = sandbox.client("ecs")
    (service,) = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    old = service["taskDefinition"]
    body = ecs.describe_task_definition(taskDefinition=old)["taskDefinition"]
    (container,) = body["containerDefinitions"]
    set_before = {each["name"]: each["value"] for each in container["environment"]}
    changed = {**set_before, **{name: _value(value) for name, value in wanted.items()}}
    container["environment"] = [{"name": name, "value": value} for name, value in changed.items()]
    kept = ("family", "networkMode", "requiresCompatibilities", "cpu", "memory")
    new = ecs.register_task_definition(
        **{name: body[name] for name in kept}, containerDefinitions=[container]
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=new)
    return lambda: ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=old)


def _scale(sandbox: Sandbox, tasks: int) -> Undo:
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{CLUSTER}/{SERVICE}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling, ecs = sandbox.client("application-autoscaling"), sandbox.client("ecs")
    scaling.register_scalable_target(**target, MinCapacity=tasks)

    def undo() -> None:
        scaling.register_scalable_target(**target, MinCapacity=4)
        ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=4)

    return undo


def _set_parameters(sandbox: Sandbox, wanted: Mapping[str, Wanted]) -> Undo:
    ssm = sandbox.client("ssm")
    old = {name: ssm.get_parameter(Name=name)["Parameter"]["Value"] for name in wanted}

    def put(values: Mapping[str, str]) -> None:
        for name, value in values.items():
            ssm.put_parameter(Name=name, Value=value, Overwrite=True)

    put({name: _value(value) for name, value in wanted.items()})
    return lambda: put(old)


def _raise_minimum(sandbox: Sandbox, ocu: float) -> Undo:
    search = sandbox.client("opensearchserverless")
    names = [DEFAULT_RESOURCES["collection_group"]]
    (group,) = search.batch_get_collection_group(names=names)["collectionGroupDetails"]
    old = group["capacityLimits"]
    most = max(ocu, old["maxSearchCapacityInOCU"])
    new = {**old, "minSearchCapacityInOCU": ocu, "maxSearchCapacityInOCU": most}
    search.update_collection_group(id=group["id"], capacityLimits=new)
    return lambda: search.update_collection_group(id=group["id"], capacityLimits=old)


def _data_plane(sandbox: Sandbox, method: str, path: str, body: object) -> None:
    url = f"{sandbox.world.search_url}/{DEFAULT_RESOURCES['index']}/{path}"
    request = AWSRequest(method, url, {"Content-Type": "application/json"}, json.dumps(body))
    credentials = Credentials(ACCESS_KEY, SECRET_KEY)
    SigV4Auth(credentials, "aoss", sandbox.world.region).add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    assert answer.status_code == 200, answer.text


def _set_ef_search(sandbox: Sandbox, wanted: str) -> Undo:
    def put(value: str) -> None:
        settings = {"index.knn.algo_param.ef_search": value}
        _data_plane(sandbox, "PUT", "_settings", settings)

    put(wanted)
    return lambda: put("1024")


def _search(sandbox: Sandbox, count: int) -> Undo:
    query = {"size": 3, "query": {"knn": {"embedding": {"vector": [0.1] * 1024, "k": 3}}}}
    for _ in range(count):
        _data_plane(sandbox, "POST", "_search", query)
    return lambda: None


def _activate(sandbox: Sandbox, wanted: Mapping[str, str]) -> Undo:
    dynamodb = sandbox.client("dynamodb")

    def turn(intent: str, version: str, *, on: bool) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": DEFAULT_RESOURCES["prompt_table"],
                "Key": {"intent": {"S": intent}, "version": {"S": version}},
                "UpdateExpression": "SET active = :to",
                "ConditionExpression": "attribute_exists(intent) AND active = :from",
                "ExpressionAttributeValues": {":to": {"BOOL": on}, ":from": {"BOOL": not on}},
            }
        }

    ((intent, version),) = wanted.items()

    def swap(old: str, new: str) -> None:
        items = [turn(intent, old, on=False), turn(intent, new, on=True)]
        dynamodb.transact_write_items(TransactItems=items)

    swap("v2.1", version)
    return lambda: swap(version, "v2.1")


def _drop_answers(sandbox: Sandbox, _wanted: object) -> Undo:
    cache: Any = redis.Redis.from_url(sandbox.world.cache_url)
    saved = {key: (cache.dump(key), cache.pttl(key)) for key in cache.scan_iter("precompute:g*")}
    cache.unlink(*saved)

    def undo() -> None:
        for key, (value, left) in saved.items():
            cache.restore(key, left, value)
        cache.close()

    return undo


def _listen(sandbox: Sandbox, _wanted: object) -> Undo:
    """The stream on, and one enabled mapping to it, whatever was wrong."""
    dynamodb, functions = sandbox.client("dynamodb"), sandbox.client("lambda")
    table, name = DEFAULT_RESOURCES["inventory_table"], DEFAULT_RESOURCES["invalidator"]
    described = dynamodb.describe_table(TableName=table)["Table"]
    if "StreamSpecification" not in described:
        view = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        dynamodb.update_table(TableName=table, StreamSpecification=view)
        described = dynamodb.describe_table(TableName=table)["Table"]
    stream = described["LatestStreamArn"]
    mappings = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    for mapping in mappings:
        if mapping["EventSourceArn"] == stream:
            uuid = mapping["UUID"]
            functions.update_event_source_mapping(UUID=uuid, Enabled=True)
            return lambda: functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    uuid = functions.create_event_source_mapping(
        FunctionName=name, EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
    )["UUID"]
    return lambda: functions.delete_event_source_mapping(UUID=uuid)
