"""STS: who the caller is. moto would say that everyone is the user `moto`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.overlay import Call, Handler
from mangaops.sandbox.world import World


def get_caller_identity(world: World, call: Call) -> Mapping[str, Any]:
    return {"UserId": "AIDASANDBOXONCALL000", "Account": world.account, "Arn": call.caller}


OPERATIONS: Mapping[str, Handler] = {"GetCallerIdentity": get_caller_identity}
