"""Service Quotas of Bedrock: on-demand and cross-region rows of the models, and requests.

Known cost: only the service code `bedrock` is known. The codes of rows are made up but
for one, as they are not stable on AWS either: find a row by its name.

For scenarios (`quotas = world.state(QuotaState)`):

    quotas.rows[code].value = 100_000        the applied value; `default` is AWS's
    quotas.decide(request_id, "APPROVED", now=world.now())   or DENIED, CASE_CLOSED, ...
    quotas.case_after = timedelta(seconds=5) when PENDING becomes CASE_OPENED
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given, regional, regional_arn
from mangaops.sandbox.world import World

SERVICE, SERVICE_NAME = "bedrock", "Amazon Bedrock"
LISTED_A_PAGE = 20
OPEN = ("PENDING", "CASE_OPENED")


@dataclass(slots=True, kw_only=True)
class Quota:
    """One row: `value` is what applies to the account, `default` what AWS gives everybody."""

    code: str
    name: str
    value: float
    default: float
    adjustable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request for an increase."""

    id: str
    code: str
    desired: float
    status: str
    requester: str
    created_at: datetime
    updated_at: datetime
    case: str | None = None


def _rows() -> dict[str, Quota]:
    """Per model a row for each way to reach it; on demand is not offered for the newest."""
    rows: dict[str, Quota] = {}
    models = (
        ("Anthropic Claude Sonnet 4.6", "A46", 1_000_000.0, 250.0),
        ("Anthropic Claude Haiku 4.5", "A45", 2_000_000.0, 500.0),
        ("Anthropic Claude Sonnet 4.5 V1", "B45", 1_000_000.0, 250.0),
        ("Amazon Nova Pro", "D01", 2_000_000.0, 500.0),
        ("Amazon Nova Lite", "D02", 4_000_000.0, 1000.0),
    )
    ways = (
        ("On-demand model inference", "0D", 0.0),
        ("Cross-region model inference", "CR", 1.0),
        ("Global cross-region model inference", "6C", 2.0),
    )
    for model, mark, tokens, requests in models:
        for way, short, factor in ways:
            reachable = 1.0 if factor == 0 and model.startswith("Amazon") else factor
            for unit, letter, amount in (("tokens", "F", tokens), ("requests", "E", requests)):
                code = f"L-{short}{mark}{letter}{len(rows):02d}"
                if model.endswith("Haiku 4.5") and (short, unit) == ("CR", "tokens"):
                    code = "L-58BE175A"
                value = amount * reachable
                rows[code] = Quota(
                    code=code,
                    name=f"{way} {unit} per minute for {model}",
                    value=value,
                    default=value,
                    adjustable=value > 0,
                )
    return rows


class QuotaState:
    """The rows by code and the requests, newest first."""

    def __init__(self, world: World) -> None:
        del world
        self.random = Random("service-quotas")  # noqa: S311 - ids, not secrets
        self.case_after = timedelta(seconds=5)
        self.rows = _rows()
        self.requests: list[Request] = []

    def decide(self, request_id: str, status: str, *, now: datetime) -> None:
        """Close a request as AWS Support would; APPROVED also applies the wanted value."""
        for index, request in enumerate(self.requests):
            if request.id == request_id:
                self.requests[index] = replace(request, status=status, updated_at=now)
                if status == "APPROVED":
                    self.rows[request.code].value = request.desired


def list_quotas(world: World, call: Call) -> Mapping[str, Any]:
    state, code = _state(world, call), call.params.get("QuotaCode")
    rows = [
        _row(call, each, each.value) for each in state.rows.values() if code in {None, each.code}
    ]
    return _paged("Quotas", rows, call.params)


def list_defaults(world: World, call: Call) -> Mapping[str, Any]:
    state = _state(world, call)
    rows = [_row(call, each, each.default) for each in state.rows.values()]
    return _paged("Quotas", rows, call.params)


def get_quota(world: World, call: Call) -> Mapping[str, Any]:
    row = _find(_state(world, call), call)
    return {"Quota": _row(call, row, row.value)}


def get_default(world: World, call: Call) -> Mapping[str, Any]:
    row = _find(_state(world, call), call)
    return {"Quota": _row(call, row, row.default)}


