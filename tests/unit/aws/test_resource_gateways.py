"""The gateways with a method or two each."""

from __future__ import annotations

import io

import pytest
from botocore.response import StreamingBody

from mangaops.aws.autoscaling import AutoScalingGateway
from mangaops.aws.bedrock import BedrockGateway
from mangaops.aws.health import HealthGateway
from mangaops.aws.lambda_ import LambdaGateway
from mangaops.aws.s3 import S3Gateway
from mangaops.aws.ssm import SsmGateway
from mangaops.errors import AwsError, AwsNotFound
from mangaops.model.resources import (
    EventSource,
    HealthEvent,
    ModelLifecycle,
    ParameterVersion,
    ScalableTarget,
    ScalingActivity,
    StoredParameter,
)
from support.asking import at
from support.stubbed import StubbedAws

ECS_TARGET = {
    "ServiceNamespace": "ecs",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def test_a_service_that_nothing_scales_has_no_target() -> None:
    aws = StubbedAws("application-autoscaling")
    request = {**ECS_TARGET, "ResourceIds": ["service/prod/orchestrator"]}
    aws.answers("describe_scalable_targets", request, {"ScalableTargets": []})
    assert AutoScalingGateway(aws).target("prod", "orchestrator") is None


def test_a_target_has_its_limits_and_whether_scale_in_is_suspended() -> None:
    aws = StubbedAws("application-autoscaling")
    request = {**ECS_TARGET, "ResourceIds": ["service/prod/orchestrator"]}
    target = {
        **ECS_TARGET,
        "ResourceId": "service/prod/orchestrator",
        "MinCapacity": 4,
        "MaxCapacity": 16,
        "RoleARN": "arn",
        "CreationTime": at(0),
        "SuspendedState": {"DynamicScalingInSuspended": True},
    }
    aws.answers("describe_scalable_targets", request, {"ScalableTargets": [target]})
    assert AutoScalingGateway(aws).target("prod", "orchestrator") == ScalableTarget(
        minimum=4, maximum=16, scale_in_suspended=True
    )


def test_activities_say_why_nothing_was_scaled() -> None:
    aws = StubbedAws("application-autoscaling")
    request = {
        **ECS_TARGET,
        "ResourceId": "service/prod/orchestrator",
        "MaxResults": 50,
        "IncludeNotScaledActivities": True,
    }
    activity = {
        **ECS_TARGET,
        "ActivityId": "1",
        "ResourceId": "service/prod/orchestrator",
        "Description": "",
        "Cause": "alarm cpu-high",
        "StartTime": at(5),
        "StatusCode": "Unfulfilled",
        "NotScaledReasons": [{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 16}],
    }
    aws.answers("describe_scaling_activities", request, {"ScalingActivities": [activity]})
    assert AutoScalingGateway(aws).activities("prod", "orchestrator") == (
        ScalingActivity(
            at=at(5),
            status="Unfulfilled",
            cause="alarm cpu-high; not scaled: AlreadyAtMaxCapacity",
        ),
    )


def test_a_parameter_is_read_without_decryption() -> None:
    aws = StubbedAws("ssm")
    parameter = {
        "Name": "/a",
        "Type": "String",
        "Value": "0.3",
        "Version": 4,
        "LastModifiedDate": at(9),
    }
    aws.answers("get_parameter", {"Name": "/a", "WithDecryption": False}, {"Parameter": parameter})
    assert SsmGateway(aws).parameter("/a") == StoredParameter(
        name="/a", value="0.3", version=4, modified_at=at(9)
    )


def test_a_secure_string_has_no_value() -> None:
    aws = StubbedAws("ssm")
    parameter = {"Name": "/a", "Type": "SecureString", "Value": "AQICAHh", "Version": 1}
    aws.answers("get_parameter", {"Name": "/a", "WithDecryption": False}, {"Parameter": parameter})
    assert SsmGateway(aws).parameter("/a").value is None


def test_an_unknown_parameter_is_not_found() -> None:
    aws = StubbedAws("ssm")
    aws.refuses("get_parameter", "ParameterNotFound")
    with pytest.raises(AwsNotFound):
        SsmGateway(aws).parameter("/a")


def test_a_history_is_read_to_its_last_page_newest_first() -> None:
    aws = StubbedAws("ssm")
    request = {"Name": "/a", "WithDecryption": False}
    first = {"Value": "0.3", "Version": 1, "LastModifiedDate": at(9), "LastModifiedUser": "ana"}
    second = {"Value": "0.6", "Version": 2}
    aws.answers("get_parameter_history", request, {"Parameters": [first], "NextToken": "t"})
    aws.answers("get_parameter_history", {**request, "NextToken": "t"}, {"Parameters": [second]})
    assert SsmGateway(aws).history("/a") == (
        ParameterVersion(version=2, value="0.6", modified_at=None, modified_by=None),
        ParameterVersion(version=1, value="0.3", modified_at=at(9), modified_by="ana"),
    )


def test_the_table_of_a_stream_is_in_its_arn() -> None:
    aws = StubbedAws("lambda")
    stream = "arn:aws:dynamodb:ap-northeast-1:1:table/manga-inventory/stream/2026-11-01T00:00:00.0"
    queue = "arn:aws:sqs:ap-northeast-1:1:queue"
    request = {"FunctionName": "inventory-invalidator"}
    mapping = {
        "UUID": "u" * 36,
        "State": "Enabled",
        "EventSourceArn": stream,
        "LastProcessingResult": "OK",
        "StateTransitionReason": "User action",
    }
    other = {"UUID": "v" * 36, "State": "Disabled", "EventSourceArn": queue}
    aws.answers(
        "list_event_source_mappings",
        request,
        {"EventSourceMappings": [mapping], "NextMarker": "m"},
    )
    aws.answers(
        "list_event_source_mappings",
        {**request, "Marker": "m"},
        {"EventSourceMappings": [other]},
    )
    assert LambdaGateway(aws).event_sources("inventory-invalidator") == (
        EventSource(
            uuid="u" * 36,
            state="Enabled",
            source_arn=stream,
            table="manga-inventory",
            last_result="OK",
            reason="User action",
        ),
        EventSource(
            uuid="v" * 36,
            state="Disabled",
            source_arn=queue,
            table=None,
            last_result=None,
            reason=None,
        ),
    )


def test_a_profile_names_each_base_model_once() -> None:
    aws = StubbedAws("bedrock")
    arns = [f"arn:aws:bedrock:{region}::foundation-model/anthropic.x" for region in ("a", "b")]
    profile = {
        "inferenceProfileName": "x",
        "inferenceProfileArn": "arn:x",
        "inferenceProfileId": "jp.anthropic.x",
        "models": [{"modelArn": arn} for arn in arns],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }
    request = {"inferenceProfileIdentifier": "jp.anthropic.x"}
    aws.answers("get_inference_profile", request, profile)
    assert BedrockGateway(aws).profile_models("jp.anthropic.x") == ("anthropic.x",)


def test_a_model_has_a_status_and_maybe_an_end() -> None:
    aws = StubbedAws("bedrock")
    details = {
        "modelArn": "arn",
        "modelId": "anthropic.x",
        "modelLifecycle": {"status": "LEGACY", "endOfLifeTime": at(-60)},
    }
    request = {"modelIdentifier": "anthropic.x"}
    aws.answers("get_foundation_model", request, {"modelDetails": details})
    assert BedrockGateway(aws).lifecycle("anthropic.x") == ModelLifecycle(
        status="LEGACY", end_of_life=at(-60)
    )


def test_a_retired_model_is_not_found() -> None:
    aws = StubbedAws("bedrock")
    aws.refuses("get_foundation_model", "ResourceNotFoundException", status=404)
    with pytest.raises(AwsNotFound):
        BedrockGateway(aws).lifecycle("anthropic.x")


HEALTH_FILTER = {
    "services": ["BEDROCK"],
    "regions": ["ap-northeast-1", "global"],
    "eventStatusCodes": ["open", "upcoming"],
}
EVENT = {
    "arn": "arn:aws:health:1",
    "service": "BEDROCK",
    "eventTypeCode": "AWS_BEDROCK_OPERATIONAL_ISSUE",
    "statusCode": "open",
    "region": "ap-northeast-1",
    "startTime": at(20),
}


def _health_event(description: str | None) -> HealthEvent:
    return HealthEvent(
        arn="arn:aws:health:1",
        service="BEDROCK",
        type="AWS_BEDROCK_OPERATIONAL_ISSUE",
        status="open",
        region="ap-northeast-1",
        started_at=at(20),
        description=description,
    )


def test_health_is_asked_in_us_east_1_and_events_are_described() -> None:
    aws = StubbedAws("health")
    aws.answers("describe_events", {"filter": HEALTH_FILTER}, {"events": [EVENT]})
    described = [{"event": EVENT, "eventDescription": {"latestDescription": "We see errors."}}]
    aws.answers(
        "describe_event_details", {"eventArns": [EVENT["arn"]]}, {"successfulSet": described}
    )
    events = HealthGateway(aws).events(["BEDROCK"], "ap-northeast-1")
    assert events == (_health_event("We see errors."),)
    assert set(aws.regions) == {"us-east-1"}


def test_an_event_counts_without_its_description() -> None:
    aws = StubbedAws("health")
    aws.answers("describe_events", {"filter": HEALTH_FILTER}, {"events": [EVENT]})
    aws.refuses("describe_event_details", "AccessDeniedException")
    events = HealthGateway(aws).events(["BEDROCK"], "ap-northeast-1")
    assert events == (_health_event(None),)


def test_no_support_plan_is_an_error_with_its_code() -> None:
    aws = StubbedAws("health")
    aws.refuses("describe_events", "SubscriptionRequiredException")
    with pytest.raises(AwsError) as caught:
        HealthGateway(aws).events(["BEDROCK"], "ap-northeast-1")
    assert caught.value.code == "SubscriptionRequiredException"


def test_objects_are_listed_to_the_last_page_and_read_as_text() -> None:
    aws = StubbedAws("s3")
    page = {"Contents": [{"Key": "runs/a.jsonl"}], "IsTruncated": True}
    request = {"Bucket": "b", "Prefix": "runs/"}
    aws.answers("list_objects_v2", request, {**page, "NextContinuationToken": "t"})
    aws.answers(
        "list_objects_v2",
        {**request, "ContinuationToken": "t"},
        {"Contents": [{"Key": "runs/b.jsonl"}]},
    )
    body = StreamingBody(io.BytesIO("é".encode()), 2)
    aws.answers("get_object", {"Bucket": "b", "Key": "runs/a.jsonl"}, {"Body": body})
    gateway = S3Gateway(aws)
    assert gateway.keys("b", "runs/") == ("runs/a.jsonl", "runs/b.jsonl")
    assert gateway.text("b", "runs/a.jsonl") == "é"


def test_an_object_is_put_where_none_is_or_for_the_version_that_was_read() -> None:
    aws = StubbedAws("s3")
    place = {"Bucket": "b", "Key": "runs/a.jsonl"}
    body = StreamingBody(io.BytesIO(b"{}"), 2)
    aws.answers("put_object", {**place, "Body": b"{}", "IfNoneMatch": "*"}, {})
    aws.refuses("put_object", "PreconditionFailed", status=412)
    aws.answers("get_object", place, {"Body": body, "ETag": '"1"'})
    aws.answers("put_object", {**place, "Body": b"{}\n", "IfMatch": '"1"'}, {})
    aws.answers(
        "get_object",
        {**place, "Range": "bytes=0-1"},
        {"Body": StreamingBody(io.BytesIO(b"{}"), 2)},
    )
    gateway = S3Gateway(aws)
    gateway.put("b", "runs/a.jsonl", "{}")
    with pytest.raises(AwsError) as caught:
        gateway.put("b", "runs/a.jsonl", "{}")
    assert caught.value.code == "PreconditionFailed"
    assert gateway.tagged("b", "runs/a.jsonl") == ("{}", '"1"')
    gateway.put("b", "runs/a.jsonl", "{}\n", replacing='"1"')
    assert gateway.beginning("b", "runs/a.jsonl", 2) == "{}"
    aws.done()
