"""Lambda's event source mappings, where moto is wrong.

moto lists only the mappings whose creator wrote the function's name as the reader
does, would run the function in Docker on every write to the table, and knows no state
between two: here a mapping is on its way for `Mappings.pace`, and busy so long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.awslambda.utils import get_backend as lambda_backend
from moto.backends import get_backend
from moto.core.exceptions import JsonRESTError

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.world import World

PAGE = 100
PACE = timedelta(seconds=0.5)
STREAM_DEFAULTS: Mapping[str, Any] = {
    "BisectBatchOnFunctionError": False,
    "MaximumRetryAttempts": -1,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumBatchingWindowInSeconds": 0,
    "ParallelizationFactor": 1,
}
"""What Lambda says of a stream's mapping when nothing was set: no limit, no bisecting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """A mapping on its way: what its state is called, and until when."""

    state: str
    until: datetime


class Mappings:
    """Mappings on their way, by UUID; those that are being deleted are shown as they were.

    `pace` is how long it takes: no time at all until the world is complete.
    """

    def __init__(self, world: World) -> None:
        self.pace = timedelta(0)
        self.leaving: dict[str, dict[str, Any]] = {}
        self._world = world
        self._moves: dict[str, _Move] = {}

    def move(self, uuid: str, state: str) -> None:
        self._moves[uuid] = _Move(state=state, until=self._world.now() + self.pace)

    def state_of(self, uuid: str) -> str | None:
        """The state between two, None when it has arrived."""
        found = self._moves.get(uuid)
        return found.state if found is not None and self._world.now() < found.until else None


def create_event_source_mapping(world: World, call: Call) -> Mapping[str, Any]:
    """As moto's; a second mapping of the same source and function is refused."""
    backend, params = _backend(world, call), dict(call.params)
    source, name = params.get("EventSourceArn", ""), params["FunctionName"]
    for other in _matching(world, backend, source, name):
        message = (
            f'The event source arn (" {source} ") and function (" {name} ") provided mapping '
            "already exists. Please update or delete the existing mapping with "
            f"UUID {other['UUID']}"
        )
        raise Fault("ResourceConflictException", message, 409, {"Type": "User"})
    try:
        mapping = backend.create_event_source_mapping(params)
    except JsonRESTError as refused:
        if refused.message == "Invalid EventSourceArn":
            told = f"Stream not found: {source}"
            raise Fault("InvalidParameterValueException", told, 400) from refused
        status = int(getattr(refused, "code", 400))
        raise Fault(str(refused.error_type), str(refused.message), status) from refused
    _never_run(world, call, mapping)
    world.state(Mappings).move(mapping.uuid, "Creating")
    return _described(world, mapping)


def list_event_source_mappings(world: World, call: Call) -> Mapping[str, Any]:
    """Mappings by function (name, partial or full ARN) and source, in pages."""
    params = call.params
    found = _matching(
        world,
        _backend(world, call),
        params.get("EventSourceArn", ""),
        params.get("FunctionName", ""),
    )
    start, size = int(params.get("Marker") or 0), min(int(params.get("MaxItems") or PAGE), PAGE)
    page = {"EventSourceMappings": found[start : start + size]}
    more = start + size < len(found)
    return {**page, "NextMarker": str(start + size)} if more else page


def get_event_source_mapping(world: World, call: Call) -> Mapping[str, Any]:
    return _find(world, call)


def update_event_source_mapping(world: World, call: Call) -> Mapping[str, Any]:
    """Only what is given is changed; refused while the mapping is on its way."""
    shown, uuid = _settled(world, call), call.params["UUID"]
    changes = {name: value for name, value in call.params.items() if name != "UUID"}
    mapping = _backend(world, call).update_event_source_mapping(uuid, changes)
    was_on = shown["State"] == "Enabled"
    if was_on == mapping.enabled:
        state = "Updating"
    else:
        state = "Enabling" if mapping.enabled else "Disabling"
    world.state(Mappings).move(uuid, state)
    return _described(world, mapping)


def delete_event_source_mapping(world: World, call: Call) -> Mapping[str, Any]:
    """The mapping is still listed for a moment, as Deleting."""
    shown, uuid = {**_settled(world, call), "State": "Deleting"}, call.params["UUID"]
    _backend(world, call).delete_event_source_mapping(uuid)
    mappings = world.state(Mappings)
    mappings.leaving[uuid] = shown
    mappings.move(uuid, "Deleting")
    return shown


def _find(world: World, call: Call) -> dict[str, Any]:
    for mapping in _matching(world, _backend(world, call), "", ""):
        if mapping["UUID"] == call.params["UUID"]:
            return mapping
    message = "The resource you requested does not exist."
    raise Fault("ResourceNotFoundException", message, 404, {"Type": "User"})


def _settled(world: World, call: Call) -> dict[str, Any]:
    mapping = _find(world, call)
    if mapping["State"] not in {"Enabled", "Disabled"}:
        message = "Cannot update the event source mapping because it is in use."
        raise Fault("ResourceInUseException", message, 400, {"Type": "User"})
    return mapping


def listens(world: World, function: str, source: str) -> bool:
    """Whether an enabled mapping brings this source's records to the function."""
    backend = lambda_backend(world.account, world.region)
    found = _matching(world, backend, source, function)
    return any(mapping["State"] == "Enabled" for mapping in found)


def _backend(world: World, call: Call) -> Any:
    return lambda_backend(world.account, call.region)


def _matching(world: World, backend: Any, source: str, function: str) -> list[dict[str, Any]]:
    wanted, mappings = _function_name(function), world.state(Mappings)
    there = [_described(world, each) for each in backend.list_event_source_mappings("", "")]
    leaving = [shown for uuid, shown in mappings.leaving.items() if mappings.state_of(uuid)]
    return [
        mapping
        for mapping in (*there, *leaving)
        if source in ("", mapping["EventSourceArn"])
        and wanted in ("", _function_name(mapping["FunctionArn"]))
    ]


def _function_name(text: str) -> str:
    """`f` of `f`, `f:alias`, `123456789012:function:f` and `arn:…:function:f:alias`."""
    return text.rpartition("function:")[2].partition(":")[0]


def _described(world: World, mapping: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {**STREAM_DEFAULTS, **mapping.get_configuration()}
    shown["LastModified"] = datetime.fromtimestamp(mapping.last_modified, UTC)
    shown["LastProcessingResult"] = "No records processed"
    shown["StateTransitionReason"] = "User action"
    shown["State"] = world.state(Mappings).state_of(mapping.uuid) or shown["State"]
    shown.pop("Tags", None)
    return shown


def _never_run(world: World, call: Call, mapping: Any) -> None:
    for table in get_backend("dynamodb")[world.account][call.region].tables.values():
        table.lambda_event_source_mappings.pop(mapping.function_arn, None)


OPERATIONS: Mapping[str, Handler] = {
    "CreateEventSourceMapping": create_event_source_mapping,
    "ListEventSourceMappings": list_event_source_mappings,
    "GetEventSourceMapping": get_event_source_mapping,
    "UpdateEventSourceMapping": update_event_source_mapping,
    "DeleteEventSourceMapping": delete_event_source_mapping,
}
