"""S3 as a folder of run files: they are read, and new ones are put, never over another."""

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

    def beginning(self, bucket: str, key: str, size: int) -> str:
        """The first `size` bytes of an object as text, as far as they go."""
        with translated("s3:GetObject"):
            answer = self._client.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{size - 1}")
            return answer["Body"].read().decode("utf-8", errors="replace")

    def tagged(self, bucket: str, key: str) -> tuple[str, str]:
        """A whole object, and the tag of this version of it."""
        with translated("s3:GetObject"):
            answer = self._client.get_object(Bucket=bucket, Key=key)
            return answer["Body"].read().decode("utf-8", errors="replace"), answer["ETag"]

    def put(self, bucket: str, key: str, text: str, *, replacing: str | None = None) -> None:
        """A new object, sent once; or one in the place of the version with this tag.

        Raises AwsRejected with the code PreconditionFailed where another object is there.
        """
        client: S3Client = self._aws.writer("s3")
        body = text.encode()
        with translated("s3:PutObject"):
            if replacing is None:
                client.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")
            else:
                client.put_object(Bucket=bucket, Key=key, Body=body, IfMatch=replacing)
