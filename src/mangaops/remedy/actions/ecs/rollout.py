"""Following a rolling deployment to its end: arrived, on its way, failed or rolled back.

Rule: a service that is stable is not proof. After its circuit breaker has rolled back, a
service has one deployment, all of its tasks run, and it runs the old revision: AWS's
waiter is satisfied. So the deployment that was started is followed
by its id, and it must be the one that is there at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

from mangaops.model.resources import Deployment, Service
from mangaops.remedy.action import Progress, Settled
from mangaops.remedy.actions.ecs.service import FAILED, IN_PROGRESS, primary, short_name

_ROLLING_BACK = "rolling back"
_TROUBLE = ("unable to", "unhealthy", "throttled", "deployment failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A deployment that was started, and the one that it replaced."""

    id: str
    earlier: str


def settled_rollout(service: Service, started: Started | None) -> Settled:
    """How far the deployment is that `started` names.

    None: started by an earlier process; then the primary deployment is taken for it, whose
    revision the caller has to check.
    """
    current = primary(service)
    if current is None:
        return Settled(progress=Progress.FAILED, detail="the service has no deployment of ECS")
    if started is None or current.id == started.id:
        return _progress(service, current)
    if current.id == started.earlier:
        return Settled(progress=Progress.WAITING, detail="ECS has not begun the deployment yet")
    return Settled(progress=Progress.FAILED, detail=gone(service, current, started))


def _progress(service: Service, current: Deployment) -> Settled:
    if is_rollback(current):
        return Settled(progress=Progress.FAILED, detail=current.reason or "rolled back by ECS")
    if current.rollout == FAILED:
        why = current.reason or "no reason given"
        return Settled(progress=Progress.FAILED, detail=f"the deployment failed: {why}")
    detail = f"{current.running} of {current.desired} new tasks run"
    if current.failed:
        detail += f", {current.failed} failed to start"
    finished = current.rollout != IN_PROGRESS and current.running >= current.desired
    if finished and service.running == service.desired:
        return Settled(progress=Progress.REACHED, detail=detail)
    return Settled(progress=Progress.WAITING, detail=detail + trouble(service, current))


def is_rollback(deployment: Deployment) -> bool:
    """Whether ECS made it to take another one back. Only told until it is complete."""
    return _ROLLING_BACK in (deployment.reason or "").lower()


def gone(service: Service, current: Deployment, started: Started | None) -> str:
    """Why the deployment that was started is not the one that is there."""
    revision = short_name(current.task_definition)
    failed = _failure(service, started.id) if started else None
    if is_rollback(current) or failed:
        return f"ECS rolled back to {revision}: {failed or current.reason}"
    return f"another deployment ({current.id} of {revision}) took its place"


def _failure(service: Service, deployment: str) -> str | None:
    """The event that told the end of a deployment which is no longer there."""
    start = f"(deployment {deployment}) deployment failed"
    return next((event.message for event in service.events if start in event.message), None)


def trouble(service: Service, since: Deployment | None = None) -> str:
    """`; ` and the newest event, when it tells of trouble that is not older than `since`."""
    if not service.events:
        return ""
    event = service.events[0]
    old = since and since.created_at and event.at and event.at < since.created_at
    told = any(word in event.message for word in _TROUBLE)
    return f"; {event.message}" if told and not old else ""
