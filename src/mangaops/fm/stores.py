"""Redis and DynamoDB as the parts of this package use them: by a client that is handed in."""

from __future__ import annotations

from typing import Any, Protocol

MARGIN_S = 2.0
"""Seconds by which the clocks of two tasks may differ. DynamoDB has none to read."""


class Scripting(Protocol):
    """A client of redis-py, whichever way it decodes."""

    def eval(self, script: str, numkeys: int, *keys_and_args: Any) -> Any: ...


class Items(Protocol):
    """boto3's DynamoDB client, as far as it is used."""

    def get_item(self, **request: Any) -> Any: ...

    def update_item(self, **request: Any) -> Any: ...


def is_condition(error: Exception) -> bool:
    """Whether it says that a condition did not hold; boto3 is not imported to know."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return code == "ConditionalCheckFailedException"
