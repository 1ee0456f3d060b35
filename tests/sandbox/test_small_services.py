"""Health, CloudTrail, Service Quotas and Bedrock's control plane, through sockets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from mangaops.sandbox.control import Running

SONNET = "anthropic.claude-sonnet-4-6"


def test_health_is_asked_in_us_east_1_over_cbor_and_json(
    sandbox: Running, client: Callable[..., Any], aws_cli: Callable[..., Any]
) -> None:
    asked = {"services": ["BEDROCK"], "eventStatusCodes": ["open"]}
    assert client("health", "us-east-1").describe_events(filter=asked)["events"] == []
    endpoint = ("--endpoint-url", sandbox.endpoint_url)
    shown = aws_cli("health", "describe-events", "--region", "us-east-1", *endpoint)
    assert shown == {"events": []}


def test_calls_to_the_sandbox_are_in_its_trail(
    client: Callable[..., Any], aws_cli: Callable[..., Any]
) -> None:
    name = "/test/trail/parameter"
    client("ssm").put_parameter(Name=name, Value="s3cret", Type="String", Overwrite=True)
    table = "manga-inventory"
    client("dynamodb").put_item(TableName=table, Item={"product_id": {"S": "test-trail"}})
    client("dynamodb").delete_item(TableName=table, Key={"product_id": {"S": "test-trail"}})
    time.sleep(1)
    by_name = "AttributeKey=EventName,AttributeValue={}"
    words = ("cloudtrail", "lookup-events", "--lookup-attributes")
    found = aws_cli(*words, by_name.format("PutParameter"))["Events"]
    mine = [
        event
        for event in found
        if json.loads(event["CloudTrailEvent"])["requestParameters"]["Name"] == name
    ]
    assert len(mine) == 1
    assert (mine[0]["EventSource"], mine[0]["Username"]) == ("ssm.amazonaws.com", "on-call")
    assert "s3cret" not in mine[0]["CloudTrailEvent"]
    time.sleep(1)
    assert aws_cli(*words, by_name.format("PutItem"))["Events"] == []


def test_a_third_lookup_within_a_second_is_throttled(client: Callable[..., Any]) -> None:
    trail = client("cloudtrail")
    time.sleep(1)
    trail.lookup_events()
    trail.lookup_events()
    with pytest.raises(trail.exceptions.ClientError, match="ThrottlingException"):
        trail.lookup_events()


def test_quotas_are_paged_and_increases_are_requested_once(client: Callable[..., Any]) -> None:
    quotas = client("service-quotas")
    pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="bedrock")
    rows = [row for page in pages for row in page["Quotas"]]
    name = "Cross-region model inference requests per minute for Anthropic Claude Haiku 4.5"
    (row,) = [row for row in rows if row["QuotaName"] == name]
    wanted = {"ServiceCode": "bedrock", "QuotaCode": row["QuotaCode"], "DesiredValue": 9999.0}
    request = quotas.request_service_quota_increase(**wanted)["RequestedQuota"]
    assert request["Status"] == "PENDING"
    with pytest.raises(quotas.exceptions.ResourceAlreadyExistsException):
        quotas.request_service_quota_increase(**wanted)


def test_the_cli_reads_lifecycle_and_profiles(
    client: Callable[..., Any], aws_cli: Callable[..., Any]
) -> None:
    shown = aws_cli("bedrock", "get-foundation-model", "--model-identifier", SONNET)
    assert shown["modelDetails"]["modelLifecycle"]["status"] == "ACTIVE"
    profile = ("--inference-profile-identifier", f"jp.{SONNET}")
    routed = aws_cli("bedrock", "get-inference-profile", *profile)
    read = client("bedrock").get_inference_profile(inferenceProfileIdentifier=f"jp.{SONNET}")
    assert routed["models"] == read["models"]
    bedrock = client("bedrock")
    with pytest.raises(bedrock.exceptions.ResourceNotFoundException):
        bedrock.get_foundation_model(modelIdentifier="anthropic.claude-3-haiku-20240307-v1:0")
