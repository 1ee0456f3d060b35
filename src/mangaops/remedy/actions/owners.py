"""Whose resource it is: infrastructure as code that will put its own values back, by tags."""

from __future__ import annotations

import re
from collections.abc import Mapping

_STACK = "aws:cloudformation:stack-name"
_TOOLS = ("terraform", "pulumi", "cdk", "cloudformation")
_OWNER = re.compile(
    r"(managed|created|provisioned|deployed)[-_: ]?(by|with)|provisioner|iac", re.IGNORECASE
)
"""Tag names whose value tells the tool that made a resource (`ManagedBy = Terraform`)."""


def owned_by(tags: Mapping[str, str]) -> tuple[str, ...]:
    """One sentence for each tool that the tags name."""
    if stack := tags.get(_STACK):
        return (f"will be reverted by the next deploy of stack {stack} (CloudFormation)",)
    found = {tool: name for name, value in sorted(tags.items()) if (tool := _tool(name, value))}
    return tuple(
        f"will be reverted by the next deploy with {tool} (tag {name}={tags[name]})"
        for tool, name in found.items()
    )


def _tool(name: str, value: str) -> str | None:
    told = f"{name} {value}" if _OWNER.search(name) else name
    words = set(re.split(r"[^a-z]+", told.lower()))
    return next((tool for tool in _TOOLS if tool in words), None)
