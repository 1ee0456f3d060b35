"""S3 as a folder of run files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Gateway:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> S3Client:
        client: S3Client = self._aws.client("s3")
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def keys(self, bucket: str, prefix: str) -> tuple[str, ...]:
        """Every object's key under the prefix, in S3's order."""
        with translated("s3:ListBucket"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=prefix
            )
            return tuple(item["Key"] for page in pages for item in page.get("Contents", []))

    def text(self, bucket: str, key: str) -> str:
        """A whole object as UTF-8; bytes that are not become U+FFFD."""
        with translated("s3:GetObject"):
            answer = self._client.get_object(Bucket=bucket, Key=key)
            return answer["Body"].read().decode("utf-8", errors="replace")
