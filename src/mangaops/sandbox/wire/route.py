"""Which AWS call a request is: service, operation, protocol, region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from moto.core.model import OperationModel
from moto.core.request import Request
from moto.core.routing import RestRouter
from werkzeug.exceptions import HTTPException

from mangaops.sandbox.wire import models

_SCOPE = re.compile(
    r"Credential=(?P<key>[^/,\s]*)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)
_RPC_PATH = re.compile(r"/service/(?P<service>[^/]+)/operation/(?P<operation>[^/?]+)$")


class Protocol(StrEnum):
    JSON = "json"
    CBOR = "smithy-rpc-v2-cbor"
    QUERY = "query"
    EC2 = "ec2"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a request asks for. `model` is None when botocore knows no such operation.

    `path` holds the labels of a REST path (`modelId`).
    """

    service: str
    operation: str
    protocol: Protocol
    region: str
    access_key: str
    model: OperationModel | None
    path: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    signing_name: str
    region: str
    access_key: str


def identify(request: Request, default_region: str) -> Target:
    """Find the call by signature, target header, path or Action; never fails.

    A request that names no call gets an operation that says what it had instead
    (`GET /nowhere`), so that the error can name it.
    """
    scope = _scope(request, default_region)
    header = request.headers.get("X-Amz-Target", "")
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        found = _RPC_PATH.search(request.path)
        prefix, operation = (found["service"], found["operation"]) if found else ("", request.path)
        return _rpc(scope, prefix, operation, Protocol.CBOR)
    if header:
        prefix, _, operation = header.rpartition(".")
        return _rpc(scope, prefix, operation, Protocol.JSON)
    service = models.candidates(scope.signing_name)[0]
    model = models.service_model(service)
    protocol = Protocol(model.protocol) if model is not None else Protocol.QUERY
    if protocol in (Protocol.REST_JSON, Protocol.REST_XML):
        return _rest(scope, request, protocol)
    action = request.values.get("Action", "")
    if not action:
        return _unknown(scope, service, f"{request.method} {request.path}", protocol)
    form = Protocol.EC2 if protocol is Protocol.EC2 else Protocol.QUERY
    return _target(scope, service, action, form)


def _scope(request: Request, default_region: str) -> _Scope:
    found = _SCOPE.search(request.headers.get("Authorization", "").replace("%2F", "/"))
    if found is None:
        presigned = request.args.get("X-Amz-Credential", "")
        found = _SCOPE.search(f"Credential={presigned}")
    if found is None:
        name = "sts" if request.values.get("Action") else "s3"
        return _Scope(signing_name=name, region=default_region, access_key="")
    return _Scope(signing_name=found["service"], region=found["region"], access_key=found["key"])


def _rpc(scope: _Scope, prefix: str, operation: str, protocol: Protocol) -> Target:
    services = models.candidates(scope.signing_name)
    for service in services:
        model = models.service_model(service)
        if model is not None and model.metadata.get("targetPrefix") == prefix:
            return _target(scope, service, operation, protocol)
    return _target(scope, services[0], operation, protocol)


def _rest(scope: _Scope, request: Request, protocol: Protocol) -> Target:
    services = models.candidates(scope.signing_name)
    for service in services:
        try:
            model, path = _router(service).match(request)
        except HTTPException:
            continue
        return Target(
            service=service,
            operation=str(model.name),
            protocol=protocol,
            region=scope.region,
            access_key=scope.access_key,
            model=model,
            path=path,
        )
    return _unknown(scope, services[-1], f"{request.method} {request.path}", protocol)


@cache
def _router(service: str) -> RestRouter:
    model = models.service_model(service)
    if model is None:
        raise LookupError(service)
    return RestRouter(model)


def _target(scope: _Scope, service: str, operation: str, protocol: Protocol) -> Target:
    return Target(
        service=service,
        operation=operation,
        protocol=protocol,
        region=scope.region,
        access_key=scope.access_key,
        model=models.operation_model(service, operation),
    )


def _unknown(scope: _Scope, service: str, operation: str, protocol: Protocol) -> Target:
    return Target(
        service=service,
        operation=operation,
        protocol=protocol,
        region=scope.region,
        access_key=scope.access_key,
        model=None,
    )
