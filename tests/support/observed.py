"""Calls that a sandbox has logged, as the IAM actions that allow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mangaops.sandbox.metering import SERVICE as INDEXES

FREE = {"sts:GetCallerIdentity"}
"""What needs no permission."""
_SERVICES = {"opensearchserverless": "aoss", "service-quotas": "servicequotas"}
_ACTIONS = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "dynamodb:TransactWriteItems": "dynamodb:UpdateItem",
}


def actions(calls: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """`aoss:ListCollections`, but not what needs no permission."""
    return frozenset(map(_action, calls)) - FREE


def _action(call: Mapping[str, Any]) -> str:
    if call["service"] == INDEXES:
        return "aoss:APIAccessAll"
    name = f"{_SERVICES.get(call['service'], call['service'])}:{call['operation']}"
    return _ACTIONS.get(name, name)
