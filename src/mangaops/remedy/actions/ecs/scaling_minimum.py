"""`scaling.minimum`: the limits between which Application Auto Scaling moves a service.

Fields: `min`, `max` and `desired`. The desired count is among them since raising the
minimum moves it, and lowering the minimum does not move it back: the way back sets it
by hand. A count that the autoscaler itself has moved since is a difference like any
other: a plan made for 4 tasks says nothing about 9, and undo must not stop tasks that
the load has called for.
"""

from __future__ import annotations

from typing import Protocol

from mangaops.model.evidence import JSON
from mangaops.model.plan import State, Step
from mangaops.model.resources import ScalableTarget
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.ecs.desired_count import (
    Counted,
    set_count,
    settled_count,
    wanted_count,
)
from mangaops.remedy.actions.ecs.service import names_of
from mangaops.remedy.actions.step_fields import whole

ACTION = "scaling.minimum"


class Limits(Protocol):
    def target(self, cluster: str, service: str) -> ScalableTarget | None: ...
    def set_limits(self, cluster: str, service: str, minimum: int, maximum: int) -> None: ...


class MinimumAction:
    def __init__(self, ecs: Counted, scaling: Limits) -> None:
        self._ecs = ecs
        self._scaling = scaling

    def read(self, step: Step) -> State:
        return {**self._limits(step), "desired": self._desired(step)}

    def write(self, step: Step, pen: Pen) -> None:
        """Limits move a count that is outside them. Where they would move it to one that is
        neither the old nor the wanted, the count is set first: a change that is interrupted
        between its calls must still be known as this one.
        """
        limits, wanted = _wanted_limits(step), wanted_count(step)
        desired = self._desired(step)
        if min(max(desired, limits["min"]), limits["max"]) not in {desired, wanted}:
            set_count(self._ecs, step, pen)
        if self._limits(step) != limits:
            self._set_limits(step, pen, limits)
        desired = self._desired(step)
        is_raised_by_limits = desired < wanted == limits["min"]
        if desired != wanted and not is_raised_by_limits:
            set_count(self._ecs, step, pen)

    def settled(self, step: Step) -> Settled:
        limits = self._limits(step)
        if limits != _wanted_limits(step):
            told = f"the limits are {limits['min']} to {limits['max']}: someone else changed them"
            return Settled(progress=Progress.FAILED, detail=told)
        service, wanted = self._ecs.service(*names_of(step.target)), wanted_count(step)
        if service.desired == wanted:
            return settled_count(service, step)
        detail = f"{service.running} of {service.desired} tasks run"
        if service.desired > wanted == limits["min"] and service.running >= wanted:
            told = f"{detail}: Application Auto Scaling asks for more than {wanted}"
            return Settled(progress=Progress.REACHED, detail=told)
        told = f"{detail}, Application Auto Scaling has not asked for {wanted} yet"
        return Settled(progress=Progress.WAITING, detail=told)

    def touches(self, step: Step) -> Touches:
        return Touches(tasks=max(wanted_count(step), _wanted_limits(step)["min"]))

    def _set_limits(self, step: Step, pen: Pen, wanted: dict[str, int]) -> None:
        cluster, name = names_of(step.target)

        def send() -> State:
            self._scaling.set_limits(cluster, name, wanted["min"], wanted["max"])
            return wanted

        def landed() -> State | None:
            return wanted if self._limits(step) == wanted else None

        about: dict[str, JSON] = {"resource": step.target, **wanted}
        pen.call("application-autoscaling:RegisterScalableTarget", send, about=about, landed=landed)

    def _limits(self, step: Step) -> dict[str, int | None]:
        target = self._scaling.target(*names_of(step.target))
        if target is None:
            return {"min": None, "max": None}
        return {"min": target.minimum, "max": target.maximum}

    def _desired(self, step: Step) -> int:
        return self._ecs.service(*names_of(step.target)).desired


def _wanted_limits(step: Step) -> dict[str, int]:
    return {name: whole(step, "after", name) for name in ("min", "max")}
