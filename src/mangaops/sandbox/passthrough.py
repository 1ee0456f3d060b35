"""Calls that moto answers truthfully, and so are left to it; nothing else reaches moto.

The list is by hand, from trying moto 5.2.5 call by call. What is in neither this list
nor the overlay answers 501, because a wrong answer is worse than none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, cast

from moto.core.request import Request

from mangaops.sandbox.overlay import Call
from mangaops.sandbox.wire.encode import Answer, encode, plain
from mangaops.sandbox.wire.route import Protocol, Target

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "sts": ("GetCallerIdentity", "AssumeRole", "GetSessionToken"),
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
        "UpdateTable",
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "BatchWriteItem",
        "TransactGetItems",
        "TransactWriteItems",
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
        "CreateEventSourceMapping",
        "GetEventSourceMapping",
        "ListEventSourceMappings",
        "UpdateEventSourceMapping",
        "DeleteEventSourceMapping",
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
        "PutLogEvents",
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
    "ecs": (
        "RegisterTaskDefinition",
        "DescribeTaskDefinition",
        "DeregisterTaskDefinition",
        "ListTaskDefinitions",
        "ListTaskDefinitionFamilies",
    ),
    "application-autoscaling": (
        "RegisterScalableTarget",
        "DescribeScalableTargets",
        "DeregisterScalableTarget",
        "PutScalingPolicy",
        "DescribeScalingPolicies",
        "DeleteScalingPolicy",
        "PutScheduledAction",
        "DescribeScheduledActions",
        "DeleteScheduledAction",
    ),
    "elasticache": ("DescribeReplicationGroups", "CreateReplicationGroup"),
    "ec2": (
        "DescribeNatGateways",
        "DescribeVpcs",
        "DescribeSubnets",
        "DescribeSecurityGroups",
        "DescribeVpcEndpoints",
        "DescribeRegions",
        "DescribeAvailabilityZones",
    ),
}
"""botocore's service name -> the operations that moto serves; `*` and `?` are wildcards."""


def serves(service: str, operation: str) -> bool:
    """Whether this call is left to moto."""
    return any(fnmatchcase(operation, allowed) for allowed in ALLOWED.get(service, ()))


def forward(target: Target, request: Request, call: Call | None = None) -> Answer:
    """Moto's answer to the request. A CBOR request reaches moto as JSON and back."""
    if target.protocol is Protocol.CBOR and call is not None:
        return _through_json(target, call)
    return _run(request.environ)


def _run(environ: Mapping[str, Any]) -> Answer:
    answered: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_error: Any) -> None:
        answered.append((status, headers))

    chunks = _moto()({**environ}, start_response)
    body = b"".join(cast("Iterable[bytes]", chunks))
    status, headers = answered[-1]
    return Answer(status=int(status.split(" ", 1)[0]), headers=dict(headers), body=body)


def _through_json(target: Target, call: Call) -> Answer:
    model: Any = target.model
    prefix = model.service_model.metadata["targetPrefix"]
    headers = {
        "X-Amz-Target": f"{prefix}.{target.operation}",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": f"Credential={target.access_key}/20260101/{target.region}/monitoring/"
        "aws4_request, SignedHeaders=host, Signature=0",
    }
    body = json.dumps(plain(model.input_shape, call.params))
    request = Request.from_primitives("POST", "http://127.0.0.1/", headers, body)
    answer = _run(request.environ)
    content = json.loads(cast("bytes", answer.body) or b"{}")
    if answer.status >= 400:
        raise _fault(answer, content)
    parsed = parse_output(model, content)
    return encode(target, parsed)


def parse_output(model: Any, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """A JSON answer as values of botocore's types."""
    from botocore.parsers import JSONParser

    if model.output_shape is None:
        return {}
    answer = {"body": json.dumps(content).encode(), "headers": {}, "status_code": 200}
    parsed: dict[str, Any] = JSONParser().parse(answer, model.output_shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


def _fault(answer: Answer, content: Mapping[str, Any]) -> Exception:
    from mangaops.sandbox.overlay import Fault

    code = str(content.get("__type", "InternalFailure")).rpartition("#")[2]
    message = str(content.get("message", content.get("Message", "")))
    return Fault(code, message, answer.status)


@cache
def _moto() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)
