"""Commands that the contract names and this version does not have yet.

Typing one of them during an incident must lead to what can be done instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mangaops.errors import InputError

_REMEDY = "carry the remedy out by hand; `mangaops explain last` shows what it is based on"

BY_HAND: Mapping[str, str] = MappingProxyType(
    {
        "plan": _REMEDY,
        "apply": _REMEDY,
        "undo": "nothing was changed by mangaops; undo what was done by hand by hand",
        "rollback-prompt": "set `active` of the earlier version in the prompt table, in one "
        "DynamoDB transaction with the present one",
        "invalidate-cache": "DEL the stale keys that `mangaops diagnose stale-recommendations` "
        "lists, with any Redis client",
        "raise-ocu": "aws opensearchserverless update-collection-group",
        "scale-out": "aws ecs update-service --desired-count, and raise the scaling target's "
        "minimum",
        "set-env": "register a task definition revision with the variable, then aws ecs "
        "update-service --task-definition",
        "restart-service": "aws ecs update-service --force-new-deployment",
        "set-parameter": "aws ssm put-parameter --overwrite",
        "prewarm-search": "send representative queries to the collection endpoint",
        "enable-invalidation": "aws dynamodb update-table --stream-specification, then aws "
        "lambda create-event-source-mapping",
        "request-quota": "aws service-quotas request-service-quota-increase",
        "bench": "compare `response_latency_ms` before and after with `mangaops diagnose "
        "latency-regression`",
        "probe": "aws bedrock-runtime converse --model-id ID",
        "drill": "mangaops diagnose RUNBOOK --sandbox SCENARIO",
        "init": "write mangaops.yaml as the README shows; without one the defaults hold",
        "doctor": "mangaops triage -v names every source that cannot be read",
        "iam": "the README lists the IAM actions that reading needs",
        "runbook test": "mangaops diagnose RUNBOOK --sandbox SCENARIO",
        "history verify": "this version records diagnoses only; there is no journal to verify",
    }
)


def not_in_this_version(command: str) -> InputError:
    return InputError(
        f"`mangaops {command}` is not in this version",
        where=f"mangaops {command}",
        hint=f"by hand: {BY_HAND[command]}",
    )
