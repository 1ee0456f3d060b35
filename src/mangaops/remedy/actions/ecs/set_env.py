"""`set-env`: variables of the container, by a new task definition revision.

Rule: the newest revision is used again when it already says what is wanted, so that a
change which was interrupted between its two calls does not make a second one.
Undo: the old revision, which ECS keeps.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import ClassVar, Protocol

from mangaops.errors import InputError, Refused
from mangaops.model.plan import Draft, NothingToDo, Risk, Step, UndoKind
from mangaops.model.redaction import is_secret_name, redacted
from mangaops.model.request import SetEnv
from mangaops.model.resources import Service, TaskDefinition
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action
from mangaops.remedy.actions.ecs.environment import (
    ACTION,
    FIELDS,
    EnvironmentAction,
    TaskDefinitions,
)
from mangaops.remedy.actions.ecs.environment_cli import aws_cli
from mangaops.remedy.actions.ecs.service import (
    IN_PROGRESS,
    in_progress,
    names_of,
    owners,
    primary,
    replaced,
    short_name,
    target_of,
    without_breaker,
)
from mangaops.remedy.actions.ecs.task_definition import (
    changed,
    container_of,
    digest,
    kept_tags,
    roles_of,
    secrets_of,
    variables_of,
)
from mangaops.remedy.actions.owners import owned_by
from mangaops.remedy.actions.plain_text import is_plain

SETTLE = timedelta(minutes=20)
"""A rolling deployment waits for load balancers to drain, several minutes a round."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Definitions(TaskDefinitions, Protocol):
    def service_tags(self, cluster: str, service: str) -> Mapping[str, str]: ...


class SetEnvRemedy:
    reads: ClassVar[tuple[str, ...]] = ("ecs:DescribeServices", "ecs:DescribeTaskDefinition")
    writes: ClassVar[tuple[str, ...]] = (
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "ecs:UpdateService",
        "iam:PassRole",
    )

    def __init__(self, *, ecs: Definitions, environment: Environment) -> None:
        self._ecs = ecs
        self._environment = environment
        self._actions: dict[str, Action] = {ACTION: EnvironmentAction(ecs)}

    @property
    def actions(self) -> Mapping[str, Action]:
        return self._actions

    def draft(self, request: SetEnv) -> Draft | NothingToDo:
        wanted = _checked(request)
        target, container = target_of(self._environment), self._environment.resources["container"]
        service = self._ecs.service(*names_of(target))
        _check_controller(service, target)
        definition = self._ecs.task_definition(service.task_definition)
        before = _before(definition, container, wanted)
        changes = {name: value for name, value in wanted.items() if before[name] != value}
        if not changes:
            return _nothing(service, definition, wanted)
        step = _step(target, container, definition, {n: before[n] for n in changes}, changes)
        return Draft(
            title=f"set {_told(changes)} on {names_of(target)[1]}",
            confirm=names_of(target)[1],
            risk=Risk.SEVERE,
            steps=(step,),
            reach=replaced(service),
            conflicts=tuple(self._conflicts(service, definition, target)),
            permissions=_permissions(definition),
            aws_cli=aws_cli(self._environment, definition, step),
            notes=tuple(_notes(definition)),
            settle=SETTLE,
        )

    def _conflicts(
        self, service: Service, definition: TaskDefinition, target: str
    ) -> Iterator[str]:
        yield from in_progress(service)
        yield from without_breaker(service)
        newest = self._ecs.task_definition(definition.family)
        if newest.name != definition.name:
            yield (
                f"{newest.name} is newer than {definition.name}, which runs: the change is made "
                f"to {definition.name}, and a deploy of {newest.name} would drop it"
            )
        of_service = owners(self._ecs, target)
        yield from dict.fromkeys((*of_service, *owned_by(definition.tags)))


