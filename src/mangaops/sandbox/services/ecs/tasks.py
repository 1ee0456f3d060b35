"""Tasks: listed, described and stopped. Stopped ones stay visible for an hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.ecs.answers import task_answer, task_arn
from mangaops.sandbox.services.ecs.lookup import ecs, find_cluster, last_part
from mangaops.sandbox.services.ecs.rollout import stop_task
from mangaops.sandbox.services.ecs.state import Cluster, EcsState, StopCode, Task
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given
from mangaops.sandbox.world import World

MOST_DESCRIBED = 100
LISTED_A_PAGE = 100


def list_tasks(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    params = call.params
    cluster = find_cluster(state, params.get("cluster"))
    name = params.get("serviceName")
    if name is not None and last_part(name) not in cluster.services:
        raise Fault("ServiceNotFoundException", "Service not found.")
    arns = [task_arn(state, task) for task in _tasks_in(state, cluster) if _matches(task, params)]
    refusal = Fault("InvalidParameterException", "Invalid token.")
    size = params.get("maxResults", LISTED_A_PAGE)
    page, token = page_of(arns, params.get("nextToken"), size, refusal)
    return given({"taskArns": page, "nextToken": token})


def describe(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    cluster = find_cluster(state, call.params.get("cluster"))
    wanted = call.params["tasks"]
    if not wanted:
        raise Fault("InvalidParameterException", "Tasks cannot be empty.")
    if len(wanted) > MOST_DESCRIBED:
        raise Fault("InvalidParameterException", "Tasks cannot have more than 100 elements.")
    known = {task.id: task for task in _tasks_in(state, cluster)}
    found, failures = [], []
    for name in map(last_part, wanted):
        if name in known:
            found.append(task_answer(state, known[name], _container(state, known[name])))
        else:
            arn = state.arn(f"task/{cluster.name}/{name}")
            failures.append({"arn": arn, "reason": "MISSING"})
    return {"tasks": found, "failures": failures}


def stop(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    cluster = find_cluster(state, call.params.get("cluster"))
    name = last_part(call.params["task"])
    for task in _tasks_in(state, cluster):
        if task.id != name:
            continue
        if task.is_live:
            reason = call.params.get("reason", "Task stopped by user")
            stop_task(task, world.now(), StopCode.USER, reason)
            _unsettle(cluster, task)
        return {"task": task_answer(state, task, _container(state, task))}
    raise Fault("InvalidParameterException", "The referenced task was not found.")


def _unsettle(cluster: Cluster, task: Task) -> None:
    if task.service is not None:
        cluster.services[task.service].steady = False


def _tasks_in(state: EcsState, cluster: Cluster) -> list[Task]:
    return [task for task in state.tasks if task.cluster == cluster.name]


def _matches(task: Task, params: Mapping[str, Any]) -> bool:
    desired = params.get("desiredStatus", "RUNNING")
    family = task.definition.rpartition("/")[2].partition(":")[0]
    name = params.get("serviceName")
    return (
        task.is_live == (desired != "STOPPED")
        # ECS never wants a task to be pending, so this filter finds none.
        and desired != "PENDING"
        and (name is None or last_part(name) == task.service)
        and params.get("family") in {None, family}
        and params.get("startedBy") in {None, task.deployment}
    )


def _container(state: EcsState, task: Task) -> str:
    family, _, revision = task.definition.rpartition("/")[2].partition(":")
    for definition in state.definitions.get(family, []):
        if str(definition.revision) == revision:
            return str(definition.body["containerDefinitions"][0]["name"])
    return "app"


OPERATIONS: Mapping[str, Handler] = {
    "ListTasks": list_tasks,
    "DescribeTasks": describe,
    "StopTask": stop,
}
