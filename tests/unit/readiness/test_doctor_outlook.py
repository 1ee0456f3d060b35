"""What is lost, or was not seen, and what that leaves of a runbook; and targets of writes."""

from __future__ import annotations

from functools import cache

import pytest

from mangaops.errors import AwsDenied, AwsNotFound
from mangaops.model.runbook import Runbook
from mangaops.model.settings import Environment
from mangaops.readiness.doctor import targets
from mangaops.readiness.doctor.finding import Finding, Group, State, User
from mangaops.readiness.doctor.outlook import outlooks, weighed
from mangaops.readiness.doctor.targets import Target, TargetKind, targets_of
from mangaops.runbook.bind import bind
from mangaops.runbook.library import Library, shipped_folder

BUSINESS = ("abandonments", "clicks", "purchases")


@cache
def bound(name: str) -> Runbook:
    return bind(Library([shipped_folder()]).load(name), Environment(), {})


def missing(runbook: str, *ids: str, state: State = State.WARNING) -> list[Finding]:
    """Lost for a warning, else not seen."""
    lost = state is State.WARNING
    return [
        Finding(
            group=Group.METRICS,
            name=one,
            state=state,
            detail="",
            users=(User(runbook=runbook, evidence=one),),
            lost=lost,
            unseen=not lost,
        )
        for one in ids
    ]


def test_a_trigger_of_which_nothing_was_seen_cannot_be_decided() -> None:
    """A complaint (`--set product=`) would start it; as it is configured, nobody complains."""
    stale = bound("stale-recommendations")
    found = missing(stale.name, *BUSINESS, state=State.UNKNOWN)
    (outlook,) = outlooks([stale], found)
    assert (outlook.decidable, outlook.whole, outlook.unsaid) == (False, False, ())
    (other,) = outlooks([stale], found[1:])
    assert other.decidable


def test_what_was_not_seen_makes_nothing_impossible() -> None:
    drops = bound("websocket-drops")
    (outlook,) = outlooks([drops], missing(drops.name, "cancellations", state=State.UNKNOWN))
    assert not outlook.decidable
    assert {one.chance.value for one in outlook.prospects} == {"possible"}
    assert len(outlook.unsaid) == len(outlook.prospects)
    assert {one.because for one in outlook.unsaid} == {("cancellations",)}


@pytest.mark.parametrize(
    ("runbook", "evidence", "state"),
    [
        ("stale-recommendations", "abandonments", State.PROBLEM),
        ("first-token", "first_token", State.PROBLEM),
        ("first-token", "nat_idle", State.WARNING),
    ],
)
def test_a_loss_is_a_problem_where_a_trigger_or_a_diagnosis_hangs_on_it(
    runbook: str, evidence: str, state: State
) -> None:
    (found,) = weighed([bound(runbook)], missing(runbook, evidence))
    assert found.state is state


class Account:
    def look(self, target: Target) -> None:
        if target.name == "/no/such":
            raise AwsNotFound("there is none", operation="ssm:GetParameter")
        if target.kind is TargetKind.FUNCTION:
            raise AwsDenied("may not", operation="lambda:GetFunctionConfiguration", hint="allow")


def test_a_target_that_is_not_there_makes_its_remedy_impossible() -> None:
    at = Environment(
        resources={**Environment().resources, "router_threshold_parameter": "/no/such"}
    )
    names = ("enable-invalidation", "restart-service", "route")
    wanted = {name: targets_of(name, (), at) for name in names}
    place = "resources.router_threshold_parameter in mangaops.yaml"
    mapping, route = targets.findings(wanted, Account())
    assert (mapping.name, mapping.state, mapping.hint) == (names[0], State.UNKNOWN, "allow")
    assert (route.name, route.state, route.detail, route.hint) == (
        "route",
        State.PROBLEM,
        "impossible: there is no parameter /no/such",
        f"make it, or correct {place}, the region or the account",
    )


def test_set_parameter_writes_to_what_the_runbooks_name() -> None:
    sonnet = Environment().resources["sonnet_parameter"]
    assert targets_of("set-parameter", ["/x", sonnet, sonnet], Environment()) == (
        Target(kind=TargetKind.PARAMETER, name=sonnet, resource="sonnet_parameter"),
        Target(kind=TargetKind.PARAMETER, name="/x"),
    )
