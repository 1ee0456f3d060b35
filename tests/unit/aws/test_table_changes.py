"""Changes of tables, parameters, mappings and quotas: what is sent, and what a refusal means."""

from __future__ import annotations

from typing import Any

import pytest

from mangaops.aws.dynamodb_changes import DynamoChanges
from mangaops.aws.lambda_ import LambdaGateway
from mangaops.aws.quotas import QuotaGateway
from mangaops.aws.ssm import SsmGateway
from mangaops.errors import AwsError, AwsRejected, AwsThrottled, Drifted
from mangaops.model.resources import EventSource, Quota, QuotaRequest
from support.asking import at
from support.stubbed import StubbedAws

UUID = "12345678-1234-1234-1234-123456789012"
STREAM = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/stock/stream/1"


def _update(version: str, active: bool) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": "prompts",
            "Key": {"intent": {"S": "faq"}, "version": {"S": version}},
            "UpdateExpression": "SET active = :new",
            "ConditionExpression": "attribute_exists(#i) AND active = :old",
            "ExpressionAttributeNames": {"#i": "intent"},
            "ExpressionAttributeValues": {":new": {"BOOL": active}, ":old": {"BOOL": not active}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _swap(aws: StubbedAws) -> None:
    DynamoChanges(aws).swap_active("prompts", "faq", off="v2", on="v1", token="run-1")


def _cancelled(*reasons: dict[str, Any]) -> StubbedAws:
    aws = StubbedAws("dynamodb")
    code = "TransactionCanceledException"
    aws.refuses("transact_write_items", code, CancellationReasons=list(reasons))
    return aws


def test_a_swap_is_one_transaction_with_a_condition_on_both_versions() -> None:
    aws = StubbedAws("dynamodb")
    request = {
        "ClientRequestToken": "run-1",
        "TransactItems": [_update("v2", active=False), _update("v1", active=True)],
    }
    aws.answers("transact_write_items", request, {})
    _swap(aws)
    aws.done()


@pytest.mark.parametrize(
    ("item", "what"),
    [
        ({"active": {"BOOL": True}}, "version v1 is active"),
        ({"active": {"BOOL": False}}, "version v1 is not active"),
        ({"intent": {"S": "faq"}}, "version v1 has no active flag"),
        ({}, "version v1 does not exist"),
    ],
)
def test_a_failed_condition_tells_what_is_there(item: dict[str, Any], what: str) -> None:
    reason = {"Code": "ConditionalCheckFailed", "Item": item}
    with pytest.raises(Drifted) as caught:
        _swap(_cancelled({"Code": "None"}, reason))
    assert (caught.value.what, caught.value.where) == (what, "prompts/faq")


def test_a_failed_condition_decides_also_beside_a_conflict() -> None:
    with pytest.raises(Drifted) as caught:
        _swap(_cancelled({"Code": "ConditionalCheckFailed"}, {"Code": "TransactionConflict"}))
    assert caught.value.what == "version v2 does not exist"


@pytest.mark.parametrize(
    "code", ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"]
)
def test_what_is_over_in_a_moment_may_be_sent_again(code: str) -> None:
    with pytest.raises(AwsThrottled) as caught:
        _swap(_cancelled({"Code": "None"}, {"Code": code}))
    assert caught.value.code == code


def test_the_same_token_in_flight_may_be_sent_again() -> None:
    aws = StubbedAws("dynamodb")
    aws.refuses("transact_write_items", "TransactionInProgressException")
    with pytest.raises(AwsThrottled):
        _swap(aws)


def test_any_other_cancelled_transaction_is_a_refusal() -> None:
    with pytest.raises(AwsRejected) as caught:
        _swap(_cancelled({"Code": "None"}, {"Code": "ValidationError"}))
    assert caught.value.code == "TransactionCanceledException"


def test_one_prompt_is_queried_consistently() -> None:
    aws = StubbedAws("dynamodb")
    request = {
        "TableName": "prompts",
        "ConsistentRead": True,
        "KeyConditionExpression": "#i = :i",
        "ProjectionExpression": "#i, #v, #a, #p, #m, #t",
        "ExpressionAttributeNames": {
            "#i": "intent",
            "#v": "version",
            "#a": "active",
            "#p": "prompt_tokens",
            "#m": "max_output_tokens",
            "#t": "activated_at",
        },
        "ExpressionAttributeValues": {":i": {"S": "faq"}},
    }
    item = {"intent": {"S": "faq"}, "version": {"S": "v1"}, "active": {"BOOL": True}}
    aws.answers("query", request, {"Items": [item, {"intent": {"S": "faq"}}]})
    found = DynamoChanges(aws).versions_of("prompts", "faq")
    assert ([one.version for one in found.versions], found.malformed) == (["v1"], 1)


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        (True, {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}),
        (False, {"StreamEnabled": False}),
    ],
)
def test_a_stream_is_switched(on: bool, wanted: dict[str, Any]) -> None:
    aws = StubbedAws("dynamodb")
    request = {"TableName": "stock", "StreamSpecification": wanted}
    aws.answers("update_table", request, {"TableDescription": {"LatestStreamArn": STREAM}})
    assert DynamoChanges(aws).switch_stream("stock", on=on) == STREAM
    aws.done()


