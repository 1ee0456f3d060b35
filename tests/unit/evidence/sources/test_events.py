"""`health_events`, `audit_trail` and `recent_changes`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from mangaops.errors import AwsDenied, AwsError, AwsNotFound, AwsRejected
from mangaops.evidence.source import Stopped
from mangaops.evidence.sources.audit_trail import AuditTrailReader
from mangaops.evidence.sources.health_events import NO_SUPPORT_PLAN, UNKNOWN, HealthEventsReader
from mangaops.evidence.sources.recent_changes import RecentChangesReader
from mangaops.model.evidence import Evidence, EvidenceState, Table
from mangaops.model.query import AuditTrailQuery, HealthEventsQuery, RecentChangesQuery
from mangaops.model.resources import (
    Deployment,
    HealthEvent,
    ParameterVersion,
    PromptVersion,
    PromptVersions,
    Service,
    TrailEvent,
    TrailEvents,
)
from mangaops.model.time import Window
from support.asking import WINDOW, Waiting, asked, at, declare

EVENT = HealthEvent(
    arn="arn:1",
    service="BEDROCK",
    type="AWS_BEDROCK_OPERATIONAL_ISSUE",
    status="open",
    region="ap-northeast-1",
    started_at=at(20),
    description="We see errors.",
)
HEALTH_QUERY = {
    "call": "health:DescribeEvents, health:DescribeEventDetails",
    "services": ["BEDROCK"],
    "regions": ["ap-northeast-1", "global"],
    "statuses": ["open", "upcoming"],
}
HEALTH_COLUMNS = ("arn", "service", "type", "status", "region", "started_at", "description")


@dataclass
class FakeHealth:
    answer: tuple[HealthEvent, ...] | AwsError = ()

    def prepare(self) -> None: ...

    def events(self, services: Sequence[str], region: str) -> tuple[HealthEvent, ...]:
        assert (tuple(services), region) == (("BEDROCK",), "ap-northeast-1")
        if isinstance(self.answer, AwsError):
            raise self.answer
        return self.answer


def _health(answer: tuple[HealthEvent, ...] | AwsError) -> Evidence:
    reader = HealthEventsReader(FakeHealth(answer), region="ap-northeast-1")
    return reader.read(declare(HealthEventsQuery(services=("BEDROCK",))), asked())


def test_an_open_event_is_a_row() -> None:
    row = {
        "arn": "arn:1",
        "service": "BEDROCK",
        "type": "AWS_BEDROCK_OPERATIONAL_ISSUE",
        "status": "open",
        "region": "ap-northeast-1",
        "started_at": at(20).timestamp(),
        "description": "We see errors.",
    }
    assert _health((EVENT,)) == Evidence(
        id="it",
        kind="health_events",
        state=EvidenceState.OK,
        value=Table(columns=HEALTH_COLUMNS, rows=(row,)),
        summary={"rows": 1, "open": 1, "types": ["AWS_BEDROCK_OPERATIONAL_ISSUE"]},
        query=HEALTH_QUERY,
        newest=at(20),
    )


def test_no_event_is_a_fact() -> None:
    assert _health(()) == Evidence(
        id="it",
        kind="health_events",
        state=EvidenceState.OK,
        value=Table(columns=HEALTH_COLUMNS, rows=()),
        summary={"rows": 0, "open": 0, "types": []},
        query=HEALTH_QUERY,
    )


def test_without_a_support_plan_nothing_is_known() -> None:
    assert _health(AwsRejected("no plan", code=NO_SUPPORT_PLAN)) == Evidence(
        id="it",
        kind="health_events",
        state=EvidenceState.DENIED,
        query=HEALTH_QUERY,
        detail=UNKNOWN,
    )
    assert "needs Business support or higher: unknown, not healthy" in UNKNOWN


@dataclass
class FakeTrail:
    answers: dict[str, TrailEvents]
    windows: list[Window] = field(default_factory=list)
    pause: float = 0.0

    def prepare(self) -> None: ...

    def events(self, name: str, window: Window, *, wait: Callable[[float], object]) -> TrailEvents:
        self.windows.append(window)
        if self.pause:
            wait(self.pause)
        return self.answers[name]


def _trail_event(minutes: float, name: str) -> TrailEvent:
    return TrailEvent(at=at(minutes), event=name, user="ana password=x", resource="orchestrator")


def _trail(trail: FakeTrail, query: AuditTrailQuery, stop: Waiting | None = None) -> Evidence:
    return AuditTrailReader(trail).read(declare(query), asked(stop=stop))


def test_events_of_all_names_are_one_list_newest_first() -> None:
    trail = FakeTrail(
        {
            "UpdateService": TrailEvents(events=(_trail_event(9, "UpdateService"),), more=True),
            "PutParameter": TrailEvents(events=(_trail_event(2, "PutParameter"),), more=False),
        }
    )
    query = AuditTrailQuery(events=("UpdateService", "PutParameter", "UpdateService"))
    rows = tuple(
        {
            "at": at(minutes).timestamp(),
            "event": name,
            "user": "ana password=[redacted]",
            "resource": "orchestrator",
        }
        for minutes, name in ((2, "PutParameter"), (9, "UpdateService"))
    )
    assert _trail(trail, query) == Evidence(
        id="it",
        kind="audit_trail",
        state=EvidenceState.OK,
        value=Table(columns=("at", "event", "user", "resource"), rows=rows),
        summary={"rows": 2, "events": {"PutParameter": 1, "UpdateService": 1}},
        query={
            "call": "cloudtrail:LookupEvents",
            "events": ["UpdateService", "PutParameter"],
            "from": "2026-11-21T11:00:00Z",
            "to": "2026-11-21T11:30:00Z",
        },
        newest=at(2),
        detail="older events left out: UpdateService",
        partial=True,
    )


def test_the_query_s_own_window_replaces_the_length() -> None:
    trail = FakeTrail({"A": TrailEvents(events=(), more=False)})
    evidence = _trail(trail, AuditTrailQuery(events=("A",), window=timedelta(hours=2)))
    assert trail.windows == [WINDOW.last(timedelta(hours=2))]
    assert (evidence.state, evidence.summary) == (EvidenceState.OK, {"rows": 0, "events": {}})


def test_a_stop_ends_the_waiting_for_the_next_look_up() -> None:
    trail = FakeTrail({"A": TrailEvents(events=(), more=False)}, pause=0.5)
    with pytest.raises(Stopped):
        _trail(trail, AuditTrailQuery(events=("A",)), stop=Waiting(requested=True))


@dataclass
class FakeWorld:
    """Prompts, services and parameters; `errors` by the part that fails."""

    errors: dict[str, AwsError] = field(default_factory=dict)

    def prepare(self) -> None: ...

    def _fail(self, part: str) -> None:
        if part in self.errors:
            raise self.errors[part]

    def prompt_versions(self, table: str) -> PromptVersions:
        assert table == "prompts"
        self._fail("prompts")
        ages = {"v2": at(100), "v1": at(60 * 24), "v0": None}
        versions = tuple(
            PromptVersion(
                intent="recommendation",
                version=version,
                active=version == "v2",
                prompt_tokens=None,
                max_output_tokens=None,
                activated_at=activated,
            )
            for version, activated in ages.items()
        )
        return PromptVersions(versions=versions, malformed=0)

    def service(self, cluster: str, service: str) -> Service:
        assert (cluster, service) == ("prod", "orchestrator")
        self._fail("services")
        deployment = Deployment(
            id="1",
            status="PRIMARY",
            rollout="COMPLETED",
            reason=None,
            task_definition="arn:x/orchestrator:7",
            created_at=at(50),
            updated_at=None,
            desired=4,
            running=4,
            failed=0,
        )
        return Service(
            desired=4,
            running=4,
            pending=0,
            controller="ECS",
            task_definition="arn:x/orchestrator:7",
            deployments=(deployment,),
            events=(),
        )

    def history(self, name: str) -> tuple[ParameterVersion, ...]:
        self._fail(name)
        return (
            ParameterVersion(version=2, value="0.6", modified_at=at(10), modified_by="ana"),
            ParameterVersion(version=1, value="0.3", modified_at=at(179), modified_by=None),
        )


def _changes(world: FakeWorld, *parameters: str) -> Evidence:
    query = RecentChangesQuery(
        table="prompts", cluster="prod", service="orchestrator", parameters=parameters
    )
    return RecentChangesReader(world, world, world).read(declare(query), asked())


def _change(minutes: float, kind: str, subject: str, what: str) -> dict[str, object]:
    return {"at": at(minutes).timestamp(), "kind": kind, "subject": subject, "what": what}


PROMPT = _change(100, "prompt", "recommendation", "prompt recommendation v2 activated")
DEPLOYMENT = _change(50, "deployment", "orchestrator", "deployment of orchestrator:7 (COMPLETED)")


def test_changes_of_all_kinds_are_one_list_newest_first() -> None:
    rows = (
        _change(10, "parameter", "/router", "/router: 0.3 -> 0.6 by ana"),
        DEPLOYMENT,
        PROMPT,
        _change(179, "parameter", "/router", "/router: not set -> 0.3"),
    )
    assert _changes(FakeWorld(), "/router") == Evidence(
        id="it",
        kind="recent_changes",
        state=EvidenceState.OK,
        value=Table(columns=("at", "kind", "subject", "what"), rows=rows),
        summary={"rows": 4, "kinds": {"deployment": 1, "parameter": 2, "prompt": 1}},
        query={
            "call": "dynamodb:Scan, ecs:DescribeServices, ssm:GetParameterHistory",
            "table": "prompts",
            "cluster": "prod",
            "service": "orchestrator",
            "parameters": ["/router"],
            "from": "2026-11-21T08:30:00Z",
            "to": "2026-11-21T11:30:00Z",
        },
        newest=at(10),
    )


def test_a_part_that_fails_is_named_and_the_rest_is_kept() -> None:
    world = FakeWorld(errors={"/gone": AwsNotFound("ParameterNotFound"), "services": AwsError("?")})
    evidence = _changes(world, "/gone")
    assert (evidence.state, evidence.value, evidence.detail) == (
        EvidenceState.OK,
        Table(columns=("at", "kind", "subject", "what"), rows=(PROMPT,)),
        "deployments not read: ?; history of /gone not read: ParameterNotFound",
    )


def test_where_every_part_fails_the_evidence_is_lost() -> None:
    world = FakeWorld(errors={"prompts": AwsNotFound("no table"), "services": AwsDenied("no")})
    evidence = _changes(world)
    assert (evidence.state, evidence.detail) == (EvidenceState.DENIED, "no")


def test_secrets_are_not_in_what_was_written() -> None:
    evidence = _changes(FakeWorld(), "/app/api-key")
    assert isinstance(evidence.value, Table)
    assert evidence.value.rows[0]["what"] == "/app/api-key: [redacted] -> [redacted] by ana"
