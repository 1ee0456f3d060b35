"""Calling overlay handlers directly, with a clock that stands still and answers checked.

Every answer is validated against botocore's output shape, its enums included.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from botocore.session import Session
from botocore.validate import ParamValidator

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.world import World

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class StandingClock:
    """Tells the same time until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Caller:
    """One service of one world, called as boto3 would call it."""

    def __init__(
        self, world: World, service: str, operations: Mapping[str, Handler], region: str = ""
    ) -> None:
        self.world = world
        self.service = service
        self.operations = operations
        self.region = region or world.region

    def __call__(self, operation: str, **params: Any) -> Mapping[str, Any]:
        call = Call(
            service=self.service,
            operation=operation,
            params=params,
            region=self.region,
            account=self.world.account,
            caller=self.world.caller,
        )
        answer = self.operations[operation](self.world, call)
        shape = _operation(self.service, operation).output_shape
        if shape is not None:
            check(shape, answer)
        return answer

    def fault(self, operation: str, **params: Any) -> Fault:
        """The error that the call is refused with; its code must be in botocore's model."""
        try:
            answer = self(operation, **params)
        except Fault as fault:
            return fault
        raise AssertionError(f"{operation} was not refused: {answer}")


def check(shape: Any, answer: Mapping[str, Any]) -> None:
    """Every member but a stream fits the shape, none is unknown, every enum is known."""
    streamed = getattr(shape, "event_stream_name", None)
    plain = dict(answer) if streamed is None else {**answer, streamed: {}}
    report = ParamValidator().validate(plain, shape)
    assert not report.has_errors(), report.generate_report()
    _check_enums(shape, plain, shape.name)


def _check_enums(shape: Any, value: Any, path: str) -> None:
    match shape.type_name:
        case "structure" if not getattr(shape, "is_document_type", False):
            for name, inner in value.items():
                assert name in shape.members, f"{path} has no {name}"
                _check_enums(shape.members[name], inner, f"{path}.{name}")
        case "list":
            for inner in value:
                _check_enums(shape.member, inner, path)
        case "map":
            for inner in value.values():
                _check_enums(shape.value, inner, path)
        case "string" if shape.enum:
            assert value in shape.enum, f"{path}: {value!r} is none of {shape.enum}"


@cache
def _session() -> Session:
    return Session()


@cache
def _operation(service: str, operation: str) -> Any:
    return _session().get_service_model(service).operation_model(operation)
