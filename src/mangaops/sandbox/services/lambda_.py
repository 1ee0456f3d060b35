"""Lambda's event source mappings, where moto is wrong.

moto lists only the mappings whose creator wrote the function's name as the reader
does, and would run the function in Docker on every write to the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.utils import get_backend as lambda_backend
from moto.backends import get_backend
from moto.core.exceptions import JsonRESTError

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.world import World

PAGE = 100


def create_event_source_mapping(world: World, call: Call) -> Mapping[str, Any]:
    """As moto's; a second mapping of the same source and function is refused."""
    backend, params = _backend(world, call), dict(call.params)
    source, name = params.get("EventSourceArn", ""), params["FunctionName"]
    for other in _matching(backend, source, name):
        message = (
            f'The event source arn (" {source} ") and function (" {name} ") provided mapping '
            f"already exists. Please update or delete the existing mapping with UUID {other.uuid}"
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
    return _described(mapping, "Creating" if mapping.enabled else "Disabled")


def list_event_source_mappings(world: World, call: Call) -> Mapping[str, Any]:
    """Mappings by function (name, partial or full ARN) and source, in pages."""
    params = call.params
    found = _matching(
        _backend(world, call), params.get("EventSourceArn", ""), params.get("FunctionName", "")
    )
    start, size = int(params.get("Marker") or 0), min(int(params.get("MaxItems") or PAGE), PAGE)
    page = {"EventSourceMappings": [_described(one) for one in found[start : start + size]]}
    more = start + size < len(found)
    return {**page, "NextMarker": str(start + size)} if more else page


def _backend(world: World, call: Call) -> Any:
    return lambda_backend(world.account, call.region)


def _matching(backend: Any, source: str, function: str) -> list[Any]:
    wanted = _function_name(function)
    return [
        mapping
        for mapping in backend.list_event_source_mappings("", "")
        if source in ("", mapping.event_source_arn)
        and wanted in ("", _function_name(mapping.function_arn))
    ]


def _function_name(text: str) -> str:
    """`f` of `f`, `f:alias`, `123456789012:function:f` and `arn:…:function:f:alias`."""
    return text.rpartition("function:")[2].partition(":")[0]


def _described(mapping: Any, state: str | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = mapping.get_configuration()
    shown["LastModified"] = datetime.fromtimestamp(mapping.last_modified, UTC)
    shown["LastProcessingResult"] = "No records processed"
    shown["StateTransitionReason"] = "User action"
    shown.pop("Tags", None)
    return shown if state is None else {**shown, "State": state}


def _never_run(world: World, call: Call, mapping: Any) -> None:
    for table in get_backend("dynamodb")[world.account][call.region].tables.values():
        table.lambda_event_source_mappings.pop(mapping.function_arn, None)


OPERATIONS: Mapping[str, Handler] = {
    "CreateEventSourceMapping": create_event_source_mapping,
    "ListEventSourceMappings": list_event_source_mappings,
}