def request_increase(world: World, call: Call) -> Mapping[str, Any]:
    state, now = _state(world, call), world.now()
    row = _find(state, call)
    desired = float(call.params["DesiredValue"])
    if any(each.code == row.code and each.status in OPEN for each in state.requests):
        message = "Only one open service quota increase request is allowed per quota."
        raise Fault("ResourceAlreadyExistsException", message)
    if not row.adjustable:
        raise Fault("IllegalArgumentException", f"The quota {row.code} is not adjustable.")
    if desired <= row.value:
        message = "You must provide a quota value greater than the current quota value."
        raise Fault("IllegalArgumentException", message)
    request = Request(
        id=f"{state.random.getrandbits(128):032x}{state.random.getrandbits(32):08x}",
        code=row.code,
        desired=desired,
        status="PENDING",
        requester=call.caller,
        created_at=now,
        updated_at=now,
    )
    state.requests.insert(0, request)
    return {"RequestedQuota": _requested(call, state, request)}


def list_history(world: World, call: Call) -> Mapping[str, Any]:
    params = call.params
    state = _state(world, call) if "ServiceCode" in params else _all(world, call)
    requests = [
        _requested(call, state, each)
        for each in state.requests
        if params.get("Status") in {None, each.status}
        and params.get("QuotaCode") in {None, each.code}
    ]
    return _paged("RequestedQuotas", requests, params)


def list_history_of_quota(world: World, call: Call) -> Mapping[str, Any]:
    _find(_state(world, call), call)
    return list_history(world, call)


def get_request(world: World, call: Call) -> Mapping[str, Any]:
    state = _all(world, call)
    for request in state.requests:
        if request.id == call.params["RequestId"]:
            return {"RequestedQuota": _requested(call, state, request)}
    raise Fault("NoSuchResourceException", "The specified request does not exist.")


def _all(world: World, call: Call) -> QuotaState:
    """The region's state; a request that waited long enough has become a support case."""
    state, now = regional(world, call, QuotaState), world.now()
    for index, request in enumerate(state.requests):
        due = request.created_at + state.case_after
        if request.status == "PENDING" and now >= due:
            case = str(state.random.randrange(10**9, 10**10))
            state.requests[index] = replace(
                request, status="CASE_OPENED", case=case, updated_at=due
            )
    return state


def _state(world: World, call: Call) -> QuotaState:
    if call.params["ServiceCode"] != SERVICE:
        raise Fault(
            "NoSuchResourceException",
            "The request failed because the specified "
            f"service does not exist: {call.params['ServiceCode']}",
        )
    return _all(world, call)


def _find(state: QuotaState, call: Call) -> Quota:
    row = state.rows.get(call.params["QuotaCode"])
    if row is None:
        message = "The request failed because the specified quota does not exist."
        raise Fault("NoSuchResourceException", message)
    return row


def _row(call: Call, row: Quota, value: float) -> dict[str, Any]:
    return {
        "ServiceCode": SERVICE,
        "ServiceName": SERVICE_NAME,
        "QuotaArn": regional_arn(call, "servicequotas", f"{SERVICE}/{row.code}"),
        "QuotaCode": row.code,
        "QuotaName": row.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": row.adjustable,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }


def _requested(call: Call, state: QuotaState, request: Request) -> dict[str, Any]:
    return given(
        {
            "Id": request.id,
            "CaseId": request.case,
            "ServiceCode": SERVICE,
            "ServiceName": SERVICE_NAME,
            "QuotaCode": request.code,
            "QuotaName": state.rows[request.code].name,
            "DesiredValue": request.desired,
            "Status": request.status,
            "Created": request.created_at,
            "LastUpdated": request.updated_at,
            "Requester": request.requester,
            "QuotaArn": regional_arn(call, "servicequotas", f"{SERVICE}/{request.code}"),
            "GlobalQuota": False,
            "Unit": "None",
            "QuotaRequestedAtLevel": "ACCOUNT",
        }
    )


def _paged(name: str, items: list[dict[str, Any]], params: Mapping[str, Any]) -> dict[str, Any]:
    refusal = Fault("InvalidPaginationTokenException", "Invalid token was provided.")
    size = params.get("MaxResults", LISTED_A_PAGE)
    page, token = page_of(items, params.get("NextToken"), size, refusal)
    return given({name: page, "NextToken": token})


OPERATIONS: Mapping[str, Handler] = {
    "ListServiceQuotas": list_quotas,
    "ListAWSDefaultServiceQuotas": list_defaults,
    "GetServiceQuota": get_quota,
    "GetAWSDefaultServiceQuota": get_default,
    "RequestServiceQuotaIncrease": request_increase,
    "ListRequestedServiceQuotaChangeHistory": list_history,
    "ListRequestedServiceQuotaChangeHistoryByQuota": list_history_of_quota,
    "GetRequestedServiceQuotaChange": get_request,
}
