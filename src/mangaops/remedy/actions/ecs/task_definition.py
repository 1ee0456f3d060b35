"""A task definition with some of its variables changed: its digest, and the change itself.

The digest stands for the definition in plans and journals, which must not hold it: plain
variables of other names may be secrets. It does not depend on the order of variables nor
on empty lists, which ECS gives back as it likes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import cast

from mangaops.errors import ConfigError
from mangaops.model.evidence import JSON
from mangaops.model.resources import TaskDefinition

Body = Mapping[str, JSON]

_UNORDERED = frozenset({"environment", "secrets"})
_RESERVED_TAG = "aws:"


def digest(body: Body) -> str:
    """SHA-256 of what the definition says, in hexadecimal."""
    text = json.dumps(_canonical(body), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _canonical(value: JSON, name: str = "") -> JSON:
    match value:
        case Mapping():
            inner = {key: _canonical(one, key) for key, one in value.items()}
            return {key: one for key, one in inner.items() if one not in (None, [], {})}
        case str():
            return value
        case Sequence():
            items = [_canonical(one) for one in value]
            if name in _UNORDERED:
                items.sort(key=lambda one: json.dumps(one, sort_keys=True))
            return items
        case _:
            return value


def container_of(definition: TaskDefinition, name: str) -> Body:
    """Raises ConfigError, naming the containers there are, when this one is not."""
    containers = _maps(definition.body.get("containerDefinitions"))
    for container in containers:
        if container.get("name") == name:
            return container
    names = ", ".join(sorted(str(container.get("name")) for container in containers))
    raise ConfigError(
        f"task definition {definition.name} has no container {name}; it has: {names or 'none'}",
        where="ecs:DescribeTaskDefinition",
        hint="set resources.container in mangaops.yaml",
    )


def variables_of(container: Body) -> dict[str, str]:
    """Plain variables by name."""
    pairs = _maps(container.get("environment"))
    return {str(pair.get("name")): str(pair.get("value", "")) for pair in pairs}


def secrets_of(container: Body) -> frozenset[str]:
    """Names of variables whose values come from a secret store."""
    return frozenset(str(pair.get("name")) for pair in _maps(container.get("secrets")))


def changed(body: Body, container: str, variables: Mapping[str, str]) -> dict[str, JSON]:
    """The body with these variables set in one container; everything else as it was."""
    containers = [
        {**one, "environment": _set(one, variables)} if one.get("name") == container else one
        for one in _maps(body.get("containerDefinitions"))
    ]
    return {**body, "containerDefinitions": containers}


def _set(container: Body, variables: Mapping[str, str]) -> list[JSON]:
    """Values are changed where they stand; new variables follow at the end."""
    pairs = [
        {**pair, "value": variables.get(str(pair.get("name")), pair.get("value", ""))}
        for pair in _maps(container.get("environment"))
    ]
    known = {pair.get("name") for pair in pairs}
    new = [{"name": name, "value": value} for name, value in variables.items() if name not in known]
    return [*pairs, *new]


def kept_tags(definition: TaskDefinition) -> dict[str, str]:
    """The tags that a new revision can be given: AWS sets those of its own by itself."""
    return {k: v for k, v in definition.tags.items() if not k.startswith(_RESERVED_TAG)}


def roles_of(body: Body) -> tuple[str, ...]:
    """ARNs of the roles that are passed to ECS with the definition."""
    roles = (body.get(name) for name in ("taskRoleArn", "executionRoleArn"))
    return tuple(dict.fromkeys(str(role) for role in roles if role))


def _maps(value: JSON) -> list[Body]:
    return cast("list[Body]", value) if isinstance(value, list) else []
