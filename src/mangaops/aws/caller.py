"""Who the caller is, and what time it is at AWS: one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws, Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """`at` is the Date of AWS's answer, in whole seconds; None if it had none."""

    identity: Identity
    at: datetime | None


def asked(aws: Aws) -> Answered:
    """By sts:GetCallerIdentity, which nobody can be denied."""
    with translated("sts:GetCallerIdentity"):
        answer = aws.client("sts").get_caller_identity()
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    identity = Identity(account=answer.get("Account", ""), arn=answer.get("Arn", ""))
    return Answered(identity=identity, at=_instant(headers.get("date", "")))


def _instant(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
