"""Calls that a sandbox has logged, as the IAM actions that allow them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mangaops.sandbox.metering import SERVICE as INDEXES
from support.started import Started

FREE = {"sts:GetCallerIdentity"}
"""What needs no permission."""
_SERVICES = {"opensearchserverless": "aoss", "service-quotas": "servicequotas"}
_ACTIONS = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "apigatewayv2:GetApis": "apigateway:GET",
    "apigatewayv2:GetStages": "apigateway:GET",
    "dynamodb:TransactWriteItems": "dynamodb:UpdateItem",
}


def actions(calls: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """`aoss:ListCollections`, but not what needs no permission."""
    return frozenset(map(_action, calls)) - FREE


def printed(sandbox: Started, *words: str) -> frozenset[str]:
    """The actions of the policy that `mangaops iam WORDS` prints."""
    done = sandbox.command.run("iam", *words)
    assert done.code == 0, done.err
    named = [statement["Action"] for statement in json.loads(done.out)["Statement"]]
    return frozenset(
        action for each in named for action in ([each] if isinstance(each, str) else each)
    )


def _action(call: Mapping[str, Any]) -> str:
    if call["service"] == INDEXES:
        return "aoss:APIAccessAll"
    name = f"{_SERVICES.get(call['service'], call['service'])}:{call['operation']}"
    return _ACTIONS.get(name, name)
