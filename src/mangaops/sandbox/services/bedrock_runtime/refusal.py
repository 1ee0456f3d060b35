"""What AWS says and counts of a call: errors with their hints, and the metrics of AWS/Bedrock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import assert_never

from mangaops.sandbox.model_faults import MESSAGES, Hint, ModelFault
from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.services.bedrock_runtime.answer import Answer
from mangaops.sandbox.world import World

NAMESPACE = "AWS/Bedrock"


def refuse(world: World, model_id: str, fault: ModelFault) -> Fault:
    """The AWS error of a fault, counted in the metric that AWS counts it in."""
    status = fault.http_status
    if fault.code == "ThrottlingException":
        count(world, model_id, InvocationThrottles=1)
    elif status >= 500 or fault.code in {"ModelErrorException", "ModelTimeoutException"}:
        count(world, model_id, InvocationServerErrors=1)
    else:
        count(world, model_id, InvocationClientErrors=1)
    error = error_of(fault)
    error.delay_s = fault.delay_s
    error.headers = hints(fault, world.now())
    return error


def error_of(fault: ModelFault) -> Fault:
    message = fault.message or MESSAGES.get(fault.code, fault.code)
    fields: dict[str, int | str] = {}
    if fault.code in {"ModelStreamErrorException", "ModelErrorException"}:
        fields = {"originalStatusCode": 500}
    if fault.code == "ModelStreamErrorException":
        fields["originalMessage"] = message
    return Fault(fault.code, message, fault.http_status, fields)


def hints(fault: ModelFault, now: datetime) -> Mapping[str, str]:
    """The header that says when to come back, if there is to be one."""
    seconds = fault.retry_after_s
    if seconds is None:
        return {}
    match fault.hint:
        case Hint.SECONDS:
            return {"Retry-After": f"{seconds:g}"}
        case Hint.DATE:
            at = now + timedelta(seconds=seconds)
            return {"Retry-After": format_datetime(at, usegmt=True)}
        case Hint.MILLISECONDS | Hint.AMAZON:
            return {str(fault.hint): f"{seconds * 1000:g}"}
        case _:
            assert_never(fault.hint)


def succeed(world: World, answer: Answer, *, streamed: bool) -> None:
    """Publish what AWS publishes of a call that succeeded."""
    count(
        world,
        answer.model_id,
        Invocations=1,
        OutputTokenCount=len(answer.pieces),
        InputTokenCount=answer.input_tokens,
    )
    measure(world, answer.model_id, "InvocationLatency", answer.milliseconds)
    if streamed:
        measure(world, answer.model_id, "TimeToFirstToken", round(answer.first_token_s * 1000))


def count(world: World, model_id: str, **metrics: float) -> None:
    for name, value in metrics.items():
        _put(world, model_id, name, value, "Count")


def measure(world: World, model_id: str, name: str, milliseconds: float) -> None:
    _put(world, model_id, name, milliseconds, "Milliseconds")


def _put(world: World, model_id: str, name: str, value: float, unit: str) -> None:
    at = world.now().timestamp()
    dimensions = {"ModelId": model_id.rpartition("/")[2]}
    world.metrics.put(NAMESPACE, name, dimensions, at, [value], unit=unit)
