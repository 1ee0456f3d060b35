"""SSM parameters, their history and their change. Nothing is ever decrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.model.resources import ParameterVersion, StoredParameter

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

_SECURE = "SecureString"


class SsmGateway:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> SSMClient:
        client: SSMClient = self._aws.client("ssm")
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def parameter(self, name: str) -> StoredParameter:
        """Raises AwsNotFound when there is none of this name."""
        with translated("ssm:GetParameter"):
            answer = self._client.get_parameter(Name=name, WithDecryption=False)
        found = answer["Parameter"]
        return StoredParameter(
            name=found.get("Name", name),
            value=None if found.get("Type") == _SECURE else found.get("Value"),
            version=found.get("Version", 0),
            modified_at=found.get("LastModifiedDate"),
        )

    def put(self, name: str, value: str) -> int:
        """A new version of a parameter that exists; its number. Sent once.

        Its type is kept, as none is sent.
        """
        client: SSMClient = self._aws.writer("ssm")
        with translated("ssm:PutParameter"):
            answer = client.put_parameter(Name=name, Value=value, Overwrite=True)
        return answer["Version"]

    def tags(self, name: str) -> Mapping[str, str]:
        """By key; they tell which stack or tool owns the parameter."""
        with translated("ssm:ListTagsForResource"):
            answer = self._client.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
        return {tag["Key"]: tag["Value"] for tag in answer.get("TagList", ())}

    def history(self, name: str) -> tuple[ParameterVersion, ...]:
        """Newest first; SSM keeps the last 100 versions."""
        with translated("ssm:GetParameterHistory"):
            pages = self._client.get_paginator("get_parameter_history").paginate(
                Name=name, WithDecryption=False
            )
            items = [item for page in pages for item in page["Parameters"]]
        versions = [
            ParameterVersion(
                version=item.get("Version", 0),
                value=None if item.get("Type") == _SECURE else item.get("Value"),
                modified_at=item.get("LastModifiedDate"),
                modified_by=item.get("LastModifiedUser"),
            )
            for item in items
        ]
        return tuple(sorted(versions, key=lambda version: version.version, reverse=True))
