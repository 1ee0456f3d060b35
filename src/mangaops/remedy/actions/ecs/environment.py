"""`ecs.environment`: a service from one task definition to the same with other variables.

Fields: `revision` (`family:3`), `definition` (its digest), and each variable by its own
name, None when it is unset. A step that has `revision` in its `after` goes back to that
revision; one that has not makes a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mangaops.model.evidence import JSON
from mangaops.model.plan import Standing, State, Step, compare, differences
from mangaops.model.resources import Service, TaskDefinition
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.ecs.rollout import Started, gone, settled_rollout
from mangaops.remedy.actions.ecs.service import deployment_told, names_of, primary, refuse
from mangaops.remedy.actions.ecs.task_definition import (
    changed,
    container_of,
    digest,
    kept_tags,
    variables_of,
)
from mangaops.remedy.actions.step_fields import text

ACTION = "ecs.environment"
FIELDS = frozenset({"revision", "definition"})
"""Fields of a step that are no variables."""


class TaskDefinitions(Protocol):
    def service(self, cluster: str, service: str) -> Service: ...
    def task_definition(self, name: str) -> TaskDefinition: ...
    def register(self, body: Mapping[str, JSON], tags: Mapping[str, str]) -> str: ...
    def deploy(self, cluster: str, service: str, revision: str) -> Service: ...


class EnvironmentAction:
    """Remembers the deployments that it started, to tell them from those of ECS's own."""

    def __init__(self, ecs: TaskDefinitions) -> None:
        self._ecs = ecs
        self._started: dict[str, Started] = {}

    def read(self, step: Step) -> State:
        service = self._ecs.service(*names_of(step.target))
        definition = self._ecs.task_definition(service.task_definition)
        present = variables_of(container_of(definition, _container(step)))
        names = (step.before.keys() | step.after.keys()) - FIELDS
        return {
            "revision": definition.name,
            "definition": digest(definition.body),
            **{name: present.get(name) for name in names},
        }

    def write(self, step: Step, pen: Pen) -> None:
        if self._arrived(step):
            return
        back = "revision" in step.after
        revision = text(step, "after", "revision") if back else self._registered(step, pen)
        earlier = primary(self._ecs.service(*names_of(step.target)))
        if self._arrived(step):
            return
        service = pen.call(
            "ecs:UpdateService",
            lambda: self._ecs.deploy(*names_of(step.target), revision),
            about={"service": step.target, "taskDefinition": revision},
            landed=lambda: self._deployed(step),
            told=deployment_told,
        )
        if (current := primary(service)) is not None:
            self._started[step.target] = Started(
                id=current.id, earlier=earlier.id if earlier else ""
            )

    def settled(self, step: Step) -> Settled:
        service = self._ecs.service(*names_of(step.target))
        started = self._started.get(step.target)
        settled = settled_rollout(service, started)
        known = started is not None and settled.progress is not Progress.REACHED
        if known or not differences(step.after, self.read(step)):
            return settled
        current = primary(service)
        detail = gone(service, current, started) if current else settled.detail
        return Settled(progress=Progress.FAILED, detail=detail)

    def touches(self, step: Step) -> Touches:
        return Touches(variables=tuple(sorted(step.after.keys() - FIELDS)))

    def _registered(self, step: Step, pen: Pen) -> str:
        """The newest revision when it is the wanted one, else a new one: `family:4`."""
        base = self._ecs.task_definition(text(step, "before", "revision"))
        body = changed(base.body, _container(step), _variables(step))
        if (there := self._newest(base.family, body)) is not None:
            return there
        return pen.call(
            "ecs:RegisterTaskDefinition",
            lambda: self._ecs.register(body, kept_tags(base)),
            about={"family": base.family, "from": base.name, "definition": digest(body)},
            landed=lambda: self._newest(base.family, body),
            told=lambda revision: {"revision": revision},
        )

    def _newest(self, family: str, body: Mapping[str, JSON]) -> str | None:
        newest = self._ecs.task_definition(family)
        return newest.name if digest(newest.body) == digest(body) else None

    def _deployed(self, step: Step) -> Service | None:
        return self._ecs.service(*names_of(step.target)) if self._arrived(step) else None

    def _arrived(self, step: Step) -> bool:
        """Raises Drifted when the service is neither where it was nor where it is to go.

        UpdateService knows no condition, so this is looked at right before it is sent.
        """
        found = compare(step, self.read(step))
        if found.standing is Standing.OTHER:
            refuse(step, found.drift)
        return found.standing is Standing.AFTER


def _container(step: Step) -> str:
    return text(step, "arguments", "container")


def _variables(step: Step) -> dict[str, str]:
    return {name: text(step, "after", name) for name in step.after if name not in FIELDS}
