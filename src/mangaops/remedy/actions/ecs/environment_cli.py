"""The same change of variables as shell lines: describe, edit with jq, register, update."""

from __future__ import annotations

import json
import shlex

from mangaops.model.plan import Step
from mangaops.model.resources import TaskDefinition
from mangaops.model.settings import Environment
from mangaops.remedy.actions.aws_line import aws_line
from mangaops.remedy.actions.ecs.environment import FIELDS
from mangaops.remedy.actions.ecs.service import update_line
from mangaops.remedy.actions.step_fields import text

_ADDED_BY_ECS = (
    ".taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, "
    ".registeredAt, .registeredBy, .deregisteredAt, .deleteRequestedAt"
)
_READ, _WRITTEN = "task-definition.json", "task-definition-changed.json"


def aws_cli(environment: Environment, definition: TaskDefinition, step: Step) -> tuple[str, ...]:
    """Four lines; the last one has no condition, so look at the service before you send it."""
    described = aws_line(
        environment,
        *("ecs", "describe-task-definition", "--task-definition", definition.name),
        *("--include", "TAGS", "--output", "json"),
    )
    registered = aws_line(
        environment,
        *("ecs", "register-task-definition", "--cli-input-json", f"file://{_WRITTEN}"),
        *("--query", "taskDefinition.taskDefinitionArn", "--output", "text"),
    )
    return (
        f"{described} > {_READ}",
        f"jq {shlex.quote(_edit(step))} {_READ} > {_WRITTEN}",
        f"revision=$({registered})",
        f'{update_line(environment)} --task-definition "$revision"',
    )


def _edit(step: Step) -> str:
    """A jq program: what RegisterTaskDefinition takes, with the variables changed."""
    wanted = {name: value for name, value in step.after.items() if name not in FIELDS}
    pairs = [{"name": name, "value": value} for name, value in wanted.items()]
    names, new = json.dumps(list(wanted)), json.dumps(pairs)
    container = json.dumps(text(step, "arguments", "container"))
    return (
        '[.tags[]? | select(.key | startswith("aws:") | not)] as $tags'
        f" | .taskDefinition | del({_ADDED_BY_ECS})"
        f" | (.containerDefinitions[] | select(.name == {container}) | .environment) |="
        f" ([.[]? | select(.name | IN({names}[]) | not)] + {new})"
        " | if $tags == [] then . else .tags = $tags end"
    )
