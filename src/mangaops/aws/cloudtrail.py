"""CloudTrail by event name, within the two requests a second that an account has.

Unfiltered look-ups drown in InvokeModel, which is a management event. LookupEvents
takes one attribute, so every name is a look-up of its own. What was done in the
last minutes may be missing: events appear after about 5 minutes, at most 15.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.model.resources import TrailEvent, TrailEvents
from mangaops.model.time import Window

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudtrail.type_defs import EventTypeDef, LookupEventsRequestTypeDef

SECONDS_BETWEEN_REQUESTS = 0.5
MOST_PAGES = 4
"""200 events of one name; the incident's own changes are among the newest."""


class Pace:
    """Gives everyone who asks, from whichever thread, a moment of their own to go ahead."""

    def __init__(self, seconds: float, *, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._free_at: float | None = None
        self._lock = threading.Lock()

    def take(self) -> float:
        """Takes the next free moment; answers how many seconds it is away."""
        with self._lock:
            now = self._monotonic()
            at = now if self._free_at is None else max(now, self._free_at)
            self._free_at = at + self._seconds
        return at - now


class CloudTrailGateway:
    def __init__(self, aws: Aws, *, monotonic: Callable[[], float]) -> None:
        self._aws = aws
        self._pace = Pace(SECONDS_BETWEEN_REQUESTS, monotonic=monotonic)

    @property
    def _client(self) -> CloudTrailClient:
        client: CloudTrailClient = self._aws.client("cloudtrail")
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def events(self, name: str, window: Window, *, wait: Callable[[float], object]) -> TrailEvents:
        """Events of this name in the window, newest first. `wait` sleeps for so many seconds."""
        found: list[TrailEvent] = []
        token = ""
        for _ in range(MOST_PAGES):
            away = self._pace.take()
            if away > 0:
                wait(away)
            items, token = self._page(name, window, token)
            found += items
            if not token:
                break
        return TrailEvents(events=tuple(found), more=bool(token))

    def _page(self, name: str, window: Window, token: str) -> tuple[list[TrailEvent], str]:
        request: LookupEventsRequestTypeDef = {
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
            "StartTime": window.start,
            "EndTime": window.end,
            "MaxResults": 50,
        }
        if token:
            request["NextToken"] = token
        with translated("cloudtrail:LookupEvents"):
            answer = self._client.lookup_events(**request)
        return [_event(item) for item in answer.get("Events", [])], answer.get("NextToken", "")


def _event(item: EventTypeDef) -> TrailEvent:
    record = _record(item.get("CloudTrailEvent", ""))
    return TrailEvent(
        at=item.get("EventTime"),
        event=item.get("EventName", ""),
        user=_user(record) or item.get("Username"),
        resource=_listed_resource(item) or _requested_resource(record),
    )


def _record(text: str) -> dict[str, object]:
    """The event as CloudTrail keeps it; empty when it is no JSON object."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _user(record: dict[str, object]) -> str | None:
    """Who did it: the ARN says role and session, the bare name only one of them."""
    identity = record.get("userIdentity")
    if not isinstance(identity, dict):
        return None
    told = (identity.get(key) for key in ("arn", "userName", "invokedBy"))
    return next((text for text in told if isinstance(text, str) and text), None)


def _listed_resource(item: EventTypeDef) -> str | None:
    names = [resource.get("ResourceName", "") for resource in item.get("Resources", [])]
    return ", ".join(sorted(name for name in names if name)) or None


_NAMED_IN_REQUEST = (
    "service",
    "name",
    "functionName",
    "id",
    "family",
    "resourceId",
    "replicationGroupId",
    "alarmName",
    "changeSetName",
    "tableName",
)
"""Request parameters that name what was changed, for the calls the runbooks look up."""


def _requested_resource(record: dict[str, object]) -> str | None:
    request = record.get("requestParameters")
    if not isinstance(request, dict):
        return None
    told = (request.get(key) for key in _NAMED_IN_REQUEST)
    return next((text for text in told if isinstance(text, str) and text), None)
