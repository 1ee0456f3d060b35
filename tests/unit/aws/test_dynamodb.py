from __future__ import annotations

from typing import Any

import pytest

from mangaops.aws.dynamodb import DynamoGateway
from mangaops.errors import AwsThrottled
from mangaops.model.resources import PromptVersion, PromptVersions, Stock, TableStream
from support.asking import at
from support.stubbed import StubbedAws

STREAM = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/stock/stream"
SCAN = {
    "TableName": "prompts",
    "ConsistentRead": True,
    "ProjectionExpression": "#i, #v, #a, #p, #m, #t, #x",
    "ExpressionAttributeNames": {
        "#i": "intent",
        "#v": "version",
        "#a": "active",
        "#p": "prompt_tokens",
        "#m": "max_output_tokens",
        "#t": "activated_at",
        "#x": "template",
    },
}


@pytest.fixture
def aws() -> StubbedAws:
    return StubbedAws("dynamodb")


def _prompt(version: str, **more: Any) -> dict[str, Any]:
    return {"intent": {"S": "faq"}, "version": {"S": version}, "active": {"BOOL": True}, **more}


def _version(version: str, **more: Any) -> PromptVersion:
    fields = {"prompt_tokens": None, "max_output_tokens": None, "activated_at": None, **more}
    return PromptVersion(intent="faq", version=version, active=True, **fields)


def test_templates_are_those_of_one_prompt_and_a_version_may_have_none(aws: StubbedAws) -> None:
    asked = {
        "TableName": "prompts",
        "ConsistentRead": True,
        "KeyConditionExpression": "#i = :i",
        "ProjectionExpression": "#v, #x",
        "ExpressionAttributeNames": {"#i": "intent", "#v": "version", "#x": "template"},
        "ExpressionAttributeValues": {":i": {"S": "faq"}},
    }
    rows = [
        {"version": {"S": "v1"}, "template": {"S": "Be brief."}},
        {"version": {"S": "v2"}},
        {"version": {"S": "v3"}, "template": {"N": "3"}},
    ]
    aws.answers("query", asked, {"Items": rows})
    assert DynamoGateway(aws).templates_of("prompts", "faq") == {"v1": "Be brief."}
    aws.done()


def test_prompt_versions_are_scanned_consistently_to_the_last_page(aws: StubbedAws) -> None:
    full = _prompt(
        "v2",
        prompt_tokens={"N": "1200"},
        max_output_tokens={"N": "512.5"},
        activated_at={"S": "2026-11-21T11:00:00"},
        template={"S": "Be brief."},
    )
    key = {"intent": {"S": "faq"}, "version": {"S": "v2"}}
    aws.answers("scan", SCAN, {"Items": [full], "LastEvaluatedKey": key})
    aws.answers("scan", {**SCAN, "ExclusiveStartKey": key}, {"Items": [_prompt("v1")]})
    assert DynamoGateway(aws).prompt_versions("prompts") == PromptVersions(
        versions=(
            _version("v1"),
            _version(
                "v2",
                prompt_tokens=1200,
                max_output_tokens=512.5,
                activated_at=at(30),
                digest="213c22ed7234eb11116e1e88f314c73cb3a019b5c87fe224b6ce5665bd9ec50e",
            ),
        ),
        malformed=0,
    )
    aws.done()


def test_malformed_items_are_left_out_or_lose_the_attribute_and_are_counted(
    aws: StubbedAws,
) -> None:
    items = [
        {"intent": {"S": "faq"}, "version": {"S": "#active"}, "points_to": {"S": "v1"}},
        {"intent": {"S": "faq"}, "version": {"S": "v0"}, "active": {"S": "true"}},
        _prompt("v1", prompt_tokens={"S": "many"}, activated_at={"S": "yesterday"}),
        _prompt("v2", prompt_tokens={"NULL": True}, template={"S": " "}),
    ]
    aws.answers("scan", SCAN, {"Items": items})
    assert DynamoGateway(aws).prompt_versions("prompts") == PromptVersions(
        versions=(_version("v1"), _version("v2")), malformed=3
    )


def _keys(*products: str) -> list[dict[str, Any]]:
    return [{"product_id": {"S": product}} for product in products]


def _batch(*products: str) -> dict[str, Any]:
    return {"RequestItems": {"stock": {"Keys": _keys(*products)}}}


def test_stock_is_asked_once_a_product_a_hundred_at_a_time(aws: StubbedAws) -> None:
    names = [f"p{number:03}" for number in range(101)]
    item = {
        "product_id": {"S": "p007"},
        "quantity": {"N": "-1"},
        "updated_at": {"S": "2026-11-21T20:00:00+09:00"},
    }
    aws.answers("batch_get_item", _batch(*names[:100]), {"Responses": {"stock": [item]}})
    aws.answers("batch_get_item", _batch(*names[100:]), {"Responses": {"stock": []}})
    waits: list[float] = []
    stock = DynamoGateway(aws).stock("stock", [*names, *names, ""], wait=waits.append)
    assert stock == (Stock(product_id="p007", quantity=-1, updated_at=at(30)),)
    assert waits == []
    aws.done()


def test_unprocessed_keys_are_asked_again_after_a_pause(aws: StubbedAws) -> None:
    left = {"UnprocessedKeys": {"stock": {"Keys": _keys("b")}}}
    one = {"product_id": {"S": "a"}, "quantity": {"N": "3"}}
    two = {"product_id": {"S": "b"}, "quantity": {"N": "0"}}
    aws.answers("batch_get_item", _batch("a", "b"), {"Responses": {"stock": [one]}, **left})
    aws.answers("batch_get_item", _batch("b"), {"Responses": {"stock": []}, **left})
    aws.answers("batch_get_item", _batch("b"), {"Responses": {"stock": [two]}})
    waits: list[float] = []
    assert DynamoGateway(aws).stock("stock", ["a", "b"], wait=waits.append) == (
        Stock(product_id="a", quantity=3, updated_at=None),
        Stock(product_id="b", quantity=0, updated_at=None),
    )
    assert waits == [0.05, 0.1]


def test_keys_that_stay_unprocessed_are_throttling(aws: StubbedAws) -> None:
    left = {"UnprocessedKeys": {"stock": {"Keys": _keys("a")}}}
    for _ in range(6):
        aws.answers("batch_get_item", _batch("a"), left)
    waits: list[float] = []
    with pytest.raises(AwsThrottled, match="1 of 1 keys"):
        DynamoGateway(aws).stock("stock", ["a"], wait=waits.append)
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8]


@pytest.mark.parametrize(
    ("table", "stream"),
    [
        ({}, TableStream(enabled=False, arn=None, view_type=None)),
        (
            {"LatestStreamArn": f"{STREAM}/old", "StreamSpecification": {"StreamEnabled": False}},
            TableStream(enabled=False, arn=f"{STREAM}/old", view_type=None),
        ),
        (
            {
                "LatestStreamArn": f"{STREAM}/new",
                "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            },
            TableStream(enabled=True, arn=f"{STREAM}/new", view_type="NEW_IMAGE"),
        ),
    ],
)
def test_a_table_publishes_its_changes_only_where_its_stream_is_enabled(
    aws: StubbedAws, table: dict[str, Any], stream: TableStream
) -> None:
    aws.answers("describe_table", {"TableName": "stock"}, {"Table": table})
    assert DynamoGateway(aws).stream("stock") == stream
