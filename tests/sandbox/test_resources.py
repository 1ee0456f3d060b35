"""The normal resources, and the calls that moto answers or that we correct."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
from botocore.exceptions import ClientError

from mangaops.sandbox.control import Running

PROMPTS = "manga-prompt-templates"
INVENTORY = "manga-inventory"
INVALIDATOR = "inventory-invalidator"


def test_every_caller_is_the_on_call_user(aws_cli: Callable[..., Any]) -> None:
    assert aws_cli("sts", "get-caller-identity") == {
        "UserId": "AIDASANDBOXONCALL000",
        "Account": "123456789012",
        "Arn": "arn:aws:iam::123456789012:user/on-call",
    }


def test_parameters_are_there_and_versioned(
    client: Callable[..., Any], aws_cli: Callable[..., Any]
) -> None:
    name = "/mangaassist/features/flash_sale_mode"
    client("ssm").put_parameter(Name=name, Value="on", Overwrite=True)
    shown = aws_cli("ssm", "get-parameter", "--name", name)["Parameter"]
    history = client("ssm").get_parameter_history(Name=name)["Parameters"]
    assert (shown["Value"], shown["Version"]) == ("on", 2)
    assert [(one["Version"], one["Value"]) for one in history] == [(1, "off"), (2, "on")]


def test_every_intent_has_one_active_prompt_of_two(client: Callable[..., Any]) -> None:
    items = client("dynamodb").scan(TableName=PROMPTS)["Items"]
    active = [item["intent"]["S"] for item in items if item["active"]["BOOL"]]
    assert len(items) == 10
    assert sorted(active) == ["comparison", "faq", "greeting", "order_tracking", "recommendation"]


def test_cached_answers_list_products_in_stock(
    sandbox: Running, client: Callable[..., Any]
) -> None:
    cache = redis.Redis.from_url(sandbox.cache_url, decode_responses=True)
    keys = sorted(cache.scan_iter("precompute:genre:*"))
    products = {
        one["product_id"] for key in keys for one in json.loads(cache.get(key))["recommendations"]
    }
    stock = client("dynamodb").scan(TableName=INVENTORY)["Items"]
    in_stock = {item["product_id"]["S"] for item in stock if int(item["quantity"]["N"]) > 0}
    assert len(keys) == 8
    assert all(0 < cache.ttl(key) <= 86400 for key in keys)
    assert products <= in_stock
    assert cache.smembers("precompute:product:manga-0101") == set(keys) & {
        "precompute:genre:shonen:recommendations",
        "precompute:genre:shonen:top_picks",
    }
    cache.close()


def _flip(version: str, *, to: bool) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": PROMPTS,
            "Key": {"intent": {"S": "faq"}, "version": {"S": version}},
            "UpdateExpression": "SET active = :to",
            "ConditionExpression": "active <> :to",
            "ExpressionAttributeValues": {":to": {"BOOL": to}},
        }
    }


def test_a_transaction_repeated_under_its_token_has_no_second_effect(
    client: Callable[..., Any],
) -> None:
    dynamodb = client("dynamodb")
    items = [_flip("v2.0", to=False), _flip("v1.9", to=True)]
    dynamodb.transact_write_items(TransactItems=items, ClientRequestToken="incident-1")
    dynamodb.transact_write_items(TransactItems=items, ClientRequestToken="incident-1")
    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        dynamodb.transact_write_items(TransactItems=items[:1], ClientRequestToken="incident-1")
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as cancelled:
        dynamodb.transact_write_items(TransactItems=items, ClientRequestToken="incident-2")
    reasons = [reason["Code"] for reason in cancelled.value.response["CancellationReasons"]]
    assert reasons == ["ConditionalCheckFailed", "ConditionalCheckFailed"]
    back = [_flip("v1.9", to=False), _flip("v2.0", to=True)]
    dynamodb.transact_write_items(TransactItems=back, ClientRequestToken="incident-3")


def arrived(lambda_: Any) -> list[Any]:
    """The invalidator's mappings, once none of them is on its way."""
    for _ in range(50):
        found: list[Any] = lambda_.list_event_source_mappings(FunctionName=INVALIDATOR)[
            "EventSourceMappings"
        ]
        if all(one["State"] in {"Enabled", "Disabled"} for one in found):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_a_stream_switched_off_and_on_has_a_new_arn_and_the_mapping_keeps_the_old(
    client: Callable[..., Any],
) -> None:
    dynamodb, lambda_ = client("dynamodb"), client("lambda")
    view = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    before = dynamodb.describe_table(TableName=INVENTORY)["Table"]
    dynamodb.update_table(TableName=INVENTORY, StreamSpecification={"StreamEnabled": False})
    off = dynamodb.describe_table(TableName=INVENTORY)["Table"]
    dynamodb.put_item(TableName=INVENTORY, Item={"product_id": {"S": "written-while-off"}})
    dynamodb.delete_item(TableName=INVENTORY, Key={"product_id": {"S": "written-while-off"}})
    dynamodb.update_table(TableName=INVENTORY, StreamSpecification=view)
    after = dynamodb.describe_table(TableName=INVENTORY)["Table"]
    (mapping,) = lambda_.list_event_source_mappings(FunctionName=INVALIDATOR)["EventSourceMappings"]
    assert before["StreamSpecification"] == view == after["StreamSpecification"]
    assert "StreamSpecification" not in off
    assert mapping["EventSourceArn"] == before["LatestStreamArn"] != after["LatestStreamArn"]
    assert lambda_.delete_event_source_mapping(UUID=mapping["UUID"])["State"] == "Deleting"
    arrived(lambda_)
    made = lambda_.create_event_source_mapping(
        FunctionName=f"arn:aws:lambda:ap-northeast-1:123456789012:function:{INVALIDATOR}",
        EventSourceArn=after["LatestStreamArn"],
        StartingPosition="LATEST",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=3,
        MaximumRecordAgeInSeconds=3600,
    )
    assert made["State"] == "Creating"
    (listed,) = arrived(lambda_)
    limits = ("BisectBatchOnFunctionError", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds")
    assert (listed["UUID"], listed["State"]) == (made["UUID"], "Enabled")
    assert [listed[limit] for limit in limits] == [True, 3, 3600]


def test_a_mapping_can_be_disabled_and_not_be_made_twice(client: Callable[..., Any]) -> None:
    lambda_ = client("lambda")
    (mapping,) = arrived(lambda_)
    moving = lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    with pytest.raises(lambda_.exceptions.ResourceInUseException):
        lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    (disabled,) = arrived(lambda_)
    with pytest.raises(lambda_.exceptions.ResourceConflictException):
        lambda_.create_event_source_mapping(
            FunctionName=INVALIDATOR,
            EventSourceArn=mapping["EventSourceArn"],
            StartingPosition="LATEST",
        )
    lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    (enabled,) = arrived(lambda_)
    states = [one["State"] for one in (mapping, moving, disabled, enabled)]
    assert states == ["Enabled", "Disabling", "Disabled", "Enabled"]


def test_a_mapping_of_no_stream_is_refused_as_lambda_does(client: Callable[..., Any]) -> None:
    lambda_ = client("lambda")
    arn = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/none/stream/2026-01-01T00:00:00"
    with pytest.raises(lambda_.exceptions.InvalidParameterValueException, match="Stream not found"):
        lambda_.create_event_source_mapping(
            FunctionName=INVALIDATOR, EventSourceArn=arn, StartingPosition="LATEST"
        )


def test_the_aws_cli_reads_and_writes_the_tables(aws_cli: Callable[..., Any]) -> None:
    key = '{"product_id": {"S": "manga-0101"}}'
    aws_cli(
        "dynamodb", "update-item", "--table-name", INVENTORY, "--key", key,
        "--update-expression", "SET quantity = :q",
        "--expression-attribute-values", '{":q": {"N": "41"}}',
    )  # fmt: skip
    item = aws_cli("dynamodb", "get-item", "--table-name", INVENTORY, "--key", key)["Item"]
    assert item["quantity"] == {"N": "41"}


def test_objects_are_stored_byte_by_byte(client: Callable[..., Any]) -> None:
    s3, body = client("s3"), bytes(range(256)) * 100
    s3.create_bucket(
        Bucket="benchmarks", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    s3.put_object(Bucket="benchmarks", Key="runs/a b/1.json", Body=body)
    assert s3.get_object(Bucket="benchmarks", Key="runs/a b/1.json")["Body"].read() == body


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("dynamodb", "list_backups", {}),
        ("s3", "list_bucket_analytics_configurations", {"Bucket": "benchmarks"}),
        ("iam", "get_account_summary", {}),
        ("ec2", "describe_instances", {}),
        ("sns", "list_topics", {}),
        ("sqs", "start_message_move_task", {"SourceArn": "arn:aws:sqs:r:1:dead"}),
        ("cloudwatch", "describe_alarm_history", {}),
        ("bedrock", "list_guardrails", {}),
    ],
)
def test_what_is_not_served_says_so_by_name(
    client: Callable[..., Any], service: str, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(service), operation)(**arguments)
    error, metadata = refused.value.response["Error"], refused.value.response["ResponseMetadata"]
    name = f"{service}:{refused.value.operation_name}"
    assert (error["Code"], metadata["HTTPStatusCode"]) == ("NotServedBySandbox", 501)
    assert error["Message"] == f"the sandbox does not serve {name}"


def test_the_state_digest_ignores_versions_and_comes_back_with_the_values(
    client: Callable[..., Any], administer: Callable[..., Any]
) -> None:
    name = "/mangaassist/router/adaptive_routing"
    before = administer("GET", "state")
    client("ssm").put_parameter(Name=name, Value="on", Overwrite=True)
    changed = administer("GET", "state")
    client("ssm").put_parameter(Name=name, Value="off", Overwrite=True)
    assert changed["state"]["parameters"][name] == {"type": "String", "value": "on"}
    assert changed["digest"] != before["digest"]
    assert administer("POST", "state") == before


def test_a_key_that_was_restored_is_the_same_state(
    sandbox: Running, administer: Callable[..., Any]
) -> None:
    key = "precompute:genre:shonen:recommendations"
    before = administer("GET", "state")
    with redis.Redis.from_url(sandbox.cache_url) as cache:
        saved, left = cache.dump(key), cache.pttl(key)
        cache.unlink(key)
        assert administer("GET", "state")["digest"] != before["digest"]
        cache.restore(key, left - 1500, saved)
    assert administer("GET", "state") == before
