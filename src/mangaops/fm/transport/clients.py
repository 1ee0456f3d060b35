"""boto3's clients of the models, one for each region, with botocore's own retries off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 60.0
"""Bounds nothing but what is not part of an attempt: each attempt has its own clocks."""
POOL = 50


def clients_of(
    *,
    endpoint_url: str | None = None,
    session: Any = None,
    connect_timeout: float = CONNECT_TIMEOUT_S,
    max_pool_connections: int = POOL,
) -> Callable[[str], Any]:
    """Makes the client of a region; `session` is a boto3 session.

    What the configuration given here says wins over AWS_RETRY_MODE and AWS_MAX_ATTEMPTS.
    """

    def client_of(region: str) -> Any:
        import boto3  # noqa: PLC0415 - 0.3 s
        from botocore.config import Config  # noqa: PLC0415 - as above

        return (session or boto3.Session()).client(
            "bedrock-runtime",
            region_name=region,
            endpoint_url=endpoint_url,
            config=Config(
                retries={"total_max_attempts": 1, "mode": "standard"},
                connect_timeout=connect_timeout,
                read_timeout=READ_TIMEOUT_S,
                tcp_keepalive=True,
                max_pool_connections=max_pool_connections,
                user_agent_extra="mangaops",
            ),
        )

    return client_of


def refuse_retries(client: Any) -> None:
    """Raises ValueError for a client that may send a call more than once."""
    retries = client.meta.config.retries or {}
    if retries.get("total_max_attempts") != 1:
        raise ValueError(
            "this bedrock-runtime client retries on its own, and each retry is a generation that "
            'is paid: make it with botocore.config.Config(retries={"total_max_attempts": 1, '
            '"mode": "standard"}), or with mangaops.fm.transport.bedrock.clients_of'
        )
