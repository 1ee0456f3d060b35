"""raise-ocu and prewarm-search against the embedded AWS, through the real gateways."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mangaops.aws.opensearch import SearchGateway
from mangaops.aws.opensearch_changes import SearchChanges
from mangaops.aws.opensearch_data import SearchDataPlane
from mangaops.aws.session import Aws
from mangaops.errors import AwsDenied, AwsNotFound, Refused
from mangaops.model.plan import NothingToDo, Standing, compare
from mangaops.model.request import PrewarmSearch, RaiseOcu
from mangaops.model.resources import AccountLimits, VectorField
from mangaops.model.settings import Environment
from mangaops.remedy.action import Progress
from mangaops.remedy.actions.search.prewarm_search import PrewarmSearchRemedy
from mangaops.remedy.actions.search.raise_ocu import RaiseOcuRemedy
from support.followed import WaitingPen, drafted, followed

LOST = ["lost", "landed-error"]


@pytest.fixture
def environment(aws: Aws) -> Environment:
    return aws.environment


@pytest.fixture
def data(aws: Aws) -> Iterator[SearchDataPlane]:
    made = SearchDataPlane(aws)
    yield made
    made.close()


@pytest.fixture
def loose(client: Callable[..., Any], environment: Environment) -> Iterator[Environment]:
    """An environment whose collection is in no group; the account's limits are put back."""
    aoss = client("opensearchserverless")
    name = f"loose-{uuid4().hex[:12]}"
    made = aoss.create_collection(name=name, type="VECTORSEARCH")["createCollectionDetail"]
    yield replace(environment, resources={**environment.resources, "collection": name})
    aoss.delete_collection(id=made["id"])
    limits = {"maxSearchCapacityInOCU": 10, "maxIndexingCapacityInOCU": 10}
    aoss.update_account_settings(capacityLimits=limits)


def changes(aws: Aws) -> SearchChanges:
    return SearchChanges(aws, clock=lambda: datetime.now(UTC))


def test_the_line_of_the_aws_cli_does_the_same(
    aws: Aws, environment: Environment, aws_cli: Callable[..., Any]
) -> None:
    remedy = RaiseOcuRemedy(search=changes(aws), environment=environment)
    draft = drafted(remedy, RaiseOcu(minimum=4))
    (step,) = draft.steps
    words = shlex.split(draft.aws_cli[0])
    aws_cli(*words[1:])
    action = remedy.actions[step.action]
    assert compare(step, action.read(step)).standing is Standing.AFTER
    action.write(step.inverse(1), WaitingPen())


def test_a_read_only_run_cannot_raise_anything(environment: Environment) -> None:
    aws = Aws(environment, read_only=True)
    remedy = RaiseOcuRemedy(search=changes(aws), environment=environment)
    (step,) = drafted(remedy, RaiseOcu()).steps
    with pytest.raises(Refused, match="aoss:UpdateCollectionGroup would change something"):
        remedy.actions[step.action].write(step, WaitingPen())
    assert compare(step, remedy.actions[step.action].read(step)).standing is Standing.BEFORE
    aws.close()


@pytest.mark.parametrize("fault", [None, *LOST])
def test_the_account_s_maximum_is_raised_when_all_of_it_is_in_use(
    aws: Aws,
    loose: Environment,
    client: Callable[..., Any],
    administer: Callable[..., Any],
    fault: str | None,
) -> None:
    _use(client, 10)
    search = changes(aws)
    remedy = RaiseOcuRemedy(search=search, environment=loose)
    before = administer("GET", "state")["digest"]
    (step,) = drafted(remedy, RaiseOcu(minimum=8)).steps
    assert step.before == {"max_search": 10, "max_indexing": 10}
    if fault:
        administer("PUT", "faults", {"rules": [f"aoss:UpdateAccountSettings={fault}"]})
    action = remedy.actions[step.action]
    action.write(step, WaitingPen())
    assert followed(action, step).detail == "collections without a group may use 16 search OCU"
    assert search.account_limits() == AccountLimits(max_search=16, max_indexing=10)
    administer("DELETE", "faults")
    action.write(step.inverse(1), WaitingPen())
    assert administer("GET", "state")["digest"] == before


