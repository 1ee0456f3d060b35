"""Faults that any AWS operation can be given: what fails, how, and when.

    ssm:*=throttle                 every call of the service
    logs:StartQuery=denied         one operation
    *:Describe*=latency:250        250 ms more
    cloudwatch:GetMetricData=partial
    ecs:*=custom:ClientException:No such thing:400
    dynamodb:Query=server-error@first=2      the first two calls only
    *=drop@every=10@seed=7         every tenth; or @p=0.25
    ecs:UpdateService=lost@nth=2   the second one is carried out, and its answer is lost
    ecs:UpdateService=landed-error the call is carried out, and answered with a 500

The service is botocore's name or IAM's prefix; both parts take `*` and `?`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random
from typing import Any, assert_never

from mangaops.errors import InputError
from mangaops.sandbox.overlay import Fault

IAM_PREFIXES: Mapping[str, str] = {
    "opensearchserverless": "aoss",
    "service-quotas": "servicequotas",
    "bedrock-runtime": "bedrock",
    "dynamodbstreams": "dynamodb",
}
IAM_ACTIONS: Mapping[str, str] = {
    "bedrock:Converse": "bedrock:InvokeModel",
    "bedrock:ConverseStream": "bedrock:InvokeModelWithResponseStream",
    "dynamodb:TransactWriteItems": "dynamodb:UpdateItem",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
}
"""What IAM calls an operation, where that is another name."""


class Kind(StrEnum):
    THROTTLE = "throttle"
    SERVER_ERROR = "server-error"
    DENIED = "denied"
    LATENCY = "latency"
    DROP = "drop"
    LOST = "lost"
    LANDED_ERROR = "landed-error"
    PARTIAL = "partial"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fault. Without `probability`, `first`, `nth` and `every` it hits every matching call.

    `latency_ms` belongs to LATENCY, `code`, `message` and `status` to CUSTOM.
    """

    service: str = "*"
    operation: str = "*"
    kind: Kind
    probability: float | None = None
    first: int | None = None
    nth: int | None = None
    every: int | None = None
    seed: int = 1
    latency_ms: float = 0.0
    code: str = ""
    message: str = ""
    status: int = 400

    def matches(self, service: str, operation: str) -> bool:
        names = (service, IAM_PREFIXES.get(service, service))
        return fnmatchcase(operation, self.operation) and any(
            fnmatchcase(name, self.service) for name in names
        )


@dataclass(slots=True)
class _Armed:
    """A rule with its count of matching calls and its own random numbers."""

    rule: Rule
    random: Random
    seen: int = 0

    def strikes(self) -> bool:
        self.seen += 1
        rule = self.rule
        if rule.first is not None and self.seen > rule.first:
            return False
        if rule.nth is not None and self.seen != rule.nth:
            return False
        if rule.every is not None and self.seen % rule.every:
            return False
        return rule.probability is None or self.random.random() < rule.probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What the rules do to one call: `fault` and `drop` instead of it, `landed_fault` and
    `lost` after it was carried out.
    """

    latency_ms: float = 0.0
    fault: Fault | None = None
    drop: bool = False
    landed_fault: Fault | None = None
    lost: bool = False
    partial: bool = False


class Faults:
    """The rules in force; may be replaced while calls are served."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self.replace(rules)

    def replace(self, rules: Iterable[Rule]) -> None:
        with self._lock:
            self._armed = [_arm(rule) for rule in rules]

    def add(self, rules: Iterable[Rule]) -> None:
        with self._lock:
            self._armed += [_arm(rule) for rule in rules]

    def rules(self) -> tuple[Rule, ...]:
        with self._lock:
            return tuple(armed.rule for armed in self._armed)

    def strike(self, service: str, operation: str) -> Effects:
        """The effects on this call; counts it for every rule that matches."""
        with self._lock:
            struck = [
                armed.rule
                for armed in self._armed
                if armed.rule.matches(service, operation) and armed.strikes()
            ]
        kinds = {rule.kind for rule in struck}
        errors = (
            error(rule, service, operation) for rule in struck if rule.kind is not Kind.LANDED_ERROR
        )
        landed = (rule for rule in struck if rule.kind is Kind.LANDED_ERROR)
        return Effects(
            latency_ms=sum(rule.latency_ms for rule in struck),
            fault=next((fault for fault in errors if fault is not None), None),
            drop=Kind.DROP in kinds,
            landed_fault=next((error(rule, service, operation) for rule in landed), None),
            lost=Kind.LOST in kinds,
            partial=Kind.PARTIAL in kinds,
        )


def _arm(rule: Rule) -> _Armed:
    return _Armed(rule, Random(rule.seed))  # noqa: S311 - repeatable on purpose


