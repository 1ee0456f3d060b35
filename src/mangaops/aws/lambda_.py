"""Lambda: what feeds a function."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.model.resources import EventSource

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_TABLE_STREAM = re.compile(r"arn:[^:]+:dynamodb:[^:]*:[^:]*:table/([^/]+)/stream/")


class LambdaGateway:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> LambdaClient:
        client: LambdaClient = self._aws.client("lambda")
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def event_sources(self, function: str) -> tuple[EventSource, ...]:
        """All mappings of the function. AWS answers an unknown function with none as well."""
        with translated("lambda:ListEventSourceMappings"):
            pages = self._client.get_paginator("list_event_source_mappings").paginate(
                FunctionName=function
            )
            items = [item for page in pages for item in page["EventSourceMappings"]]
        return tuple(
            EventSource(
                uuid=item.get("UUID", ""),
                state=item.get("State", ""),
                source_arn=item.get("EventSourceArn", ""),
                table=table_of_stream(item.get("EventSourceArn", "")),
                last_result=item.get("LastProcessingResult"),
                reason=item.get("StateTransitionReason"),
            )
            for item in items
        )


def table_of_stream(arn: str) -> str | None:
    """The table's name within a stream ARN; None for any other kind of source."""
    match = _TABLE_STREAM.match(arn)
    return match[1] if match else None