def test_below_the_account_s_maximum_there_is_nothing_to_set(
    aws: Aws, loose: Environment, client: Callable[..., Any]
) -> None:
    limits = {"maxSearchCapacityInOCU": 960, "maxIndexingCapacityInOCU": 10}
    client("opensearchserverless").update_account_settings(capacityLimits=limits)
    _use(client, 10)
    answer = RaiseOcuRemedy(search=changes(aws), environment=loose).draft(RaiseOcu())
    assert isinstance(answer, NothingToDo)
    name = loose.resources["collection"]
    assert answer.reason.startswith(f"nothing to set here: collection {name} is in no group")
    assert answer.reason.endswith("of the account's 960 search OCU are in use")
    assert answer.hint == "warm the index up: mangaops prewarm-search"


def _use(client: Callable[..., Any], ocu: float) -> None:
    """Adds to what other tests put into that minute: the metric is a sum."""
    datum = {
        "MetricName": "SearchOCU",
        "Dimensions": [{"Name": "ClientId", "Value": "123456789012"}],
        "Timestamp": datetime.now(UTC) - timedelta(minutes=3),
        "Value": ocu,
    }
    client("cloudwatch").put_metric_data(Namespace="AWS/AOSS", MetricData=[datum])


def test_an_index_is_warmed_up_over_one_connection(
    aws: Aws, environment: Environment, data: SearchDataPlane, administer: Callable[..., Any]
) -> None:
    before = administer("GET", "state")["digest"]
    remedy = PrewarmSearchRemedy(search=SearchGateway(aws), data=data, environment=environment)
    (step,) = drafted(remedy, PrewarmSearch(rate=50, count=20)).steps
    assert step.arguments["fields"] == {"embedding": 1024}
    pen = WaitingPen()
    action = remedy.actions[step.action]
    action.write(step, pen)
    assert followed(action, step).detail.startswith("20 of 20 queries sent, 0 failed; p95 ")
    assert aws.calls.by_operation["aoss:APIAccessAll"] == 21
    assert [result["sent"] for result in pen.results] == [20]
    assert administer("GET", "state")["digest"] == before


def test_a_read_only_run_may_search(environment: Environment) -> None:
    aws = Aws(environment, read_only=True)
    data = SearchDataPlane(aws)
    endpoint = SearchGateway(aws).collection("manga-products").endpoint or ""
    assert data.vector_fields(endpoint, "manga-products") == (
        VectorField(name="embedding", dimension=1024, kind="float"),
    )
    assert data.search(endpoint, "manga-products", {"size": 3, "query": {"match_all": {}}}) == 3
    data.close()
    aws.close()


def test_queries_that_the_index_refuses_are_counted(
    aws: Aws, environment: Environment, data: SearchDataPlane
) -> None:
    remedy = PrewarmSearchRemedy(search=SearchGateway(aws), data=data, environment=environment)
    line = '{"query": {"knn": {"embedding": {"vector": [0.5], "k": 3}}}}'
    (step,) = drafted(remedy, PrewarmSearch(queries=line, rate=50, count=20)).steps
    action = remedy.actions[step.action]
    action.write(step, WaitingPen())
    settled = action.settled(step)
    assert settled.progress is Progress.FAILED
    assert settled.detail.startswith("5 of 20 queries sent, 5 failed; the collection's endpoint")
    assert "invalid dimension" in settled.detail


def test_an_index_that_is_not_there_is_not_found(
    aws: Aws, environment: Environment, data: SearchDataPlane
) -> None:
    other = replace(environment, resources={**environment.resources, "index": "nothing"})
    remedy = PrewarmSearchRemedy(search=SearchGateway(aws), data=data, environment=other)
    with pytest.raises(AwsNotFound, match="the collection has no index nothing"):
        remedy.draft(PrewarmSearch())


def test_a_data_access_policy_that_lacks_the_caller_is_told(aws: Aws) -> None:
    data = SearchDataPlane(aws, signed_for="es")
    endpoint = SearchGateway(aws).collection("manga-products").endpoint or ""
    with closing(data), pytest.raises(AwsDenied, match="403") as denied:
        data.vector_fields(endpoint, "manga-products")
    assert denied.value.hint == (
        "allow aoss:APIAccessAll and add the caller to the data access policy"
    )
