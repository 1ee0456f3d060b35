"""API Gateway, WebSocket and HTTP APIs: listed and created, and nothing is routed.

Ours because the id of MangaAssist's API is a name that its metrics have as a dimension;
moto would draw another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.regional import regional
from mangaops.sandbox.world import World

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(slots=True, kw_only=True)
class Api:
    """One API with the names of its stages."""

    id: str
    name: str
    protocol: str
    selection: str
    created_at: datetime
    stages: list[str] = field(default_factory=list)


class ApiState:
    def __init__(self, world: World) -> None:
        del world
        self.apis: dict[str, Api] = {}

    def api(self, wanted: str) -> Api:
        if wanted not in self.apis:
            message = f"Invalid API identifier specified {wanted}"
            raise Fault("NotFoundException", message, 404)
        return self.apis[wanted]


def seed(world: World) -> None:
    made = Api(
        id=DEFAULT_RESOURCES["websocket_api"],
        name="mangaassist-websocket",
        protocol="WEBSOCKET",
        selection="$request.body.action",
        created_at=world.now(),
        stages=[DEFAULT_RESOURCES["websocket_stage"]],
    )
    world.state(ApiState).apis[made.id] = made


def get_apis(world: World, call: Call) -> Mapping[str, Any]:
    state = regional(world, call, ApiState)
    return {"Items": [_described(call, one) for one in state.apis.values()]}


def get_api(world: World, call: Call) -> Mapping[str, Any]:
    return _described(call, regional(world, call, ApiState).api(call.params["ApiId"]))


def get_stages(world: World, call: Call) -> Mapping[str, Any]:
    found = regional(world, call, ApiState).api(call.params["ApiId"])
    return {"Items": [_stage(found, name) for name in found.stages]}


def create_api(world: World, call: Call) -> Mapping[str, Any]:
    state, params = regional(world, call, ApiState), call.params
    made = Api(
        id="".join(world.random.choices(_LETTERS, k=10)),
        name=params["Name"],
        protocol=params["ProtocolType"],
        selection=params.get("RouteSelectionExpression", "$request.method $request.path"),
        created_at=world.now(),
    )
    state.apis[made.id] = made
    return _described(call, made)


def create_stage(world: World, call: Call) -> Mapping[str, Any]:
    found, name = (
        regional(world, call, ApiState).api(call.params["ApiId"]),
        call.params["StageName"],
    )
    if name in found.stages:
        raise Fault("ConflictException", f"Stage already exists: {name}", 409)
    found.stages.append(name)
    return _stage(found, name)


def _described(call: Call, api: Api) -> dict[str, Any]:
    scheme = "wss" if api.protocol == "WEBSOCKET" else "https"
    return {
        "ApiId": api.id,
        "Name": api.name,
        "ProtocolType": api.protocol,
        "RouteSelectionExpression": api.selection,
        "ApiEndpoint": f"{scheme}://{api.id}.execute-api.{call.region}.amazonaws.com",
        "CreatedDate": api.created_at,
    }


def _stage(api: Api, name: str) -> dict[str, Any]:
    return {"StageName": name, "CreatedDate": api.created_at, "AutoDeploy": False}


OPERATIONS: Mapping[str, Handler] = {
    "GetApis": get_apis,
    "GetApi": get_api,
    "GetStages": get_stages,
    "CreateApi": create_api,
    "CreateStage": create_stage,
}
