"""Credentials that expired before their time: fetched again, so that a second attempt can help.

botocore fetches them by its own clock alone. A token that was revoked, or a clock that is wrong,
would be sent again as it is.
"""

from __future__ import annotations

from typing import Any

from mangaops.fm.codes import EXPIRED


def expired(error: BaseException) -> bool:
    """Whether AWS says so."""
    response = getattr(error, "response", None)
    told = response.get("Error") if isinstance(response, dict) else None
    return isinstance(told, dict) and told.get("Code") in EXPIRED


def fetch_again(client: Any) -> bool:
    """False where they do not refresh themselves: a new client looks them up from the start.

    They are fetched by whoever signs the next request with them.
    """
    from botocore.credentials import RefreshableCredentials  # noqa: PLC0415 - 0.1 s

    signer = getattr(client, "_request_signer", None)  # there is no public way
    credentials: Any = getattr(signer, "_credentials", None)
    refreshing: Any = RefreshableCredentials
    if not isinstance(credentials, refreshing):
        return False
    credentials._expiry_time = credentials._time_fetcher()  # noqa: SLF001 - as above
    return True
