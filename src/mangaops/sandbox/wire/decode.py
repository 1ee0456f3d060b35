"""A request's parameters, as boto3 would have taken them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, assert_never

from botocore.utils import parse_timestamp
from moto.core import parse
from moto.core.request import Request

from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.wire import cbor
from mangaops.sandbox.wire.route import Protocol, Target


class _CborParser(parse.BaseJSONParser):
    def _do_parse(self, request_dict: Mapping[str, Any], shape: Any) -> Any:
        body = request_dict["body"]
        return self._parse_shape(  # type: ignore[no-untyped-call]
            shape, cbor.loads(body) if body else {}
        )


class _JsonParser(parse.JSONParser):
    def _parse_body_as_json(self, body_contents: bytes) -> Any:
        return _object(body_contents)


class _RestJsonParser(parse.RestJSONParser):
    def _parse_body_as_json(self, body_contents: bytes) -> Any:
        return _object(body_contents)


def decode(target: Target, request: Request) -> Mapping[str, Any]:
    """Parse a request by its operation's input shape; members not sent are absent.

    Raises Fault SerializationException for a body that cannot be read.
    """
    fields = {
        "body": request.get_data(),
        "headers": request.headers,
        "method": request.method,
        "url_params": target.path,
        "url_path": request.path,
        "values": request.values,
    }
    try:
        parsed: Mapping[str, Any] = _parser(target).parse(fields)
    except (ValueError, TypeError, AttributeError, parse.RequestParserError) as broken:
        raise Fault("SerializationException", f"The request cannot be read: {broken}") from broken
    return parsed


def _parser(target: Target) -> Any:
    model: Any = target.model
    timestamps = {"timestamp_parser": _instant}
    match target.protocol:
        case Protocol.JSON:
            return _JsonParser(model, **timestamps)
        case Protocol.CBOR:
            return _CborParser(model, timestamp_parser=_instant, blob_parser=bytes)
        case Protocol.QUERY:
            return parse.QueryParser(model, **timestamps)
        case Protocol.EC2:
            return parse.EC2QueryParser(model, **timestamps)
        case Protocol.REST_JSON:
            return _RestJsonParser(model, **timestamps)
        case Protocol.REST_XML:
            return parse.RestXMLParser(model, **timestamps)
        case _:
            assert_never(target.protocol)


def _object(body: bytes) -> dict[str, Any]:
    """The members of a JSON body; moto would take a broken one for an empty one."""
    parsed = json.loads(body or b"{}")
    if not isinstance(parsed, dict):
        raise TypeError("the body is no JSON object")
    return parsed


def _instant(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else parse_timestamp(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)
