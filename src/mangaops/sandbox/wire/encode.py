"""The bytes of an answer: a result or a fault, in the protocol of its request."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any, assert_never
from uuid import uuid4

from moto.core import serialize

from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.wire import cbor, events, faults_xml
from mangaops.sandbox.wire.route import Protocol, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer. `body` is bytes, or chunks sent as they are produced."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""


def encode(target: Target, result: Mapping[str, Any]) -> Answer:
    """A handler's result in the shape of the operation's output."""
    model = target.model
    shape = None if model is None else model.output_shape
    request_id = str(uuid4())
    if model is not None and model.has_event_stream_output:
        headers = {"Content-Type": "application/vnd.amazon.eventstream"}
        return _identified(request_id, headers=headers, body=_stream(target, result))
    match target.protocol:
        case Protocol.JSON:
            body = b"{}" if shape is None else _json(plain(shape, result))
            return _identified(request_id, headers=_json_type(target), body=body)
        case Protocol.CBOR:
            body = cbor.dumps({} if shape is None else plain(shape, result, binary=True))
            return _identified(request_id, headers=_CBOR, body=body)
        case Protocol.REST_JSON:
            return _rest_json(shape, result, request_id, model)
        case Protocol.QUERY | Protocol.EC2 | Protocol.REST_XML:
            return _xml(target, result, request_id)
        case _:
            assert_never(target.protocol)


def encode_fault(target: Target, fault: Fault) -> Answer:
    """An error as AWS sends it in this protocol; `fault.code` is what SDKs report."""
    request_id = str(uuid4())
    shape = _error_shape(target, fault.code)
    match target.protocol:
        case Protocol.JSON | Protocol.CBOR | Protocol.REST_JSON:
            return _json_fault(target, fault, shape, request_id)
        case Protocol.QUERY | Protocol.EC2 | Protocol.REST_XML:
            text = faults_xml.write(target.protocol, fault, request_id)
            headers = {"Content-Type": "text/xml", **fault.headers}
            return _identified(request_id, status=fault.status, headers=headers, body=text)
        case _:
            assert_never(target.protocol)


def plain(shape: Any, value: Any, *, binary: bool = False) -> Any:  # noqa: PLR0911
    """A value of botocore's types as JSON's, or with `binary` as CBOR's."""
    match shape.type_name:
        case "structure" if not getattr(shape, "is_document_type", False):
            return {
                member.serialization.get("name", name): plain(member, value[name], binary=binary)
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case "list":
            return [plain(shape.member, item, binary=binary) for item in value]
        case "map":
            return {key: plain(shape.value, item, binary=binary) for key, item in value.items()}
        case "timestamp":
            return value if binary else _timestamp(shape, value)
        case "blob":
            raw = value.encode() if isinstance(value, str) else bytes(value)
            return raw if binary else base64.b64encode(raw).decode()
        case "float" | "double":
            number = float(value)
            return number if binary or math.isfinite(number) else _odd_number(number)
        case _:
            return value


def _odd_number(number: float) -> str:
    return "NaN" if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")


def _timestamp(shape: Any, value: datetime) -> float | str:
    match shape.serialization.get("timestampFormat", "unixTimestamp"):
        case "iso8601":
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case "rfc822":
            return format_datetime(value, usegmt=True)
        case _:
            return round(value.timestamp(), 3)


_CBOR: Mapping[str, str] = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}


def _identified(
    request_id: str,
    *,
    headers: Mapping[str, str],
    body: bytes | Iterable[bytes],
    status: int = 200,
) -> Answer:
    named = {"x-amzn-RequestId": request_id, **headers}
    return Answer(status=status, headers=named, body=body)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _json_type(target: Target) -> Mapping[str, str]:
    if target.protocol is Protocol.REST_JSON:
        return {"Content-Type": "application/json"}
    version = "1.0" if target.model is None else target.model.metadata.get("jsonVersion", "1.0")
    return {"Content-Type": f"application/x-amz-json-{version}"}


def _rest_json(shape: Any, result: Mapping[str, Any], request_id: str, model: Any) -> Answer:
    status = int(model.http.get("responseCode", 200))
    headers = {"Content-Type": "application/json"}
    if shape is None:
        return _identified(request_id, status=status, headers=headers, body=b"{}")
    payload = shape.serialization.get("payload")
    body: dict[str, Any] = {}
    for name, member in shape.members.items():
        if result.get(name) is None:
            continue
        match member.serialization.get("location"):
            case "header":
                headers[member.serialization.get("name", name)] = _header(member, result[name])
            case "statusCode":
                status = int(result[name])
            case _:
                body[member.serialization.get("name", name)] = plain(member, result[name])
    if payload is None:
        return _identified(request_id, status=status, headers=headers, body=_json(body))
    raw = result.get(payload, b"")
    data = raw.encode() if isinstance(raw, str) else raw
    if not isinstance(data, bytes):
        data = _json(plain(shape.members[payload], raw))
    return _identified(request_id, status=status, headers=headers, body=data)


def _header(shape: Any, value: Any) -> str:
    return format_datetime(value, usegmt=True) if shape.type_name == "timestamp" else str(value)


def _stream(target: Target, result: Mapping[str, Any]) -> Iterable[bytes]:
    model = target.model
    if model is None or model.output_shape is None:
        return ()
    first = target.protocol is Protocol.JSON
    return events.encode(model.output_shape, result, plain, initial_response=first)


def _xml(target: Target, result: Mapping[str, Any], request_id: str) -> Answer:
    kinds: Mapping[Protocol, Any] = {
        Protocol.QUERY: serialize.QuerySerializer,
        Protocol.EC2: serialize.EC2Serializer,
        Protocol.REST_XML: serialize.RestXMLSerializer,
    }
    context = serialize.SerializationContext(request_id)
    written = kinds[target.protocol](target.model, context).serialize(result)
    body = written["body"]
    data = body.encode() if isinstance(body, str) else body
    return _identified(
        request_id, status=written["status_code"], headers=written["headers"], body=data
    )


def _error_shape(target: Target, code: str) -> Any:
    if target.model is None:
        return None
    shapes: list[Any] = target.model.service_model.error_shapes
    for shape in shapes:
        if code in (shape.name, shape.error_code):
            return shape
    return None


def _json_fault(target: Target, fault: Fault, shape: Any, request_id: str) -> Answer:
    name = fault.code if shape is None else shape.name
    members = {} if shape is None else shape.members
    key = "Message" if "Message" in members else "message"
    body = {"__type": name, key: fault.message}
    if shape is not None:
        body |= plain(shape, fault.fields, binary=target.protocol is Protocol.CBOR)
    headers = {"x-amzn-ErrorType": name}
    if target.model is not None and "awsQueryCompatible" in target.model.service_model.metadata:
        side = "Sender" if fault.status < 500 else "Receiver"
        code = fault.code if shape is None else shape.error_code
        headers["x-amzn-query-error"] = f"{code};{side}"
    if target.protocol is Protocol.CBOR:
        data, kind = cbor.dumps(body), _CBOR
    else:
        data, kind = _json(body), _json_type(target)
    told = {**kind, **headers, **fault.headers}
    return _identified(request_id, status=fault.status, headers=told, body=data)
