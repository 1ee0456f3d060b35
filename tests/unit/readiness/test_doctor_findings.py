"""What doctor makes of what was read: metrics, resources, the clock, the lock table, writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from mangaops.errors import AwsDenied, AwsNotFound
from mangaops.model.condition import Place as FilePlace
from mangaops.model.evidence import Evidence, EvidenceState, Record
from mangaops.model.query import BenchComparisonQuery, CachedAnswersQuery, MetricQuery, Query
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.settings import Environment, RegionFrom
from mangaops.readiness.doctor import access, changes, metrics, resources
from mangaops.readiness.doctor.access import TableKey
from mangaops.readiness.doctor.asking import Part
from mangaops.readiness.doctor.finding import State
from mangaops.readiness.doctor.listing import Once
from mangaops.readiness.policies.actions import Place

NOW = datetime(2026, 1, 7, 12, tzinfo=UTC)
PINGS = MetricQuery(namespace="Chat", name="pool_pings", stat="Sum", dimensions={"Pool": "a"})


def part(query: Query, kind: str) -> Part:
    place = FilePlace(file="x.yaml", line=1, column=1)
    declared = EvidenceDeclaration(id="x/it", kind=kind, query=query, title="it", place=place)
    return Part(declaration=declared, users=())


def read(state: EvidenceState, detail: str = "", newest: datetime | None = None) -> Evidence:
    return Evidence(id="x/it", kind="any", state=state, detail=detail, newest=newest)


class Listed:
    """The namespace Chat: names with their dimensions. Without any, there is only Chats."""

    def __init__(self, **names: Sequence[Mapping[str, str]]) -> None:
        self.names = names
        self.asked = 0

    def metrics(
        self, namespace: str, name: str, *, recently: bool = False
    ) -> tuple[Mapping[str, str], ...]:
        del namespace, recently
        return tuple(self.names.get(name, ()))

    def metric_names(self, namespace: str) -> tuple[str, ...]:
        del namespace
        self.asked += 1
        return tuple(self.names)

    def namespaces(self) -> tuple[str, ...]:
        self.asked += 1
        return ("Chat",) if self.names else ("Chats", "AWS/Lambda")


@pytest.mark.parametrize(
    ("listed", "state", "detail", "hint"),
    [
        (
            Listed(pool_pings=[{"Pool": "a"}]),
            State.WARNING,
            "listed, but without data in the last 60 min",
            "check what publishes it: nothing is no proof of health",
        ),
        (
            Listed(pool_ping=[{"Pool": "a"}]),
            State.WARNING,
            "CloudWatch lists no Chat pool_pings {Pool=a}",
            'did you mean "pool_ping"?',
        ),
        (
            Listed(pool_pings=[{"Pool": "b"}]),
            State.WARNING,
            "CloudWatch lists no Chat pool_pings {Pool=a}",
            'did you mean "Pool=b"? (resources in mangaops.yaml)',
        ),
        (
            Listed(),
            State.WARNING,
            "CloudWatch lists nothing in Chat",
            'did you mean "Chats"?',
        ),
    ],
)
def test_a_silent_metric_is_told_from_one_that_is_not_listed(
    listed: Listed, state: State, detail: str, hint: str
) -> None:
    found = metrics.finding_of(part(PINGS, "metric"), read(EvidenceState.NO_DATA), listed, NOW)
    assert (found.state, found.detail, found.hint) == (state, detail, hint)
    assert found.lost == detail.startswith("CloudWatch lists no")
    assert found.unseen is not found.lost


@pytest.mark.parametrize(
    ("listed", "state", "lost", "unseen", "hint"),
    [
        (Listed(failures=[{}]), State.FINE, False, False, ""),
        (Listed(failure=[{}]), State.UNKNOWN, False, True, 'did you mean "failure"?'),
        (
            Listed(failures=[{"Pool": "b"}]),
            State.UNKNOWN,
            False,
            True,
            "it is listed with Pool=b (resources in mangaops.yaml)",
        ),
        (Listed(), State.WARNING, True, False, 'did you mean "Chats"?'),
    ],
)
def test_a_count_without_datapoints_is_fine_only_where_cloudwatch_lists_it(
    listed: Listed, state: State, lost: bool, unseen: bool, hint: str
) -> None:
    query = MetricQuery(namespace="Chat", name="failures", stat="Sum", sparse=True)
    nothing = read(EvidenceState.NO_DATA)
    found = metrics.finding_of(part(query, "metric"), nothing, listed, NOW)
    assert (found.state, found.lost, found.unseen, found.hint) == (state, lost, unseen, hint)


def test_a_stale_metric_is_lost() -> None:
    old = read(EvidenceState.STALE, "the newest data ended 25 min before the window did")
    found = metrics.finding_of(part(PINGS, "metric"), old, Listed(), NOW)
    assert (found.state, found.lost) == (State.WARNING, True)


def test_search_capacity_outside_groups_is_not_expected_while_all_are_in_one() -> None:
    query = MetricQuery(
        namespace="AWS/AOSS", name="SearchOCU", stat="Sum", dimensions={"ClientId": "*"}
    )
    grouped = {"ClientId": "1", "CollectionGroupName": "g"}
    listed = Listed(SearchOCU=[grouped])
    found = metrics.finding_of(part(query, "metric"), read(EvidenceState.NO_DATA), listed, NOW)
    assert (found.state, found.hint, found.lost) == (State.FINE, "", True)


def test_a_namespace_is_listed_once_for_several_metrics() -> None:
    listed = Listed()
    once = Once(listed)
    for name in ("a", "b"):
        query = MetricQuery(namespace="Chat", name=name, stat="Sum")
        metrics.finding_of(part(query, "metric"), read(EvidenceState.NO_DATA), once, NOW)
    assert listed.asked == 2


def test_a_metric_says_how_old_its_newest_data_is() -> None:
    fresh = read(EvidenceState.OK, newest=NOW - timedelta(minutes=2))
    found = metrics.finding_of(part(PINGS, "metric"), fresh, Listed(), NOW)
    assert (found.state, found.detail) == (State.FINE, "newest data 2 min ago")


def test_what_is_denied_ends_with_what_to_allow() -> None:
    denied = read(EvidenceState.DENIED, "ssm:GetParameter: may not; allow ssm:GetParameter")
    found = resources.finding_of(part(PINGS, "parameter"), denied, {}, Environment())
    assert (found.state, found.detail, found.hint, found.lost) == (
        State.PROBLEM,
        "denied: ssm:GetParameter: may not",
        "allow ssm:GetParameter",
        True,
    )


def test_a_cache_that_cannot_be_reached_has_its_ways_in() -> None:
    environment = Environment(region="eu-west-1", cache_url="rediss://u:secret@cache.example:6380")
    closed = read(EvidenceState.FAILED, "redis: no route; forward a port")
    query = CachedAnswersQuery()
    found = resources.finding_of(part(query, "cached_answers"), closed, {}, environment)
    text = "\n".join(found.commands)
    assert "host=cache.example,portNumber=6380,localPortNumber=6380" in text
    assert "export MANGAOPS_CACHE_URL='rediss://localhost:6380/0?ssl_check_hostname=false'" in text
    assert "aws ecs --region eu-west-1 run-task" in text
    assert "secret" not in text


@pytest.mark.parametrize(("store", "named"), [("", True), ("s3://bench/runs", False)])
def test_a_store_without_runs_is_no_problem(store: str, named: bool) -> None:
    nothing = read(EvidenceState.NO_DATA, "no runs")
    query = BenchComparisonQuery(store=store)
    found = resources.finding_of(part(query, "bench_comparison"), nothing, {}, Environment())
    assert (found.state, found.lost, found.unseen) == (State.WARNING, False, True)
    assert found.detail == "no runs"
    assert ("resources.bench_store" in found.hint) is named


def test_a_resource_that_was_read_is_fine() -> None:
    whole = Evidence(
        id="x/it", kind="any", state=EvidenceState.OK, value=Record(fields={"exists": False})
    )
    found = resources.finding_of(part(PINGS, "scaling_target"), whole, {}, Environment())
    assert (found.state, found.detail) == (State.FINE, "read")


@pytest.mark.parametrize(
    ("told", "state", "detail"),
    [
        (0, State.FINE, "as AWS's"),
        (30, State.FINE, "30 s behind AWS"),
        (-31, State.FINE, "30 s ahead of AWS"),
        (90, State.PROBLEM, "90 s behind AWS: windows begin and end at the wrong minute"),
        (600, State.PROBLEM, "600 s behind AWS: AWS refuses signatures that are off by 5 min"),
    ],
)
def test_the_clock_is_compared_with_aws(told: int, state: State, detail: str) -> None:
    found = access.of_clock(NOW + timedelta(seconds=told), NOW, NOW)
    assert (found.state, found.detail) == (state, detail)


def test_without_an_identity_the_clock_is_not_known_either() -> None:
    found = access.of_stranger(AwsDenied("no", operation="sts:GetCallerIdentity"))
    assert [(one.name, one.state) for one in found] == [
        ("credentials", State.UNKNOWN),
        ("clock", State.UNKNOWN),
    ]


def test_a_region_that_nobody_named_is_looked_at() -> None:
    named = access.of_region("eu-west-1", RegionFrom.PROFILE)
    assert (named.state, named.detail) == (State.FINE, "eu-west-1 (the AWS profile)")
    assert access.of_region("ap-northeast-1", RegionFrom.NOWHERE).state is State.WARNING


def test_an_answer_without_a_date_says_nothing_about_the_clock() -> None:
    assert access.of_clock(None, NOW, NOW).state is State.UNKNOWN


TABLE = Environment(lock_table="locks")


@pytest.mark.parametrize(
    ("environment", "key", "state"),
    [
        (Environment(), None, State.FINE),
        (Environment(protected=True), None, State.WARNING),
        (TABLE, TableKey(status="ACTIVE", hash="lock", hash_type="S"), State.FINE),
        (TABLE, TableKey(status="CREATING", hash="lock", hash_type="S"), State.WARNING),
        (TABLE, TableKey(status="ACTIVE", hash="id", hash_type="S"), State.PROBLEM),
        (TABLE, TableKey(status="ACTIVE", hash="lock", hash_type="N"), State.PROBLEM),
        (TABLE, TableKey(status="ACTIVE", hash="lock", hash_type="S", sort="at"), State.PROBLEM),
        (TABLE, AwsNotFound("gone"), State.PROBLEM),
        (TABLE, AwsDenied("no"), State.UNKNOWN),
    ],
)
def test_the_lock_table_must_have_its_key(
    environment: Environment, key: TableKey | None, state: State
) -> None:
    assert access.of_lock_table(environment, key).state is state


class Simulated:
    """Denies what it is told to; None: simulating is not allowed."""

    def __init__(self, said: Mapping[str, str] | None) -> None:
        self.said = said

    def decisions(
        self,
        caller: str,
        actions: Sequence[str],
        resources: Sequence[str],
        context: Mapping[str, Sequence[str]],
    ) -> Mapping[str, str]:
        del context
        assert (caller, bool(resources)) == ("arn:aws:iam::123456789012:user/ana", True)
        if self.said is None:
            raise AwsDenied("may not", operation="iam:SimulatePrincipalPolicy")
        return {action: self.said.get(action, "allowed") for action in actions}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, [("restart-service", State.FINE), ("route", State.FINE)]),
        (
            {"ssm:PutParameter": "denied"},
            [("restart-service", State.FINE), ("route", State.PROBLEM)],
        ),
        (
            {"ecs:UpdateService": "incomplete"},
            [("restart-service", State.UNKNOWN), ("route", State.FINE)],
        ),
        (None, [("writes", State.UNKNOWN)]),
    ],
)
def test_writes_are_as_iam_simulates_them(
    said: Mapping[str, str] | None, expected: list[tuple[str, State]]
) -> None:
    wanted = [
        changes.Wanted(remedy="restart-service", writes=("ecs:UpdateService",)),
        changes.Wanted(remedy="route", writes=("ssm:PutParameter",)),
    ]
    place = Place(region="ap-northeast-1", account="123456789012")
    caller = "arn:aws:iam::123456789012:user/ana"
    found = changes.findings(wanted, Simulated(said), caller, place, Environment())
    assert [(one.name, one.state) for one in found] == expected
