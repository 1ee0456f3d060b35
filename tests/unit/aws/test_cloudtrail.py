from __future__ import annotations

import json
from typing import Any

from mangaops.aws.cloudtrail import CloudTrailGateway, Pace
from mangaops.model.resources import TrailEvent, TrailEvents
from support.asking import WINDOW, at
from support.stubbed import StubbedAws

ASKED = {
    "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "UpdateService"}],
    "StartTime": WINDOW.start,
    "EndTime": WINDOW.end,
    "MaxResults": 50,
}


class Sleeper:
    """A monotonic clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def _event(minutes: float, record: object = None, **more: Any) -> dict[str, Any]:
    told = {} if record is None else {"CloudTrailEvent": json.dumps(record)}
    return {"EventName": "UpdateService", "EventTime": at(minutes), **told, **more}


def _events(*answers: dict[str, Any]) -> tuple[TrailEvents, Sleeper]:
    aws, sleeper = StubbedAws("cloudtrail"), Sleeper()
    token: dict[str, str] = {}
    for answer in answers:
        aws.answers("lookup_events", {**ASKED, **token}, answer)
        token = {"NextToken": answer.get("NextToken", "")}
    gateway = CloudTrailGateway(aws, monotonic=sleeper.monotonic)
    found = gateway.events("UpdateService", WINDOW, wait=sleeper.wait)
    aws.done()
    return found, sleeper


def test_user_and_resource_come_from_the_record() -> None:
    record = {
        "userIdentity": {"arn": "arn:aws:sts::1:assumed-role/Deploy/ci"},
        "requestParameters": {"cluster": "prod", "service": "orchestrator"},
    }
    found, _ = _events({"Events": [_event(3, record, Username="ci")]})
    assert found == TrailEvents(
        events=(
            TrailEvent(
                at=at(3),
                event="UpdateService",
                user="arn:aws:sts::1:assumed-role/Deploy/ci",
                resource="orchestrator",
            ),
        ),
        more=False,
    )


def test_listed_resources_and_the_user_name_do_without_a_record() -> None:
    resources = [{"ResourceName": "b"}, {"ResourceName": "a"}]
    event = _event(3, Username="ci", Resources=resources, CloudTrailEvent="{broken")
    found, _ = _events({"Events": [event]})
    assert found.events[0] == TrailEvent(
        at=at(3), event="UpdateService", user="ci", resource="a, b"
    )


def test_pages_follow_each_other_at_two_a_second() -> None:
    pages = [{"Events": [_event(n)], "NextToken": f"t{n}"} for n in range(2)]
    found, sleeper = _events(*pages, {"Events": []})
    assert (len(found.events), found.more, sleeper.slept) == (2, False, [0.5, 0.5])


def test_older_events_are_left_out_after_four_pages() -> None:
    pages = [{"Events": [_event(n)], "NextToken": f"t{n}"} for n in range(4)]
    found, _ = _events(*pages)
    assert (len(found.events), found.more) == (4, True)


def test_everyone_gets_a_moment_of_their_own() -> None:
    sleeper = Sleeper()
    pace = Pace(0.5, monotonic=sleeper.monotonic)
    assert [pace.take() for _ in range(3)] == [0.0, 0.5, 1.0]
    sleeper.now += 10
    assert pace.take() == 0.0
