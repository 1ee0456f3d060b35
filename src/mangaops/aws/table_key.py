"""The key of a DynamoDB table."""

from __future__ import annotations

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws


def key_of(aws: Aws, table: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Its status, its key (`HASH`, then `RANGE`, to attribute), and the attributes' types.

    Raises AwsNotFound for a table that does not exist.
    """
    with translated("dynamodb:DescribeTable"):
        told = aws.client("dynamodb").describe_table(TableName=table)["Table"]
    keys = {each["KeyType"]: each["AttributeName"] for each in told.get("KeySchema", [])}
    kinds = {e["AttributeName"]: e["AttributeType"] for e in told.get("AttributeDefinitions", [])}
    return told.get("TableStatus", ""), keys, kinds
