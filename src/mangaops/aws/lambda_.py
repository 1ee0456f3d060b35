"""Lambda: what feeds a function, and changes of that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
        return tuple(_event_source(item) for item in items)

    def readers(self, stream_arn: str) -> tuple[EventSource, ...]:
        """All mappings of a stream, whichever function they feed."""
        with translated("lambda:ListEventSourceMappings"):
            pages = self._client.get_paginator("list_event_source_mappings").paginate(
                EventSourceArn=stream_arn
            )
            items = [item for page in pages for item in page["EventSourceMappings"]]
        return tuple(_event_source(item) for item in items)

    def must_exist(self, function: str) -> None:
        """Raises AwsNotFound when there is no such function."""
        with translated("lambda:GetFunctionConfiguration"):
            self._client.get_function_configuration(FunctionName=function)

    def map_stream(
        self, function: str, stream_arn: str, *, retries: int, max_age_s: int, batch_size: int
    ) -> EventSource:
        """A new mapping from the oldest record that the stream still has. Sent once.

        A batch that fails is halved. There can be only one of a stream and a function.
        """
        with translated("lambda:CreateEventSourceMapping"):
            made = self._writer.create_event_source_mapping(
                FunctionName=function,
                EventSourceArn=stream_arn,
                StartingPosition="TRIM_HORIZON",
                BatchSize=batch_size,
                BisectBatchOnFunctionError=True,
                MaximumRetryAttempts=retries,
                MaximumRecordAgeInSeconds=max_age_s,
                Enabled=True,
            )
        return _event_source(made)

    def set_mapping(
        self,
        uuid: str,
        *,
        on: bool,
        bisect: bool | None = None,
        retries: int | None = None,
        max_age_s: int | None = None,
    ) -> None:
        """Sent once. A limit of None is left as it is, -1 takes it away."""
        limits = {
            "BisectBatchOnFunctionError": bisect,
            "MaximumRetryAttempts": retries,
            "MaximumRecordAgeInSeconds": max_age_s,
        }
        given: Any = {name: value for name, value in limits.items() if value is not None}
        with translated("lambda:UpdateEventSourceMapping"):
            self._writer.update_event_source_mapping(UUID=uuid, Enabled=on, **given)

    def delete_mapping(self, uuid: str) -> None:
        """Sent once."""
        with translated("lambda:DeleteEventSourceMapping"):
            self._writer.delete_event_source_mapping(UUID=uuid)

    @property
    def _writer(self) -> LambdaClient:
        client: LambdaClient = self._aws.writer("lambda")
        return client


def _event_source(item: Mapping[str, Any]) -> EventSource:
    return EventSource(
        uuid=item.get("UUID", ""),
        state=item.get("State", ""),
        source_arn=item.get("EventSourceArn", ""),
        table=table_of_stream(item.get("EventSourceArn", "")),
        last_result=item.get("LastProcessingResult"),
        reason=item.get("StateTransitionReason"),
        bisect=item.get("BisectBatchOnFunctionError"),
        retries=item.get("MaximumRetryAttempts"),
        max_age_s=item.get("MaximumRecordAgeInSeconds"),
        batch_size=item.get("BatchSize"),
        function=_function_of(item.get("FunctionArn", "")),
    )


def _function_of(arn: str) -> str:
    """`f` of `arn:aws:lambda:REGION:ACCOUNT:function:f`, also with an alias behind it."""
    return arn.partition(":function:")[2].partition(":")[0]


def table_of_stream(arn: str) -> str | None:
    """The table's name within a stream ARN; None for any other kind of source."""
    match = _TABLE_STREAM.match(arn)
    return match[1] if match else None
