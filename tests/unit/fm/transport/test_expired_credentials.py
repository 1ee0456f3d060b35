"""A token that AWS calls expired is not sent a second time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import ClientError
from botocore.session import get_session

from mangaops.fm.requests.request import Request, user
from mangaops.fm.target import Target
from mangaops.fm.transport.bedrock import BedrockTransport, clients_of
from mangaops.fm.transport.raw import Limits
from support.model_wire import Line, whole, wired

TARGET = Target(model_id="jp.anthropic.claude-sonnet-4-6", region="ap-northeast-1")
ASKED = Request(intent="faq", messages=(user("Hours?"),), max_tokens=50)
PATIENT = Limits(first_token=60, idle=60, total=60)
EXPIRED = whole(
    b'{"message": "expired"}', "403 Forbidden", "x-amzn-ErrorType: ExpiredTokenException"
)


def refreshed(number: list[int]) -> dict[str, str]:
    number.append(1)
    far = datetime.now(UTC) + timedelta(hours=5)
    token = f"T{len(number)}"
    return {"access_key": "a", "secret_key": "s", "token": token, "expiry_time": far.isoformat()}


def tokens_of(credentials: Any) -> list[str]:
    """The tokens of two calls that are both refused, as AWS got them."""
    found: list[str] = []

    def client_of(region: str) -> Any:
        session = get_session()
        session._credentials = credentials() if callable(credentials) else credentials
        boto = boto3.Session(botocore_session=session, region_name=region)
        client = clients_of(endpoint_url=wire.address, session=boto)(region)
        client.meta.events.register(
            "before-send",
            lambda request, **_: found.append(request.headers["X-Amz-Security-Token"]),
        )
        return client

    with wired() as wire:
        wire.script = refuse
        transport = BedrockTransport(client_of, clock=lambda: 0.0)
        for send in (transport.call, transport.stream):
            with pytest.raises(ClientError, match="expired"):
                send(TARGET, ASKED, PATIENT)
        transport.close()
    return [one.decode() if isinstance(one, bytes) else one for one in found]


def refuse(line: Line) -> None:
    line.send(EXPIRED)


def test_credentials_that_refresh_are_fetched_again() -> None:
    number: list[int] = []
    made = RefreshableCredentials.create_from_metadata(
        refreshed(number), lambda: refreshed(number), "test"
    )
    assert tokens_of(made) == ["T1", "T2"]


def test_others_are_looked_up_from_the_start() -> None:
    number: list[int] = []

    def found() -> Credentials:
        number.append(1)
        return Credentials("a", "s", f"T{len(number)}")

    assert tokens_of(found) == ["T1", "T2"]
