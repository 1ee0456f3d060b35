from __future__ import annotations

from typing import Any

import pytest

from mangaops.sandbox.services import service_quotas
from mangaops.sandbox.services.service_quotas import QuotaState
from mangaops.sandbox.world import World
from support.overlay_calls import Caller, StandingClock

HAIKU = "Cross-region model inference tokens per minute for Anthropic Claude Haiku 4.5"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def world(clock: StandingClock) -> World:
    return World(clock=clock)


@pytest.fixture
def call(world: World) -> Caller:
    return Caller(world, "service-quotas", service_quotas.OPERATIONS)


def rows(call: Caller, operation: str = "ListServiceQuotas") -> dict[str, Any]:
    found: list[Any] = []
    token: dict[str, str] = {}
    while True:
        page = call(operation, ServiceCode="bedrock", **token)
        found += page["Quotas"]
        if "NextToken" not in page:
            return {row["QuotaName"]: row for row in found}
        token = {"NextToken": page["NextToken"]}


def test_each_model_has_a_row_for_each_way_to_reach_it(call: Caller) -> None:
    names = [name for name in rows(call) if "tokens" in name and "Sonnet 4.6" in name]
    assert names == [
        "On-demand model inference tokens per minute for Anthropic Claude Sonnet 4.6",
        "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.6",
        "Global cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.6",
    ]
    assert rows(call)[HAIKU]["QuotaCode"] == "L-58BE175A"
    assert rows(call) == rows(call, "ListAWSDefaultServiceQuotas")


def test_codes_are_unique(call: Caller) -> None:
    codes = [row["QuotaCode"] for row in rows(call).values()]
    assert len(codes) == len(set(codes)) == 30


def test_an_increase_is_requested_once(call: Caller, clock: StandingClock) -> None:
    row = rows(call)[HAIKU]
    wanted = {
        "ServiceCode": "bedrock",
        "QuotaCode": row["QuotaCode"],
        "DesiredValue": row["Value"] * 2,
    }
    request = call("RequestServiceQuotaIncrease", **wanted)["RequestedQuota"]
    assert (request["Status"], request["DesiredValue"]) == ("PENDING", 4_000_000.0)
    again = call.fault("RequestServiceQuotaIncrease", **wanted)
    assert again.code == "ResourceAlreadyExistsException"
    clock.move(6)
    later = call("GetRequestedServiceQuotaChange", RequestId=request["Id"])["RequestedQuota"]
    assert later["Status"] == "CASE_OPENED"
    history = call(
        "ListRequestedServiceQuotaChangeHistoryByQuota",
        ServiceCode="bedrock",
        QuotaCode=row["QuotaCode"],
    )
    assert [each["Id"] for each in history["RequestedQuotas"]] == [request["Id"]]
    assert rows(call)[HAIKU]["Value"] == row["Value"]


def test_an_approved_request_applies(call: Caller, world: World) -> None:
    code = rows(call)[HAIKU]["QuotaCode"]
    wanted = {"ServiceCode": "bedrock", "QuotaCode": code, "DesiredValue": 5e6}
    request = call("RequestServiceQuotaIncrease", **wanted)["RequestedQuota"]
    world.state(QuotaState).decide(request["Id"], "APPROVED", now=world.now())
    assert call("GetServiceQuota", ServiceCode="bedrock", QuotaCode=code)["Quota"]["Value"] == 5e6
    default = call("GetAWSDefaultServiceQuota", ServiceCode="bedrock", QuotaCode=code)
    assert default["Quota"]["Value"] == 2e6


def test_what_aws_would_refuse_is_refused(call: Caller) -> None:
    code = rows(call)[HAIKU]["QuotaCode"]
    on_demand = HAIKU.replace("Cross-region", "On-demand")
    fixed = rows(call)[on_demand]["QuotaCode"]
    codes = [
        call.fault("ListServiceQuotas", ServiceCode="nothing").code,
        call.fault("GetServiceQuota", ServiceCode="bedrock", QuotaCode="L-0").code,
        call.fault("GetRequestedServiceQuotaChange", RequestId="abc").code,
        call.fault(
            "RequestServiceQuotaIncrease", ServiceCode="bedrock", QuotaCode=code, DesiredValue=1.0
        ).code,
        call.fault(
            "RequestServiceQuotaIncrease", ServiceCode="bedrock", QuotaCode=fixed, DesiredValue=9.0
        ).code,
    ]
    assert codes == ["NoSuchResourceException"] * 3 + ["IllegalArgumentException"] * 2