def _nothing(
    service: Service, definition: TaskDefinition, wanted: Mapping[str, str]
) -> NothingToDo:
    """A restart is no advice while a deployment is bringing the variables to the tasks."""
    reason = f"{definition.name} has {_told(wanted)} already"
    current = primary(service)
    if current is None or current.rollout != IN_PROGRESS:
        hint = "tasks take it over when they start: mangaops restart-service"
        return NothingToDo(reason=reason, hint=hint)
    return NothingToDo(
        reason=f"{reason}, and deployment {current.id} is bringing it to the tasks "
        f"({current.running} of {current.desired} run)",
        hint="wait for its end: a restart or another change would begin a new deployment",
    )


def _checked(request: SetEnv) -> dict[str, str]:
    """The variables by name. Raises InputError or Refused for what is never set."""
    if not request.variables:
        raise InputError(
            "no variable is given", hint="type NAME=VALUE, such as BEDROCK_POOL_SIZE=10"
        )
    counts = Counter(name for name, _ in request.variables)
    for name, value in request.variables:
        if not _NAME.fullmatch(name) or name in FIELDS:
            raise InputError(
                f"{name!r} cannot be set as an environment variable",
                hint="a name has letters, digits and _, and begins with no digit",
            )
        if not is_plain(value):
            raise InputError(
                f"the value of {name} has characters that a task cannot be given",
                where=name,
                hint="give a text without control characters and in valid UTF-8",
            )
        if counts[name] > 1:
            raise InputError(f"{name} is given {counts[name]} times", hint="give it once")
        if is_secret_name(name) or redacted(value) != value:
            raise Refused(
                f"{name} looks like a secret, and a task definition is no place for one",
                where=name,
                hint="put it into Secrets Manager or SSM, and into the container's `secrets`",
            )
    return dict(request.variables)


def _check_controller(service: Service, target: str) -> None:
    if service.controller != "ECS":
        raise Refused(
            f"{target} is deployed by {service.controller}: ECS refuses a new revision from "
            "anyone else",
            where=target,
            hint="make the change through that deployment",
        )


def _before(
    definition: TaskDefinition, container: str, wanted: Mapping[str, str]
) -> dict[str, str | None]:
    """The present values of the wanted variables, where they can be shown."""
    found = container_of(definition, container)
    hidden, present = secrets_of(found), variables_of(found)
    for name in wanted:
        if name in hidden:
            raise Refused(
                f"{name} comes from a secret store in {definition.name}",
                where=definition.name,
                hint="change the secret itself, then: mangaops restart-service",
            )
        value = present.get(name, "")
        if redacted(value) != value:
            raise Refused(
                f"the present value of {name} looks like a secret, which a plan must not hold",
                where=definition.name,
                hint="move it to a secret store",
            )
    return {name: present.get(name) for name in wanted}


def _step(
    target: str,
    container: str,
    definition: TaskDefinition,
    before: Mapping[str, str | None],
    after: Mapping[str, str],
) -> Step:
    wanted = changed(definition.body, container, after)
    return Step(
        number=1,
        action=ACTION,
        target=target,
        before={"revision": definition.name, "definition": digest(definition.body), **before},
        after={"definition": digest(wanted), **after},
        undo=UndoKind.EXACT,
        summary=f"a new revision of {definition.family}, then a rolling deployment",
        arguments={"container": container},
    )


def _told(variables: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in variables.items())


def _permissions(definition: TaskDefinition) -> tuple[str, ...]:
    needed = ["ecs:RegisterTaskDefinition", "ecs:UpdateService"]
    if roles_of(definition.body):
        needed.append("iam:PassRole")
    if kept_tags(definition):
        needed.append("ecs:TagResource")
    return tuple(needed)


def _notes(definition: TaskDefinition) -> Iterator[str]:
    if roles := roles_of(definition.body):
        names = ", ".join(map(short_name, roles))
        yield f"iam:PassRole is needed on {names} (to ecs-tasks.amazonaws.com)"
    if dropped := sorted(definition.tags.keys() - kept_tags(definition).keys()):
        yield f"tags that only AWS can set are not carried over: {', '.join(dropped)}"
