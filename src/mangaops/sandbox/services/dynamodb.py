"""DynamoDB, where moto is wrong: idempotency tokens, and switching a stream off and on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moto.backends import get_backend

from mangaops.sandbox import passthrough
from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.world import World

TOKEN_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A transaction that went through under a token."""

    payload: str
    result: Mapping[str, Any]
    at: datetime


class Tokens:
    """Transactions of the last ten minutes by region and ClientRequestToken."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._done: dict[tuple[str, str], _Done] = {}

    def find(self, key: tuple[str, str]) -> _Done | None:
        done = self._done.get(key)
        if done is None or self._world.now() - done.at > TOKEN_LIFE:
            return None
        return done

    def keep(self, key: tuple[str, str], payload: str, result: Mapping[str, Any]) -> None:
        self._done[key] = _Done(payload=payload, result=result, at=self._world.now())


def transact_write_items(world: World, call: Call) -> Mapping[str, Any]:
    """A token repeated with the same payload succeeds without effect, else is refused."""
    token = call.params.get("ClientRequestToken")
    if token is None:
        return passthrough.ask(call)
    tokens, key = world.state(Tokens), (call.region, token)
    payload = json.dumps(call.params["TransactItems"], sort_keys=True, default=repr)
    done = tokens.find(key)
    if done is None:
        result = passthrough.ask(call)
        tokens.keep(key, payload, result)
        return result
    if done.payload != payload:
        raise Fault(
            "IdempotentParameterMismatchException",
            "The request uses the same client token as a previous, but non-identical request.",
        )
    return done.result


def update_table(world: World, call: Call) -> Mapping[str, Any]:
    """As moto's, but a stream may be switched off, and on again under a new ARN.

    moto keeps recording into a stream that is off, and fails; and it refuses to
    switch a stream on again.
    """
    wanted = call.params.get("StreamSpecification")
    table = _table(world, call)
    if wanted is None or table is None:
        return passthrough.ask(call)
    on = bool((table.stream_specification or {}).get("StreamEnabled"))
    if not wanted["StreamEnabled"] and not on:
        raise Fault("ValidationException", "Table is already in desired state: stream disabled")
    if wanted["StreamEnabled"] and not on:
        table.latest_stream_label = None
    result = passthrough.ask(call)
    if not wanted["StreamEnabled"]:
        table.stream_shard = None
    return result


def _table(world: World, call: Call) -> Any:
    backend = get_backend("dynamodb")[world.account][call.region]
    return backend.tables.get(call.params["TableName"].rpartition("/")[2])


OPERATIONS: Mapping[str, Handler] = {
    "TransactWriteItems": transact_write_items,
    "UpdateTable": update_table,
}
