"""AWS Health: the events that a scenario sets, for any region name a client sends.

The real service has one endpoint (us-east-1); which region an event is about is a
field of the event. Status follows the clock: upcoming, open, closed. The AWS CLI of
version 1 overlooks AWS_ENDPOINT_URL for this service: give it `--endpoint-url`.

For scenarios (`health = world.state(HealthState)`):

    health.open_issue("BEDROCK", started_at=..., description="...")
    health.events.append(HealthEvent(...))     anything else
    health.subscribed = False                  no support plan: SubscriptionRequiredException
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given
from mangaops.sandbox.world import World

LISTED_A_PAGE = 10
MOST_DETAILED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthEvent:
    """One event. `ended_at` None means that it is not over; `entities` are what it touches."""

    arn: str
    service: str
    type_code: str
    region: str
    started_at: datetime
    updated_at: datetime
    description: str
    category: str = "issue"
    scope: str = "PUBLIC"
    ended_at: datetime | None = None
    entities: tuple[str, ...] = ()

    def status(self, now: datetime) -> str:
        if self.ended_at is not None and self.ended_at <= now:
            return "closed"
        return "upcoming" if self.started_at > now else "open"


class HealthState:
    """The account's events; `subscribed` is whether its support plan includes the API."""

    def __init__(self, world: World) -> None:
        self.home_region = world.region
        self.subscribed = True
        self.events: list[HealthEvent] = []

    def open_issue(
        self,
        service: str,
        *,
        started_at: datetime,
        description: str,
        region: str | None = None,
        ended_at: datetime | None = None,
    ) -> HealthEvent:
        """Add an operational issue of a service as Health names it (`BEDROCK`)."""
        where = region or self.home_region
        code = f"AWS_{service}_OPERATIONAL_ISSUE"
        unique = f"{code}_{len(self.events) + 1:05d}_{int(started_at.timestamp())}"
        event = HealthEvent(
            arn=f"arn:aws:health:{where}::event/{service}/{code}/{unique}",
            service=service,
            type_code=code,
            region=where,
            started_at=started_at,
            updated_at=ended_at or started_at,
            ended_at=ended_at,
            description=description,
        )
        self.events.append(event)
        return event


def describe_events(world: World, call: Call) -> Mapping[str, Any]:
    state, now = _state(world), world.now()
    asked = call.params.get("filter", {})
    events = [_event(each, now) for each in _newest(state) if _matches(each, asked, now)]
    return _paged("events", events, call.params)


def describe_details(world: World, call: Call) -> Mapping[str, Any]:
    state, now = _state(world), world.now()
    wanted = call.params["eventArns"]
    if not 0 < len(wanted) <= MOST_DETAILED:
        raise Fault("ValidationException", "eventArns must have between 1 and 10 elements")
    known = {event.arn: event for event in state.events}
    found = [
        {
            "event": _event(known[arn], now),
            "eventDescription": {"latestDescription": known[arn].description},
            "eventMetadata": {},
        }
        for arn in wanted
        if arn in known
    ]
    failed = [
        {"eventArn": arn, "errorName": "InvalidArn", "errorMessage": "The event is not known."}
        for arn in wanted
        if arn not in known
    ]
    return {"successfulSet": found, "failedSet": failed}


def describe_entities(world: World, call: Call) -> Mapping[str, Any]:
    state, now = _state(world), world.now()
    asked = call.params["filter"]
    entities = [
        {
            "entityArn": f"arn:aws:health:{event.region}:{world.account}:entity/{number}",
            "eventArn": event.arn,
            "entityValue": value,
            "awsAccountId": world.account,
            "lastUpdatedTime": event.updated_at,
            "statusCode": "IMPAIRED" if event.status(now) == "open" else "UNIMPAIRED",
        }
        for event in state.events
        if event.arn in asked["eventArns"]
        for number, value in enumerate(event.entities, 1)
        if _among(asked, "entityValues", value)
    ]
    wanted = asked.get("statusCodes")
    entities = [each for each in entities if not wanted or each["statusCode"] in wanted]
    return _paged("entities", entities, call.params)


def _state(world: World) -> HealthState:
    state = world.state(HealthState)
    if not state.subscribed:
        message = "AWS Premium Support Subscription is required to use this service."
        raise Fault("SubscriptionRequiredException", message)
    return state


def _newest(state: HealthState) -> list[HealthEvent]:
    return sorted(state.events, key=lambda event: event.updated_at, reverse=True)


def _matches(event: HealthEvent, asked: Mapping[str, Any], now: datetime) -> bool:
    return (
        _among(asked, "services", event.service)
        and _among(asked, "regions", event.region)
        and _among(asked, "eventArns", event.arn)
        and _among(asked, "eventTypeCodes", event.type_code)
        and _among(asked, "eventTypeCategories", event.category)
        and _among(asked, "eventStatusCodes", event.status(now))
        and _within(event.started_at, asked.get("startTimes"))
        and _within(event.ended_at, asked.get("endTimes"))
        and _within(event.updated_at, asked.get("lastUpdatedTimes"))
        and ("entityValues" not in asked or bool({*asked["entityValues"]} & {*event.entities}))
    )


def _among(asked: Mapping[str, Any], name: str, value: str) -> bool:
    return not asked.get(name) or value in asked[name]


def _within(at: datetime | None, ranges: Iterable[Mapping[str, datetime]] | None) -> bool:
    if ranges is None:
        return True
    return at is not None and any(
        ("from" not in each or at >= each["from"]) and ("to" not in each or at <= each["to"])
        for each in ranges
    )


def _event(event: HealthEvent, now: datetime) -> dict[str, Any]:
    return given(
        {
            "arn": event.arn,
            "service": event.service,
            "eventTypeCode": event.type_code,
            "eventTypeCategory": event.category,
            "region": event.region,
            "startTime": event.started_at,
            "endTime": event.ended_at,
            "lastUpdatedTime": event.updated_at,
            "statusCode": event.status(now),
            "eventScopeCode": event.scope,
        }
    )


def _paged(name: str, items: list[dict[str, Any]], params: Mapping[str, Any]) -> dict[str, Any]:
    refusal = Fault("InvalidPaginationToken", "The specified pagination token is not valid.")
    size = params.get("maxResults", LISTED_A_PAGE)
    page, token = page_of(items, params.get("nextToken"), size, refusal)
    return given({name: page, "nextToken": token})


OPERATIONS: Mapping[str, Handler] = {
    "DescribeEvents": describe_events,
    "DescribeEventDetails": describe_details,
    "DescribeAffectedEntities": describe_entities,
}
