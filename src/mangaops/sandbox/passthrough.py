"""Calls that moto answers truthfully, and so are left to it; nothing else reaches moto.

The list is by hand, from trying moto 5.2.5 call by call. What is in neither this list
nor the overlay answers 501, because a wrong answer is worse than none.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, cast

from botocore.parsers import JSONParser
from moto.core.config import default_user_config
from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from mangaops.sandbox.overlay import Call, Fault
from mangaops.sandbox.wire.encode import Answer, encode, plain
from mangaops.sandbox.wire.models import operation_model
from mangaops.sandbox.wire.route import Protocol, Target

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "sts": ("AssumeRole", "GetSessionToken"),
    "ssm": (
        "PutParameter",
        "GetParameter",
        "GetParameters",
        "GetParametersByPath",
        "GetParameterHistory",
        "DescribeParameters",
        "DeleteParameter",
        "DeleteParameters",
        "LabelParameterVersion",
        "AddTagsToResource",
        "RemoveTagsFromResource",
        "ListTagsForResource",
    ),
    "dynamodb": (
        "CreateTable",
        "DeleteTable",
        "DescribeTable",
        "ListTables",
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "BatchWriteItem",
        "TransactGetItems",
        "DescribeTimeToLive",
        "UpdateTimeToLive",
        "TagResource",
        "UntagResource",
        "ListTagsOfResource",
        "DescribeContinuousBackups",
        "UpdateContinuousBackups",
    ),
    "dynamodbstreams": ("ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"),
    "lambda": (
        "CreateFunction",
        "GetFunction",
        "GetFunctionConfiguration",
        "ListFunctions",
        "DeleteFunction",
        "Invoke",
        "GetFunctionConcurrency",
        "PutFunctionConcurrency",
        "DeleteFunctionConcurrency",
        "TagResource",
        "UntagResource",
        "ListTags",
    ),
    "s3": (
        "ListBuckets",
        "CreateBucket",
        "HeadBucket",
        "DeleteBucket",
        "GetBucketLocation",
        "PutObject",
        "GetObject",
        "HeadObject",
        "CopyObject",
        "DeleteObject",
        "DeleteObjects",
        "ListObjects",
        "ListObjectsV2",
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
    ),
    "sqs": (
        "CreateQueue",
        "DeleteQueue",
        "GetQueueUrl",
        "GetQueueAttributes",
        "ListQueues",
        "ListDeadLetterSourceQueues",
        "DeleteMessage",
        "DeleteMessageBatch",
        "ChangeMessageVisibility",
        "PurgeQueue",
        "TagQueue",
        "UntagQueue",
        "ListQueueTags",
    ),
    "iam": (
        "CreateRole",
        "GetRole",
        "ListRoles",
        "DeleteRole",
        "PutRolePolicy",
        "GetRolePolicy",
        "ListRolePolicies",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "ListAttachedRolePolicies",
        "CreatePolicy",
        "GetPolicy",
        "GetUser",
        "ListUsers",
        "ListAccountAliases",
    ),
    "cloudwatch": (
        "PutMetricAlarm",
        "DescribeAlarms",
        "DescribeAlarmsForMetric",
        "DeleteAlarms",
        "SetAlarmState",
        "PutDashboard",
        "GetDashboard",
        "ListDashboards",
        "DeleteDashboards",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
    ),
    "logs": (
        "CreateLogGroup",
        "DeleteLogGroup",
        "DescribeLogGroups",
        "CreateLogStream",
        "DeleteLogStream",
        "DescribeLogStreams",
        "GetLogEvents",
        "PutRetentionPolicy",
        "DeleteRetentionPolicy",
        "TagLogGroup",
        "ListTagsLogGroup",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
        "PutMetricFilter",
        "DescribeMetricFilters",
        "DeleteMetricFilter",
    ),
    "ec2": (
        "DescribeVpcs",
        "DescribeSubnets",
        "DescribeSecurityGroups",
        "DescribeVpcEndpoints",
        "DescribeRegions",
        "DescribeAvailabilityZones",
    ),
}
"""botocore's service name -> the operations that moto serves; `*` and `?` are wildcards."""

_URL = "http://127.0.0.1/"


def serves(service: str, operation: str) -> bool:
    """Whether this call is left to moto."""
    return any(fnmatchcase(operation, allowed) for allowed in ALLOWED.get(service, ()))


def forward(target: Target, request: Request, call: Call) -> Answer:
    """Moto's answer to the request. A CBOR request reaches moto as JSON, and back."""
    if target.protocol is Protocol.CBOR:
        return encode(target, ask(call))
    return _run({**request.environ, "wsgi.input": io.BytesIO(request.get_data())})


def ask(call: Call) -> dict[str, Any]:
    """Moto's answer to a call of a service that speaks JSON; raises its errors as Fault."""
    model = operation_model(call.service, call.operation)
    if model is None or model.input_shape is None:
        raise LookupError(f"{call.service}:{call.operation}")
    metadata = model.service_model.metadata
    headers = {
        "X-Amz-Target": f"{metadata['targetPrefix']}.{call.operation}",
        "Content-Type": f"application/x-amz-json-{metadata.get('jsonVersion', '1.0')}",
        "Authorization": _credential(metadata, call.region),
    }
    body = json.dumps(plain(model.input_shape, call.params))
    answer = _run(Request.from_primitives("POST", _URL, headers, body).environ)
    content = json.loads(cast("bytes", answer.body) or b"{}")
    if answer.status >= 400:
        raise _fault(answer, content)
    return _parsed(model, content)


def _credential(metadata: Mapping[str, Any], region: str) -> str:
    name = metadata.get("signingName") or metadata["endpointPrefix"]
    scope = f"SANDBOX/20260101/{region}/{name}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"


def _run(environ: dict[str, Any]) -> Answer:
    answered: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_error: Any) -> None:
        answered.append((status, headers))

    chunks = _moto()(environ, start_response)
    body = b"".join(cast("Iterable[bytes]", chunks))
    status, headers = answered[-1]
    return Answer(status=int(status.split(" ", 1)[0]), headers=dict(headers), body=body)


def _parsed(model: Any, content: Mapping[str, Any]) -> dict[str, Any]:
    if model.output_shape is None:
        return {}
    answer = {"body": json.dumps(content).encode(), "headers": {}, "status_code": 200}
    parsed: dict[str, Any] = JSONParser().parse(answer, model.output_shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


def _fault(answer: Answer, content: Mapping[str, Any]) -> Fault:
    code = str(content.get("__type", "InternalFailure")).rpartition("#")[2]
    message = str(content.get("message", content.get("Message", "")))
    rest = {k: v for k, v in content.items() if k.lower() not in ("__type", "message")}
    return Fault(code, message, answer.status, rest)


@cache
def _moto() -> Any:
    default_user_config["lambda"] = {"use_docker": False}
    return DomainDispatcherApplication(create_backend_app)
