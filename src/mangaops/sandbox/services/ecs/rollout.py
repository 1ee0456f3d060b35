"""How services move: tasks start and stop, deployments roll, complete, fail and roll back.

`advance` brings a region's services up to a moment in fixed steps, so that the result
depends on the clock alone and not on how often somebody looked. A service that has
nothing left to do costs nothing.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from mangaops.sandbox.services.ecs.state import (
    STOPPED_TASKS_VISIBLE,
    Deployment,
    EcsState,
    Rollout,
    Service,
    StopCode,
    Task,
    TaskFailure,
    TaskStatus,
)

SIGTERM_EXIT = 143
BACK_OFF_AFTER = 10
LONGEST_BACK_OFF = 300.0


def advance(state: EcsState, now: datetime) -> None:
    """Bring every service of the region to `now`."""
    for cluster in state.clusters.values():
        for service in cluster.services.values():
            _advance_service(state, service, now)
    horizon = now - STOPPED_TASKS_VISIBLE
    state.tasks = [
        task for task in state.tasks if task.stopped_at is None or task.stopped_at > horizon
    ]


def start_deployment(
    state: EcsState,
    service: Service,
    definition: str,
    now: datetime,
    *,
    rolls_back: Deployment | None = None,
) -> Deployment:
    """Make a new primary deployment of a task definition's ARN; tasks follow by `advance`."""
    previous = service.deployments[0] if service.deployments else None
    number = state.number_id()
    deployment = Deployment(
        id=f"ecs-svc/{number}",
        key=state.word_id(),
        revision=state.number_id(),
        definition=definition,
        created_at=now,
        updated_at=now,
        source_revision=None if previous is None else previous.revision,
    )
    deployment.reason = f"ECS deployment {deployment.id} in progress."
    if rolls_back is not None:
        deployment.rolls_back = rolls_back.id
        deployment.reason = (
            f"ECS deployment circuit breaker: rolling back to deploymentId {deployment.id}."
        )
    elif previous is not None and previous.rollout is Rollout.IN_PROGRESS:
        previous.superseded = True
        previous.finished_at = previous.updated_at = now
    service.deployments.insert(0, deployment)
    service.history.insert(0, deployment)
    service.steady = False
    service.simulated_to = max(service.simulated_to, now)
    return deployment


def stop_task(task: Task, now: datetime, code: StopCode, reason: str) -> None:
    """Ask a task to stop; it is gone after the pace's stopping time."""
    task.stopping_at, task.code, task.reason = now, code, reason


def _advance_service(state: EcsState, service: Service, now: datetime) -> None:
    step = state.pace.step
    while service.simulated_to + step <= now:
        if _is_settled(state, service):
            service.simulated_to = now
            return
        service.simulated_to += step
        _step(state, service, service.simulated_to)


def _is_settled(state: EcsState, service: Service) -> bool:
    """Nothing pending, nothing stopping, and the tasks there should be."""
    if not service.steady:
        return False
    tasks = state.tasks_of(service)
    moving = any(task.status in {TaskStatus.PENDING, TaskStatus.DEACTIVATING} for task in tasks)
    running = sum(task.status is TaskStatus.RUNNING for task in tasks)
    return not moving and (running == service.desired or service.primary.rollout is Rollout.FAILED)


def _step(state: EcsState, service: Service, at: datetime) -> None:
    for task in state.tasks_of(service):
        _move_task(state, service, task, at)
    _check_breaker(state, service, at)
    _stop_surplus(state, service, at)
    _launch_missing(state, service, at)
    _check_completion(state, service, at)


def _move_task(state: EcsState, service: Service, task: Task, at: datetime) -> None:
    match task.status:
        case TaskStatus.DEACTIVATING:
            if task.stopping_at is not None and at >= task.stopping_at + state.pace.stop:
                task.stopped_at = at
                task.exit_code = SIGTERM_EXIT if task.started_at is not None else None
        case TaskStatus.PENDING:
            if at >= task.created_at + state.pace.start:
                _start_or_fail(state, service, task, at)
        case TaskStatus.RUNNING | TaskStatus.STOPPED:
            pass


def _start_or_fail(state: EcsState, service: Service, task: Task, at: datetime) -> None:
    failure = _failure_of(state, task)
    if failure is None:
        task.started_at = at
        return
    if failure.code is not StopCode.FAILED_TO_START:
        task.started_at = at
    task.stopping_at = task.stopped_at = at
    task.code, task.reason, task.exit_code = failure.code, failure.reason, failure.exit_code
    for deployment in service.deployments:
        if deployment.id == task.deployment:
            deployment.failed_tasks += 1
            deployment.updated_at = deployment.last_failure = at
            if deployment.failed_tasks == BACK_OFF_AFTER:
                state.announce(service, at, "is unable to consistently start tasks successfully.")


def _failure_of(state: EcsState, task: Task) -> TaskFailure | None:
    return state.fail_all or state.failing.get(task.definition.rpartition("/")[2])


def _check_breaker(state: EcsState, service: Service, at: datetime) -> None:
    primary = service.primary
    breaker = service.settings.get("deploymentConfiguration", {}).get(
        "deploymentCircuitBreaker", {}
    )
    if primary.rollout is not Rollout.IN_PROGRESS or not primary.failed_tasks:
        return
    if not breaker.get("enable") or primary.failed_tasks < breaker_threshold(service):
        return
    primary.rollout = Rollout.FAILED
    primary.reason = "ECS deployment circuit breaker: tasks failed to start."
    primary.finished_at = primary.updated_at = at
    state.announce(
        service, at, f"(deployment {primary.id}) deployment failed: tasks failed to start."
    )
    if primary.rolls_back is None and breaker.get("rollback"):
        _roll_back(state, service, primary, at)
    else:
        service.steady = True


