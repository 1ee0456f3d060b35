"""`ecs.desired_count`: how many tasks a service is to run, where nothing else decides it."""

from __future__ import annotations

from typing import Protocol

from mangaops.model.plan import State, Step
from mangaops.model.resources import Service
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.ecs.rollout import trouble
from mangaops.remedy.actions.ecs.service import names_of, primary
from mangaops.remedy.actions.step_fields import whole

ACTION = "ecs.desired_count"


class Counted(Protocol):
    def service(self, cluster: str, service: str) -> Service: ...
    def set_desired(self, cluster: str, service: str, count: int) -> Service: ...


class DesiredCountAction:
    """The one field is `desired`."""

    def __init__(self, ecs: Counted) -> None:
        self._ecs = ecs

    def read(self, step: Step) -> State:
        return {"desired": self._ecs.service(*names_of(step.target)).desired}

    def write(self, step: Step, pen: Pen) -> None:
        set_count(self._ecs, step, pen)

    def settled(self, step: Step) -> Settled:
        return settled_count(self._ecs.service(*names_of(step.target)), step)

    def touches(self, step: Step) -> Touches:
        return Touches(tasks=wanted_count(step))


def wanted_count(step: Step) -> int:
    """The `desired` that a step leads to; raises InputError for a step without one."""
    return whole(step, "after", "desired")


def set_count(ecs: Counted, step: Step, pen: Pen) -> None:
    """Sets the desired count; setting it twice does no harm, so nothing is looked at first."""
    cluster, name = names_of(step.target)
    wanted = wanted_count(step)

    def landed() -> Service | None:
        service = ecs.service(cluster, name)
        return service if service.desired == wanted else None

    pen.call(
        "ecs:UpdateService",
        lambda: ecs.set_desired(cluster, name, wanted),
        about={"service": f"{cluster}/{name}", "desiredCount": wanted},
        landed=landed,
        told=lambda service: {"desired": service.desired, "running": service.running},
    )


def settled_count(service: Service, step: Step) -> Settled:
    """Enough tasks run; on the way back: no more than wanted do."""
    wanted, before = wanted_count(step), step.before.get("desired")
    detail = f"{service.running} of {wanted} tasks run"
    if service.desired != wanted:
        detail += f", and {service.desired} are wanted now: someone else changed the count"
        return Settled(progress=Progress.FAILED, detail=detail)
    fewer = isinstance(before, int) and wanted < before
    if service.running == wanted or (service.running > wanted and not fewer):
        return Settled(progress=Progress.REACHED, detail=detail)
    current = primary(service)
    return Settled(progress=Progress.WAITING, detail=detail + trouble(service, current))