@pytest.mark.parametrize(("status", "rests"), [("ACTIVE", True), ("UPDATING", False)])
def test_a_table_under_change_is_not_at_rest(status: str, rests: bool) -> None:
    aws = StubbedAws("dynamodb")
    aws.answers("describe_table", {"TableName": "stock"}, {"Table": {"TableStatus": status}})
    assert DynamoChanges(aws).at_rest("stock") is rests


def test_a_parameter_is_overwritten_without_a_type() -> None:
    aws = StubbedAws("ssm")
    request = {"Name": "/a", "Value": "1", "Overwrite": True}
    aws.answers("put_parameter", request, {"Version": 8})
    assert SsmGateway(aws).put("/a", "1") == 8


def test_a_mapping_is_made_with_limits_and_changed_only_where_asked() -> None:
    aws = StubbedAws("lambda")
    limits = {
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 3,
        "MaximumRecordAgeInSeconds": 3600,
        "BatchSize": 7,
    }
    made = {
        "FunctionName": "f",
        "EventSourceArn": STREAM,
        "StartingPosition": "TRIM_HORIZON",
        "Enabled": True,
        **limits,
    }
    function = "arn:aws:lambda:ap-northeast-1:123456789012:function:f"
    answer = {
        "UUID": UUID,
        "State": "Creating",
        "EventSourceArn": STREAM,
        "FunctionArn": function,
        **limits,
    }
    aws.answers("create_event_source_mapping", made, answer)
    aws.answers("update_event_source_mapping", {"UUID": UUID, "Enabled": False}, {})
    aws.answers(
        "update_event_source_mapping",
        {"UUID": UUID, "Enabled": True, "MaximumRetryAttempts": -1},
        {},
    )
    gateway = LambdaGateway(aws)
    assert gateway.map_stream("f", STREAM, retries=3, max_age_s=3600, batch_size=7) == EventSource(
        uuid=UUID,
        state="Creating",
        source_arn=STREAM,
        table="stock",
        last_result=None,
        reason=None,
        bisect=True,
        retries=3,
        max_age_s=3600,
        batch_size=7,
        function="f",
    )
    gateway.set_mapping(UUID, on=False)
    gateway.set_mapping(UUID, on=True, retries=-1)
    aws.done()


def test_quotas_are_listed_and_their_requests_newest_first() -> None:
    aws = StubbedAws("service-quotas")
    row = {"QuotaCode": "L-1", "QuotaName": "tokens", "Value": 5.0, "Adjustable": True}
    aws.answers("list_service_quotas", {"ServiceCode": "bedrock"}, {"Quotas": [row]})
    asked = {"ServiceCode": "bedrock", "QuotaCode": "L-1"}
    requests = [
        {"Id": str(n), "DesiredValue": float(n), "Status": status, "Created": at(n)}
        for n, status in ((3, "CASE_OPENED"), (1, "DENIED"), (2, "PENDING"))
    ]
    aws.answers(
        "list_requested_service_quota_change_history_by_quota",
        asked,
        {"RequestedQuotas": requests},
    )
    gateway = QuotaGateway(aws)
    assert gateway.quotas() == (Quota(code="L-1", name="tokens", value=5.0, adjustable=True),)
    found = gateway.requests("L-1")
    assert [(one.id, one.open) for one in found] == [("1", False), ("2", True), ("3", True)]


def test_a_second_request_is_refused_by_its_code() -> None:
    aws = StubbedAws("service-quotas")
    wanted = {"ServiceCode": "bedrock", "QuotaCode": "L-1", "DesiredValue": 9.0}
    answer = {"RequestedQuota": {"Id": "7", "DesiredValue": 9.0, "Status": "PENDING"}}
    aws.answers("request_service_quota_increase", wanted, answer)
    aws.refuses("request_service_quota_increase", "ResourceAlreadyExistsException")
    gateway = QuotaGateway(aws)
    assert gateway.request("L-1", 9.0) == QuotaRequest(id="7", desired=9.0, status="PENDING")
    with pytest.raises(AwsError) as caught:
        gateway.request("L-1", 9.0)
    assert caught.value.code == "ResourceAlreadyExistsException"
