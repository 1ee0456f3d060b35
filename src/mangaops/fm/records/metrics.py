"""Which metrics each record carries, for the dashboard and its alarms.

    BedrockCalls             1 for each call: the Sum counts them
    BedrockLatencyMs         of a call in which a model was asked; its p95 is BedrockLatencyP95
    TimeToFirstToken         of a call in which a model spoke
    UnansweredRate           1 when no model answered and one should have
    DegradedRate             1 when the answer is not the primary's own
    ResponseRepairRate       1 when the JSON of an answer was not valid as it came
    ValidationRejectionRate  1 when a request was not sent
    BedrockErrorRate         1 for an HTTP attempt that failed
    BedrockThrottleRate      1 for an HTTP attempt that was throttled; of one not sent neither
    CircuitBreakerState      0 closed, 1 half open, 2 open: at each call, and at each change

A rate is the Average of its 0 and 1, for any period and any dimension; the state's Maximum
says whether it was open. While it is, no attempts are made: UnansweredRate goes on.
Errors, throttles, unanswered calls and the breaker must ring within two minutes, so they
have a resolution of one second: 30 to 60 s for an alarm over 3 of 6 periods of 10 s.
Rule: the dimensions are none, Intent and Model, with a bounded set of values; never an id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, assert_never

from mangaops.fm.answer import Mode
from mangaops.fm.answers.repaired import RepairState
from mangaops.fm.defaults import TEMPLATES
from mangaops.fm.records.attempt import AttemptRecord
from mangaops.fm.records.call import CallRecord
from mangaops.fm.records.document import milliseconds
from mangaops.fm.records.emf import Measurement, Resolution, Unit, embedded
from mangaops.fm.records.status import Status
from mangaops.fm.records.stream import StreamEndRecord
from mangaops.fm.records.transition import TransitionRecord

NAMESPACE = "MangaAssist/Models"
INTENTS = frozenset(TEMPLATES)
OTHER = "other"
STATES: Mapping[str, int] = MappingProxyType({"closed": 0, "half_open": 1, "open": 2})
"""A breaker's state as a number; one that an operator forced open counts as open."""
_FORCED = "forced_open"

Record = CallRecord | AttemptRecord | TransitionRecord | StreamEndRecord
_FINE = frozenset({Status.SUCCESS, Status.BLOCKED, Status.CANCELLED})
"""Nothing failed: a refusal is an answer, and who hung up wanted none."""
_UNANSWERED = frozenset(Status) - _FINE - {Status.VALIDATION_ERROR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """`intents` are those that have series of their own; all others are `other`."""

    namespace: str = NAMESPACE
    intents: frozenset[str] = INTENTS

    def document(self, record: Record) -> dict[str, Any]:
        """The record as it is logged, with its metrics embedded."""
        match record:
            case CallRecord():
                return self._embedded(record, _of_call(record), self._labels(record))
            case AttemptRecord():
                return self._embedded(record, _of_attempt(record), self._labels(record))
            case TransitionRecord():
                measured = _of_state(record.after)
                return self._embedded(record, measured, {"Model": record.model})
            case StreamEndRecord():
                return record.document()
            case _:
                assert_never(record)

    def _labels(self, record: CallRecord | AttemptRecord) -> Mapping[str, str]:
        intent = record.intent if record.intent in self.intents else OTHER
        return {"Intent": intent, "Model": record.model}

    def _embedded(
        self,
        record: CallRecord | AttemptRecord | TransitionRecord,
        measurements: Iterable[Measurement],
        labels: Mapping[str, str],
    ) -> dict[str, Any]:
        return embedded(
            record.document(),
            list(measurements),
            namespace=self.namespace,
            at=record.at,
            labels=labels,
            dimension_sets=[(), *((name,) for name in labels)],
        )


def _of_call(record: CallRecord) -> Iterable[Measurement]:
    yield Measurement(name="BedrockCalls", value=1, unit=Unit.COUNT, resolution=Resolution.SECOND)
    if record.attempts and record.status is not Status.CANCELLED:
        yield from _duration("BedrockLatencyMs", record.latency_s)
    yield from _duration("TimeToFirstToken", record.first_token_s)
    yield _flag("UnansweredRate", record.status in _UNANSWERED, Resolution.SECOND)
    yield _flag("DegradedRate", record.mode is not Mode.PRIMARY)
    if record.repair is not None:
        yield _flag("ResponseRepairRate", record.repair.state is not RepairState.VALID)
    yield _flag("ValidationRejectionRate", record.status is Status.VALIDATION_ERROR)
    if record.breaker is not None:
        yield from _of_state(record.breaker)


def _of_attempt(record: AttemptRecord) -> Iterable[Measurement]:
    if not record.sent:
        return
    failed, throttled = record.status not in _FINE, record.status is Status.THROTTLED
    yield _flag("BedrockErrorRate", failed, Resolution.SECOND)
    yield _flag("BedrockThrottleRate", throttled, Resolution.SECOND)


def _of_state(state: str) -> Iterable[Measurement]:
    number = STATES.get("open" if state == _FORCED else state)
    if number is not None:
        yield Measurement(name="CircuitBreakerState", value=number, resolution=Resolution.SECOND)


def _duration(name: str, seconds: float | None) -> Iterable[Measurement]:
    value = milliseconds(seconds)
    if value is not None:
        yield Measurement(name=name, value=value, unit=Unit.MILLISECONDS)


def _flag(name: str, happened: bool, resolution: Resolution = Resolution.MINUTE) -> Measurement:
    return Measurement(name=name, value=int(happened), resolution=resolution)
