"""How CloudTrail names calls: which are data events, which read, which have another name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

READING = ("Get*", "List*", "Describe*", "BatchGet*", "Lookup*", "Filter*", "Head*", "Test*")
READING_TOO = ("StartQuery", "StopQuery", "InvokeModel*", "Converse*", "CountTokens")

DATA_EVENTS: Mapping[str, tuple[str, ...]] = {
    "dynamodb": (
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "Batch*",
        "Transact*",
        "Execute*",
    ),
    "dynamodbstreams": ("GetRecords", "GetShardIterator"),
    "s3": ("*Object", "*Objects", "ListObjects*", "*Part", "*MultipartUpload"),
    "lambda": ("Invoke*",),
    "cloudwatch": ("PutMetricData", "GetMetric*", "ListMetrics"),
    "logs": ("PutLogEvents", "GetLogEvents", "FilterLogEvents"),
    "sqs": ("SendMessage*", "ReceiveMessage", "DeleteMessage*"),
    "sns": ("Publish*",),
}
"""botocore's service name -> operations that are data events, or in no trail at all."""

SOURCES: Mapping[str, str] = {
    "application-autoscaling": "autoscaling",
    "cloudwatch": "monitoring",
    "opensearchserverless": "aoss",
    "service-quotas": "servicequotas",
    "bedrock-runtime": "bedrock",
    "dynamodbstreams": "dynamodb",
}

NAMES: Mapping[tuple[str, str], str] = {
    ("lambda", "UpdateFunctionCode"): "UpdateFunctionCode20150331v2",
    ("lambda", "UpdateFunctionConfiguration"): "UpdateFunctionConfiguration20150331v2",
    ("lambda", "CreateFunction"): "CreateFunction20150331",
    ("lambda", "DeleteFunction"): "DeleteFunction20150331",
    ("lambda", "CreateEventSourceMapping"): "CreateEventSourceMapping20150331",
    ("lambda", "UpdateEventSourceMapping"): "UpdateEventSourceMapping20150331",
    ("lambda", "DeleteEventSourceMapping"): "DeleteEventSourceMapping20150331",
    ("lambda", "ListEventSourceMappings"): "ListEventSourceMappings20150331",
}
"""Lambda's events carry the version of its API."""

RESOURCES: Mapping[str, str] = {
    "service": "AWS::ECS::Service",
    "cluster": "AWS::ECS::Cluster",
    "family": "AWS::ECS::TaskDefinition",
    "Name": "AWS::SSM::Parameter",
    "TableName": "AWS::DynamoDB::Table",
    "FunctionName": "AWS::Lambda::Function",
    "ResourceId": "AWS::ApplicationAutoScaling::ScalableTarget",
    "id": "AWS::OpenSearchServerless::CollectionGroup",
    "AlarmName": "AWS::CloudWatch::Alarm",
}
"""A request's member -> the type of the resource that it names."""

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
SECRETS = {"Value", "value", "body", "SecretString", "environment", "messages", "system"}


def is_data_event(service: str, operation: str) -> bool:
    """Whether LookupEvents never shows this call."""
    return any(fnmatchcase(operation, each) for each in DATA_EVENTS.get(service, ()))


def is_read_only(operation: str) -> bool:
    return any(fnmatchcase(operation, each) for each in (*READING, *READING_TOO))


def event_name(service: str, operation: str) -> str:
    return NAMES.get((service, operation), operation)


def event_source(service: str) -> str:
    return f"{SOURCES.get(service, service)}.amazonaws.com"


def resources_of(params: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Pairs of type and name of the resources that a request names."""
    return tuple(
        (kind, params[member].rpartition("/")[2] if kind.startswith("AWS::ECS") else params[member])
        for member, kind in RESOURCES.items()
        if isinstance(params.get(member), str)
    )


def plain(value: Any) -> Any:
    """A request as JSON, without what CloudTrail hides: values, prompts, environments."""
    match value:
        case Mapping():
            return {key: HIDDEN if key in SECRETS else plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case datetime():
            return value.isoformat()
        case bytes():
            return HIDDEN
        case _:
            return value
