"""IAM's simulation: denied is what a fault rule denies, everything else is allowed.

Roles and policies are moto's, and nothing is denied because of them here, so that the
simulation says what a call would meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.faults import IAM_PREFIXES, Kind
from mangaops.sandbox.overlay import Call, Handler
from mangaops.sandbox.world import World


def simulate(world: World, call: Call) -> Mapping[str, Any]:
    resources = call.params.get("ResourceArns") or ["*"]
    return {
        "EvaluationResults": [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": "implicitDeny" if _denied(world, action) else "allowed",
                "MatchedStatements": [],
                "MissingContextValues": [],
            }
            for action in call.params["ActionNames"]
            for resource in resources
        ],
        "IsTruncated": False,
    }


def _denied(world: World, action: str) -> bool:
    prefix, _, operation = action.partition(":")
    service = _SERVICES.get(prefix, prefix)
    rules = world.faults.rules()
    return any(r.kind is Kind.DENIED and r.matches(service, operation) for r in rules)


_SERVICES = {prefix: service for service, prefix in IAM_PREFIXES.items()}

OPERATIONS: Mapping[str, Handler] = {"SimulatePrincipalPolicy": simulate}
