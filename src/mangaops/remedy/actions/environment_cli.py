"""The same change of variables as shell lines: describe, edit with jq, register, update."""

from __future__ import annotations

import json
import shlex

from mangaops.model.plan import Step
from mangaops.model.resources import Service, TaskDefinition
from mangaops.remedy.actions.ecs_service import region_option, update_line
from mangaops.remedy.actions.environment import FIELDS
from mangaops.remedy.actions.step_fields import text

_ADDED_BY_ECS = (
    ".taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, "
    ".registeredAt, .registeredBy, .deregisteredAt, .deleteRequestedAt"
)
_READ, _WRITTEN = "task-definition.json", "task-definition-changed.json"


def aws_cli(service: Service, definition: TaskDefinition, step: Step) -> tuple[str, ...]:
    """Four lines; the last one has no condition, so look at the service before you send it."""
    region = region_option(service)
    described = f"aws ecs describe-task-definition {region} --include TAGS --output json"
    registered = f"aws ecs register-task-definition {region} --cli-input-json file://{_WRITTEN}"
    return (
        f"{described} --task-definition {definition.name} > {_READ}",
        f"jq {shlex.quote(_edit(step))} {_READ} > {_WRITTEN}",
        f"revision=$({registered} --query taskDefinition.taskDefinitionArn --output text)",
        f'{update_line(service, step.target)} --task-definition "$revision"',
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
