"""AWS Health, which lives in us-east-1 and answers only accounts with a support plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import AwsError
from mangaops.model.resources import HealthEvent

if TYPE_CHECKING:
    from mypy_boto3_health import HealthClient
    from mypy_boto3_health.type_defs import EventTypeDef

REGION = "us-east-1"
MOST_SERVICES_PER_CALL = 10
MOST_DETAILS_PER_CALL = 10


class HealthGateway:
    """`client` must be one for `REGION`."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> HealthClient:
        client: HealthClient = self._aws.client("health", region=REGION)
        return client

    def prepare(self) -> None:
        """Builds the client, so that the first call need not."""
        _ = self._client

    def events(self, services: Sequence[str], region: str) -> tuple[HealthEvent, ...]:
        """Open and upcoming events of these services here and of those without a region.

        Newest first. Raises an AwsError of code SubscriptionRequiredException where Health is not
        part of the support plan: nothing is known then.
        """
        found: dict[str, HealthEvent] = {}
        for start in range(0, len(services), MOST_SERVICES_PER_CALL):
            with translated("health:DescribeEvents"):
                pages = self._client.get_paginator("describe_events").paginate(
                    filter={
                        "services": list(services[start : start + MOST_SERVICES_PER_CALL]),
                        "regions": [region, "global"],
                        "eventStatusCodes": ["open", "upcoming"],
                    }
                )
                events = [_event(item) for page in pages for item in page["events"]]
            found.update((event.arn, event) for event in events)
        told = self._descriptions(list(found))
        described = [replace(event, description=told.get(event.arn)) for event in found.values()]
        described.sort(key=lambda event: event.arn)
        described.sort(key=_started, reverse=True)
        return tuple(described)

    def _descriptions(self, arns: Sequence[str]) -> Mapping[str, str]:
        """By ARN. An event counts without its text, so a failure here only leaves texts out."""
        told: dict[str, str] = {}
        for start in range(0, len(arns), MOST_DETAILS_PER_CALL):
            chunk = list(arns[start : start + MOST_DETAILS_PER_CALL])
            try:
                with translated("health:DescribeEventDetails"):
                    answer = self._client.describe_event_details(eventArns=chunk)
            except AwsError:
                return told
            for item in answer.get("successfulSet", []):
                arn = item.get("event", {}).get("arn", "")
                told[arn] = item.get("eventDescription", {}).get("latestDescription", "")
        return told


def _started(event: HealthEvent) -> float:
    return event.started_at.timestamp() if event.started_at else 0.0


def _event(item: EventTypeDef) -> HealthEvent:
    return HealthEvent(
        arn=item.get("arn", ""),
        service=item.get("service", ""),
        type=item.get("eventTypeCode", ""),
        status=item.get("statusCode", ""),
        region=item.get("region", ""),
        started_at=item.get("startTime"),
        description=None,
    )
