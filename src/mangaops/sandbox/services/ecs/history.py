"""The past of a service: what scenarios write, since the API can only change the present."""

from __future__ import annotations

from datetime import datetime, timedelta

from mangaops.sandbox.services.ecs.rollout import SIGTERM_EXIT, start_deployment
from mangaops.sandbox.services.ecs.state import (
    Deployment,
    EcsState,
    Rollout,
    Service,
    StopCode,
    Task,
)

STEADY_EVERY = timedelta(hours=6)


def past_deployment(
    state: EcsState,
    service: Service,
    at: datetime,
    *,
    definition: str | None = None,
    took: timedelta = timedelta(minutes=3),
) -> Deployment:
    """A deployment that began at `at` and is complete; the tasks it replaced are stopped.

    `definition` is an ARN; None deploys the present one again, as a forced deployment does.
    """
    arn = definition or service.primary.definition
    replaced = [task for task in state.tasks_of(service) if task.is_live]
    deployment = start_deployment(state, service, arn, at)
    done = at + took
    for task in replaced:
        _stop(task, done, StopCode.SCHEDULER, _scaling(deployment), SIGTERM_EXIT)
    _run(state, service, deployment, at + took / 2)
    deployment.rollout = Rollout.COMPLETED
    deployment.reason = f"ECS deployment {deployment.id} completed."
    deployment.finished_at = deployment.updated_at = done
    service.deployments = [deployment]
    service.steady = True
    state.announce(service, at, f"has started {service.desired} tasks.")
    state.announce(service, done, f"(deployment {deployment.id}) deployment completed.")
    state.announce(service, done, "has reached a steady state.")
    return deployment


def past_stop(
    state: EcsState,
    service: Service,
    at: datetime,
    *,
    code: StopCode = StopCode.CONTAINER_EXITED,
    reason: str = "Essential container in task exited",
    exit_code: int | None = 137,
) -> Task:
    """A task that died at `at` and was replaced at once; 137 is a kill, mostly out of memory."""
    task = _new(state, service, service.primary, service.created_at)
    _stop(task, at, code, reason, exit_code)
    state.tasks.append(task)
    for each in state.tasks_of(service):
        if each.is_live:
            each.created_at = at
            each.started_at = at + timedelta(seconds=30)
            break
    state.announce(service, at, "has started 1 tasks.")
    return task


def run_from(state: EcsState, service: Service, at: datetime) -> None:
    """Let a new service be in a steady state since `at`, as the normal world has it."""
    deployment = start_deployment(state, service, service.primary.definition, at)
    _run(state, service, deployment, at)
    deployment.rollout = Rollout.COMPLETED
    deployment.reason = f"ECS deployment {deployment.id} completed."
    deployment.source_revision = None
    deployment.finished_at = deployment.updated_at = at + timedelta(minutes=3)
    service.deployments = [deployment]
    service.history = [deployment]
    service.steady = True


def steady_events(state: EcsState, service: Service, now: datetime, count: int = 4) -> None:
    """ECS says every six hours that a service is still steady."""
    for number in range(count, 0, -1):
        state.announce(service, now - STEADY_EVERY * number, "has reached a steady state.")


def _run(state: EcsState, service: Service, deployment: Deployment, at: datetime) -> None:
    for _ in range(service.desired):
        task = _new(state, service, deployment, at)
        task.started_at = at + timedelta(seconds=30)
        state.tasks.append(task)


def _new(state: EcsState, service: Service, deployment: Deployment, at: datetime) -> Task:
    return Task(
        id=state.hex_id(),
        cluster=service.cluster,
        service=service.name,
        deployment=deployment.id,
        definition=deployment.definition,
        created_at=at,
    )


def _stop(task: Task, at: datetime, code: StopCode, reason: str, exit_code: int | None) -> None:
    if task.started_at is None:
        task.started_at = task.created_at
    task.stopping_at = task.stopped_at = at
    task.code, task.reason, task.exit_code = code, reason, exit_code


def _scaling(deployment: Deployment) -> str:
    return f"Scaling activity initiated by (deployment {deployment.id})"