def _roll_back(state: EcsState, service: Service, failed: Deployment, at: datetime) -> None:
    """Back to the last deployment that completed; without one there is nowhere to go."""
    for earlier in service.history:
        if earlier is not failed and earlier.rollout is Rollout.COMPLETED:
            start_deployment(state, service, earlier.definition, at, rolls_back=failed)
            state.announce(service, at, f"rolling back to deployment {earlier.id}.")
            return
    service.steady = True


def breaker_threshold(service: Service) -> int:
    """Failed tasks that trip the circuit breaker: 50 % of desired, at least 3, at most 200."""
    breaker = service.settings.get("deploymentConfiguration", {}).get(
        "deploymentCircuitBreaker", {}
    )
    rule = breaker.get("thresholdConfiguration", {"type": "BOUNDED_PERCENT", "value": 50})
    value = int(rule["value"])
    share = max(1, math.ceil(service.desired * value / 100))
    match rule["type"]:
        case "COUNT":
            return value
        case "UNBOUNDED_PERCENT":
            return share
        case _:
            return min(200, max(3, share))


def _stop_surplus(state: EcsState, service: Service, at: datetime) -> None:
    """Stop old deployments' tasks as far as the minimum allows, then what is above desired."""
    primary = service.primary
    live = [task for task in state.tasks_of(service) if task.is_live]
    old = [task for task in live if task.deployment != primary.id]
    own = [task for task in live if task.deployment == primary.id]
    stopping = [task for task in old if task.status is TaskStatus.PENDING]
    spare = sum(task.status is TaskStatus.RUNNING for task in live) - _minimum(service)
    if primary.rollout is not Rollout.FAILED:
        running_old = [task for task in old if task.status is TaskStatus.RUNNING]
        stopping += running_old[: max(0, spare)]
    newest_first = sorted(own, key=lambda task: task.created_at, reverse=True)
    stopping += newest_first[: max(0, len(own) - service.desired)]
    for task in stopping:
        reason = f"Scaling activity initiated by (deployment {primary.id})"
        stop_task(task, at, StopCode.SCHEDULER, reason)
    if stopping:
        service.steady = False
        state.announce(
            service, at, f"has stopped {len(stopping)} running tasks: {_names(stopping)}."
        )


def _launch_missing(state: EcsState, service: Service, at: datetime) -> None:
    primary = service.primary
    live = [task for task in state.tasks_of(service) if task.is_live]
    own = sum(task.deployment == primary.id for task in live)
    count = min(service.desired - own, _maximum(service) - len(live))
    if count <= 0 or primary.rollout is Rollout.FAILED or _backs_off(service, primary, at):
        return
    service.steady = False
    if service.unplaceable is not None:
        _announce_once(state, service, at, f"was unable to place a task. {service.unplaceable}")
        return
    new = [_new_task(state, service, at) for _ in range(count)]
    state.tasks.extend(new)
    state.announce(service, at, f"has started {count} tasks: {_names(new)}.")


def _new_task(state: EcsState, service: Service, at: datetime) -> Task:
    return Task(
        id=state.hex_id(),
        cluster=service.cluster,
        service=service.name,
        deployment=service.primary.id,
        definition=service.primary.definition,
        created_at=at,
        exec_enabled=bool(service.settings.get("enableExecuteCommand", False)),
    )


def _backs_off(service: Service, primary: Deployment, at: datetime) -> bool:
    """ECS slows down when tasks keep failing to start, doubling up to five minutes."""
    if primary.failed_tasks < BACK_OFF_AFTER or primary.last_failure is None:
        return False
    rounds = primary.failed_tasks // max(1, service.desired)
    wait = min(LONGEST_BACK_OFF, 2.0 ** min(rounds, 10))
    return at - primary.last_failure < timedelta(seconds=wait)


def _check_completion(state: EcsState, service: Service, at: datetime) -> None:
    tasks = state.tasks_of(service)
    busy = {task.deployment for task in tasks if task.status is not TaskStatus.STOPPED}
    primary = service.primary
    undoes = primary.rolls_back if primary.rollout is Rollout.IN_PROGRESS else None
    others_busy = any(each.id in busy for each in service.deployments[1:])
    service.deployments = [
        each
        for each in service.deployments
        if each is primary or each.id in busy or each.id == undoes
    ]
    live = [task for task in tasks if task.is_live]
    running = sum(task.status is TaskStatus.RUNNING for task in live)
    if service.steady or others_busy or running != service.desired or running != len(live):
        return
    service.deployments = [primary]
    if primary.rollout is Rollout.IN_PROGRESS:
        primary.rollout = Rollout.COMPLETED
        primary.reason = f"ECS deployment {primary.id} completed."
        primary.finished_at = primary.updated_at = at
        state.announce(service, at, f"(deployment {primary.id}) deployment completed.")
    service.steady = True
    state.announce(service, at, "has reached a steady state.")


def _announce_once(state: EcsState, service: Service, at: datetime, message: str) -> None:
    if not service.events or not service.events[0].message.endswith(message):
        state.announce(service, at, message)


def _names(tasks: list[Task]) -> str:
    return " ".join(f"(task {task.id})" for task in tasks)


def _minimum(service: Service) -> int:
    configuration = service.settings.get("deploymentConfiguration", {})
    return math.ceil(service.desired * int(configuration.get("minimumHealthyPercent", 100)) / 100)


def _maximum(service: Service) -> int:
    configuration = service.settings.get("deploymentConfiguration", {})
    return service.desired * int(configuration.get("maximumPercent", 200)) // 100