_JSON_CODES: Mapping[Kind, tuple[str, int]] = {
    Kind.THROTTLE: ("ThrottlingException", 400),
    Kind.SERVER_ERROR: ("InternalServerError", 500),
    Kind.DENIED: ("AccessDeniedException", 400),
}
_QUERY_CODES: Mapping[Kind, tuple[str, int]] = {
    Kind.THROTTLE: ("Throttling", 400),
    Kind.SERVER_ERROR: ("InternalFailure", 500),
    Kind.DENIED: ("AccessDenied", 403),
}
_REST_CODES: Mapping[Kind, tuple[str, int]] = {
    Kind.THROTTLE: ("ThrottlingException", 429),
    Kind.SERVER_ERROR: ("InternalServerException", 500),
    Kind.DENIED: ("AccessDeniedException", 403),
}
_CODES: Mapping[str, Mapping[Kind, tuple[str, int]]] = {
    "cloudwatch": _QUERY_CODES,
    "sts": _QUERY_CODES,
    "iam": _QUERY_CODES,
    "elasticache": _QUERY_CODES,
    "bedrock": _REST_CODES,
    "bedrock-runtime": _REST_CODES,
    "logs": {**_JSON_CODES, Kind.SERVER_ERROR: ("ServiceUnavailableException", 500)},
    "lambda": {**_REST_CODES, Kind.THROTTLE: ("TooManyRequestsException", 429)},
    "s3": {
        Kind.THROTTLE: ("SlowDown", 503),
        Kind.SERVER_ERROR: ("InternalError", 500),
        Kind.DENIED: ("AccessDenied", 403),
    },
    "aoss-data": {
        Kind.THROTTLE: ("too_many_requests", 429),
        Kind.SERVER_ERROR: ("internal_server_error", 500),
        Kind.DENIED: ("Forbidden", 403),
    },
    "ec2": {
        Kind.THROTTLE: ("RequestLimitExceeded", 503),
        Kind.SERVER_ERROR: ("InternalError", 500),
        Kind.DENIED: ("UnauthorizedOperation", 403),
    },
}
"""Each service's own error code and HTTP status; the rest answer as JSON services do."""


def error(rule: Rule, service: str, operation: str) -> Fault | None:
    """The AWS error that a rule stands for; None for the kinds that are no error."""
    codes = _CODES.get(service, _JSON_CODES)
    kind = Kind.SERVER_ERROR if rule.kind is Kind.LANDED_ERROR else rule.kind
    code, status = codes.get(kind, ("", 0))
    match rule.kind:
        case Kind.THROTTLE:
            return Fault(code, "Rate exceeded", status)
        case Kind.SERVER_ERROR | Kind.LANDED_ERROR:
            return Fault(code, "Internal server error", status)
        case Kind.DENIED:
            return Fault(code, _denial(service, operation), status)
        case Kind.CUSTOM:
            return Fault(rule.code, rule.message, rule.status)
        case Kind.LATENCY | Kind.DROP | Kind.LOST | Kind.PARTIAL:
            return None
        case _:
            assert_never(rule.kind)


def _denial(service: str, operation: str) -> str:
    name = f"{IAM_PREFIXES.get(service, service)}:{operation}"
    action = IAM_ACTIONS.get(name, name)
    return (
        f"User: arn:aws:iam::123456789012:user/on-call is not authorized to perform: {action} "
        f"on resource: * because no identity-based policy allows the {action} action"
    )


def halve(result: Mapping[str, Any]) -> dict[str, Any]:
    """An answer with half of each of its lists, as a service in trouble gives it.

    Of GetMetricData's results each keeps the first half of its values and is PartialData.
    """
    if "MetricDataResults" in result:
        results = [_half_series(one) for one in result["MetricDataResults"]]
        return {**result, "MetricDataResults": results}
    return {
        key: value[: len(value) // 2] if isinstance(value, list) else value
        for key, value in result.items()
    }


def _half_series(series: Mapping[str, Any]) -> dict[str, Any]:
    kept = len(series["Values"]) // 2
    return {
        **series,
        "Values": series["Values"][:kept],
        "Timestamps": series["Timestamps"][:kept],
        "StatusCode": "PartialData",
    }


def parse(text: str) -> Rule:
    """A rule as an operator types it; see the module's docstring. Raises InputError."""
    target, _, rest = text.partition("=")
    effect, *options = rest.split("@")
    service, _, operation = target.partition(":")
    name, *details = effect.split(":")
    try:
        fields = {
            "service": service.strip() or "*",
            "operation": operation.strip() or "*",
            "kind": Kind(name.strip()),
            **_details(Kind(name.strip()), details),
            **_schedule(options),
        }
        return Rule(**fields)
    except (ValueError, TypeError) as wrong:
        kinds = ", ".join(Kind)
        raise InputError(
            f"not a fault: {text!r}",
            where="--fault",
            hint=f"write SERVICE:OPERATION=KIND, with KIND one of {kinds}; "
            "for example ssm:GetParameter=throttle@first=2",
        ) from wrong


def _details(kind: Kind, details: list[str]) -> dict[str, Any]:
    if kind is Kind.LATENCY:
        return {"latency_ms": float(details[0] if details else "x")}
    if kind is not Kind.CUSTOM:
        return {}
    code, message, status = [*details, "", "", ""][:3]
    if not code:
        raise ValueError("custom needs a code")
    return {"code": code, "message": message or code, "status": int(status or 400)}


def _schedule(options: list[str]) -> dict[str, Any]:
    readers: Mapping[str, tuple[str, type[float | int]]] = {
        "p": ("probability", float),
        "first": ("first", int),
        "nth": ("nth", int),
        "every": ("every", int),
        "seed": ("seed", int),
    }
    found: dict[str, Any] = {}
    for option in options:
        name, _, value = option.partition("=")
        if name not in readers:
            raise ValueError(name)
        key, reader = readers[name]
        found[key] = reader(value)
    return found


def from_mapping(fields: Mapping[str, Any]) -> Rule:
    """A rule from JSON or a scenario's YAML: Rule's fields by name. Raises InputError."""
    known = {**fields, "kind": Kind(fields["kind"])} if fields.get("kind") in list(Kind) else {}
    try:
        return Rule(**known)
    except TypeError as wrong:
        raise InputError(
            f"not a fault: {dict(fields)}",
            where="faults",
            hint=f"fields: {', '.join(Rule.__slots__)}; kinds: {', '.join(Kind)}",
        ) from wrong
