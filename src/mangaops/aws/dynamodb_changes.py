"""DynamoDB tables changed: which prompt version is active, and a table's stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mangaops.aws.dynamodb import DynamoGateway
from mangaops.aws.errors import TOO_FAST, translated
from mangaops.errors import AwsThrottled, Drifted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import StreamSpecificationTypeDef

TRANSACT = "dynamodb:TransactWriteItems"
_WAIT = frozenset({"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"})
"""Reasons of a cancelled transaction that are over in a moment."""


class DynamoChanges(DynamoGateway):
    """Reads as `DynamoGateway`. Every write is sent once; who calls it repeats it."""

    @property
    def _writer(self) -> DynamoDBClient:
        client: DynamoDBClient = self._aws.writer("dynamodb")
        return client

    def swap_active(self, table: str, intent: str, *, off: str, on: str, token: str) -> None:
        """Version `off` becomes inactive and `on` active, both or neither.

        Both must exist and be as this says: `off` active, `on` inactive. Raises Drifted
        with what is there when they are not, AwsThrottled when the same call may be sent
        again. The same token with the same versions has no second effect for 10 minutes.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 - 0.1 s

        changes = (_flag(table, intent, off, active=False), _flag(table, intent, on, active=True))
        with translated(TRANSACT):
            try:
                self._writer.transact_write_items(
                    TransactItems=[{"Update": change} for change in changes],
                    ClientRequestToken=token,
                )
            except ClientError as error:
                _cancelled(error.response, f"{table}/{intent}", (off, on))
                raise

    def switch_stream(self, table: str, *, on: bool) -> str:
        """On with new and old images, under a new ARN; or off. Gives the latest stream's ARN,
        empty where AWS does not tell it.
        """
        stream: StreamSpecificationTypeDef = {"StreamEnabled": False}
        if on:
            stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        with translated("dynamodb:UpdateTable"):
            answer = self._writer.update_table(TableName=table, StreamSpecification=stream)
        return answer.get("TableDescription", {}).get("LatestStreamArn", "")

    def at_rest(self, table: str) -> bool:
        """Whether no change of the table is under way: until then it takes no other one."""
        with translated("dynamodb:DescribeTable"):
            described = self._client.describe_table(TableName=table)["Table"]
        return described.get("TableStatus") == "ACTIVE"


def _flag(table: str, intent: str, version: str, *, active: bool) -> Any:
    """One update of a transaction: `active` from its opposite. It never makes an item."""
    return {
        "TableName": table,
        "Key": {"intent": {"S": intent}, "version": {"S": version}},
        "UpdateExpression": "SET active = :new",
        "ConditionExpression": "attribute_exists(#i) AND active = :old",
        "ExpressionAttributeNames": {"#i": "intent"},
        "ExpressionAttributeValues": {":new": {"BOOL": active}, ":old": {"BOOL": not active}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _cancelled(response: Mapping[str, Any], where: str, versions: Sequence[str]) -> None:
    """Raises what a cancelled transaction means; returns for any other error.

    The reasons stand in the order of the items; `None` is a word there.
    """
    reasons: Sequence[Mapping[str, Any]] = response.get("CancellationReasons", ())
    codes = {str(reason.get("Code", "None")) for reason in reasons}
    if "ConditionalCheckFailed" in codes:
        told = "; ".join(
            _found(version, reason)
            for version, reason in zip(versions, reasons, strict=False)
            if reason.get("Code") == "ConditionalCheckFailed"
        )
        raise Drifted(told, where=where, hint="plan again: the prompts were changed meanwhile")
    code = str(response.get("Error", {}).get("Code", ""))
    if codes & _WAIT or code == "TransactionInProgressException":
        reason = ", ".join(sorted(codes & _WAIT)) or code
        raise AwsThrottled(reason, operation=TRANSACT, code=reason, hint=TOO_FAST)


def _found(version: str, reason: Mapping[str, Any]) -> str:
    item = reason.get("Item")
    if not item:
        return f"version {version} does not exist"
    flag = item.get("active", {}).get("BOOL")
    is_now = {True: "is active", False: "is not active"}.get(flag, "has no active flag")
    return f"version {version} {is_now}"
