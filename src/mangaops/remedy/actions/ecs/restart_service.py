"""`restart-service`: every task replaced by a new one of the same revision, a few at a time.

Never StopTask of all: a rolling deployment keeps the service up. A deployment in progress
is a conflict and no refusal, since a stuck one is a reason to restart. There is no way
back, and nothing to go back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Protocol

from mangaops.errors import Refused
from mangaops.model.plan import (
    OTHER_THAN,
    Draft,
    NothingToDo,
    Risk,
    Standing,
    State,
    Step,
    UndoKind,
    compare,
)
from mangaops.model.request import RestartService
from mangaops.model.resources import Service
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action, Pen, Progress, Settled, Touches
from mangaops.remedy.actions.ecs.rollout import Started, settled_rollout
from mangaops.remedy.actions.ecs.service import (
    Services,
    deployment_told,
    in_progress,
    names_of,
    primary,
    refuse,
    replaced,
    short_name,
    target_of,
    update_line,
    without_breaker,
)
from mangaops.remedy.actions.step_fields import text

ACTION = "ecs.restart"
SETTLE = timedelta(minutes=20)


class Redeployed(Services, Protocol):
    def redeploy(self, cluster: str, service: str) -> Service: ...


class RestartServiceRemedy:
    reads: ClassVar[tuple[str, ...]] = ("ecs:DescribeServices",)
    writes: ClassVar[tuple[str, ...]] = ("ecs:UpdateService",)

    def __init__(self, *, ecs: Redeployed, environment: Environment) -> None:
        self._ecs = ecs
        self._environment = environment
        self._actions: dict[str, Action] = {ACTION: RestartAction(ecs)}

    @property
    def actions(self) -> Mapping[str, Action]:
        return self._actions

    def draft(self, request: RestartService) -> Draft | NothingToDo:
        del request  # it has no options
        target = target_of(self._environment)
        service, name = self._ecs.service(*names_of(target)), names_of(target)[1]
        current = primary(service)
        if service.controller != "ECS" or current is None:
            raise Refused(
                f"{target} is deployed by {service.controller}: ECS refuses to restart it",
                where=target,
                hint="start a deployment there",
            )
        if service.desired == 0:
            return NothingToDo(
                reason=f"{target} is to run no task", hint="start some: mangaops scale-out --to 4"
            )
        return Draft(
            title=f"restart {name}",
            confirm=name,
            risk=Risk.SEVERE,
            steps=(_step(target, current.id, short_name(service.task_definition)),),
            reach=replaced(service),
            conflicts=(*in_progress(service), *without_breaker(service)),
            permissions=self.writes,
            aws_cli=(update_line(self._environment, "--force-new-deployment"),),
            notes=("there is no undo: the tasks that run now are gone afterwards",),
            settle=SETTLE,
        )


def _step(target: str, deployment: str, revision: str) -> Step:
    return Step(
        number=1,
        action=ACTION,
        target=target,
        before={"deployment": deployment, "revision": revision},
        after={"deployment": {OTHER_THAN: deployment}, "revision": revision},
        undo=UndoKind.NONE,
        summary=f"every task is replaced by a new one of {revision}",
    )


class RestartAction:
    """Remembers the deployments that it started, to tell them from those of ECS's own."""

    def __init__(self, ecs: Redeployed) -> None:
        self._ecs = ecs
        self._started: dict[str, Started] = {}

    def read(self, step: Step) -> State:
        service = self._ecs.service(*names_of(step.target))
        current = primary(service)
        return {
            "deployment": current.id if current else None,
            "revision": short_name(service.task_definition),
        }

    def write(self, step: Step, pen: Pen) -> None:
        found = compare(step, self.read(step))
        if found.standing is Standing.AFTER:
            return
        if found.standing is Standing.OTHER:
            refuse(step, found.drift)
        service = pen.call(
            "ecs:UpdateService",
            lambda: self._ecs.redeploy(*names_of(step.target)),
            about={"service": step.target, "forceNewDeployment": True},
            landed=lambda: self._begun(step),
            told=deployment_told,
        )
        if (current := primary(service)) is not None:
            earlier = text(step, "before", "deployment")
            self._started[step.target] = Started(id=current.id, earlier=earlier)

    def settled(self, step: Step) -> Settled:
        service = self._ecs.service(*names_of(step.target))
        if self._begun(step) is None:
            return Settled(progress=Progress.WAITING, detail="ECS has not begun the deployment yet")
        return settled_rollout(service, self._started.get(step.target))

    def touches(self, step: Step) -> Touches:
        del step  # it sets nothing
        return Touches()

    def _begun(self, step: Step) -> Service | None:
        """Someone else's deployment after ours was lost replaces every task just as well."""
        service = self._ecs.service(*names_of(step.target))
        current = primary(service)
        return service if current and current.id != text(step, "before", "deployment") else None
