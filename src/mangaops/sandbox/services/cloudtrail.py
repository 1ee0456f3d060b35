"""CloudTrail LookupEvents: the management events of calls that were made to this sandbox.

Whoever serves a call tells of it: `record(world, call)` after it succeeded,
`record(world, call, fault)` after it was refused. Data events are never kept, as on
AWS: a DynamoDB item, an S3 object, a metric or a log event that was written does not
show. LookupEvents itself is limited to two requests a second.

For scenarios (`trail = world.state(CloudTrailState)`):

    trail.note("UpdateService", source="ecs.amazonaws.com", at=..., user="ci-deploy",
               resources=(("AWS::ECS::Service", "orchestrator"),), request={...})
    trail.delay = timedelta(minutes=5)   how late events appear; AWS: typically 5 minutes
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given, regional
from mangaops.sandbox.services.trail_names import (
    event_name,
    event_source,
    is_data_event,
    is_read_only,
    plain,
    resources_of,
)
from mangaops.sandbox.world import World

KEPT = 20_000
RETENTION = timedelta(days=90)
REQUESTS_A_SECOND = 2
PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One management event; `resources` are pairs of type and name."""

    id: str
    name: str
    source: str
    at: datetime
    user: str
    read_only: bool
    region: str
    access_key: str = "AKIASANDBOX000000000"
    resources: tuple[tuple[str, str], ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


class CloudTrailState:
    """The region's newest events and the times of the last lookups."""

    def __init__(self, world: World) -> None:
        self.region = world.region
        self.account = world.account
        self.random = Random("cloudtrail")  # noqa: S311 - ids, not secrets
        self.delay = timedelta(0)
        self.events: deque[TrailEvent] = deque(maxlen=KEPT)
        self.lookups: deque[datetime] = deque(maxlen=REQUESTS_A_SECOND)

    def note(
        self,
        name: str,
        *,
        source: str,
        at: datetime,
        user: str = "on-call",
        resources: tuple[tuple[str, str], ...] = (),
        request: Mapping[str, Any] | None = None,
    ) -> TrailEvent:
        """Add an event that no call made, for example a deployment before the incident."""
        event = TrailEvent(
            id=self.uuid(),
            name=name,
            source=source,
            at=at,
            user=user,
            read_only=is_read_only(name),
            region=self.region,
            resources=resources,
            request=request or {},
        )
        self.events.append(event)
        return event

    def uuid(self) -> str:
        digits = f"{self.random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def record(world: World, call: Call, fault: Fault | None = None) -> None:
    """Keep a call as a management event, if it is one. Call it under the world's lock."""
    if is_data_event(call.service, call.operation):
        return
    state = regional(world, call, CloudTrailState)
    state.events.append(
        TrailEvent(
            id=state.uuid(),
            name=event_name(call.service, call.operation),
            source=event_source(call.service),
            at=world.now().replace(microsecond=0),
            user=call.caller.rpartition("/")[2],
            read_only=is_read_only(call.operation),
            region=call.region,
            resources=resources_of(call.params),
            request=plain(call.params),
            error=None if fault is None else fault.code,
        )
    )


def lookup(world: World, call: Call) -> Mapping[str, Any]:
    state, now = regional(world, call, CloudTrailState), world.now()
    _limit(state, now)
    params = call.params
    start, end = _times(params, now)
    size = _size(params)
    attribute = _attribute(params)
    shown = [
        event
        for event in state.events
        if start <= event.at <= end
        and event.at + state.delay <= now
        and event.at >= now - RETENTION
        and (attribute is None or _has(event, *attribute))
    ]
    shown.sort(key=lambda event: event.at)
    shown.reverse()
    refusal = Fault("InvalidNextTokenException", "Invalid token was passed.")
    page, token = page_of(shown, params.get("NextToken"), size, refusal)
    events = [_answer(state, event) for event in page]
    return given({"Events": events, "NextToken": token})


def _limit(state: CloudTrailState, now: datetime) -> None:
    """Two requests in any second; a refused one does not count."""
    if len(state.lookups) == REQUESTS_A_SECOND and now - state.lookups[0] < timedelta(seconds=1):
        raise Fault("ThrottlingException", "Rate exceeded")
    state.lookups.append(now)


def _times(params: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    start = params.get("StartTime", now - RETENTION)
    end = params.get("EndTime", now)
    if start > end:
        message = "The start time must be before the end time."
        raise Fault("InvalidTimeRangeException", message)
    return start, end


def _size(params: Mapping[str, Any]) -> int:
    size = int(params.get("MaxResults", PAGE))
    if not 1 <= size <= PAGE:
        message = "MaxResults must be between 1 and 50."
        raise Fault("InvalidMaxResultsException", message)
    return size


def _attribute(params: Mapping[str, Any]) -> tuple[str, str] | None:
    attributes = params.get("LookupAttributes", [])
    if len(attributes) > 1:
        message = "You can specify only one lookup attribute."
        raise Fault("InvalidLookupAttributesException", message)
    for attribute in attributes:
        return attribute["AttributeKey"], attribute["AttributeValue"]
    return None


def _has(event: TrailEvent, key: str, value: str) -> bool:
    match key:
        case "ResourceType":
            return any(kind == value for kind, _ in event.resources)
        case "ResourceName":
            return any(name == value for _, name in event.resources)
        case _:
            values = {
                "EventId": event.id,
                "EventName": event.name,
                "ReadOnly": str(event.read_only).lower(),
                "Username": event.user,
                "EventSource": event.source,
                "AccessKeyId": event.access_key,
            }
            return values.get(key) == value


def _answer(state: CloudTrailState, event: TrailEvent) -> dict[str, Any]:
    return {
        "EventId": event.id,
        "EventName": event.name,
        "ReadOnly": str(event.read_only).lower(),
        "AccessKeyId": event.access_key,
        "EventTime": event.at,
        "EventSource": event.source,
        "Username": event.user,
        "Resources": [
            {"ResourceType": kind, "ResourceName": name} for kind, name in event.resources
        ],
        "CloudTrailEvent": json.dumps(_document(state, event)),
    }


def _document(state: CloudTrailState, event: TrailEvent) -> dict[str, Any]:
    return given(
        {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "IAMUser",
                "arn": f"arn:aws:iam::{state.account}:user/{event.user}",
                "accountId": state.account,
                "accessKeyId": event.access_key,
                "userName": event.user,
            },
            "eventTime": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": event.source,
            "eventName": event.name,
            "awsRegion": event.region,
            "sourceIPAddress": "127.0.0.1",
            "userAgent": "mangaops-sandbox",
            "errorCode": event.error,
            "requestParameters": dict(event.request),
            "responseElements": None,
            "eventID": event.id,
            "readOnly": event.read_only,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": state.account,
            "eventCategory": "Management",
        }
    )


OPERATIONS: Mapping[str, Handler] = {"LookupEvents": lookup}
