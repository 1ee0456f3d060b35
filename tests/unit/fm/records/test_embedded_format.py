"""Metrics in records: their names, values and dimensions, within the limits of the format."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mangaops.fm import Failure, FailureClass, Mode
from mangaops.fm.answers.repaired import Repaired, RepairState
from mangaops.fm.records.attempt import AttemptRecord
from mangaops.fm.records.call import CallRecord
from mangaops.fm.records.emf import Measurement, Resolution, Unit, embedded
from mangaops.fm.records.fields import ATTEMPT_METRICS, CALL_METRICS, STATE_METRICS
from mangaops.fm.records.metrics import NAMESPACE, Metrics
from mangaops.fm.records.status import Status
from mangaops.fm.records.transition import TransitionRecord
from mangaops.sandbox.services.embedded_metrics import embedded_in

AT = datetime(2026, 11, 21, 20, 15, tzinfo=UTC)
METRICS = Metrics()


def call(**more: Any) -> CallRecord:
    fields: dict[str, Any] = {
        "at": AT,
        "correlation_id": "c-1",
        "intent": "faq",
        "model": "haiku",
        "model_id": "jp.anthropic.claude-haiku-4-5-20251001-v1:0",
        "status": Status.SUCCESS,
        "latency_s": 0.8,
        "attempts": 1,
        "retry_count": 0,
        "mode": Mode.PRIMARY,
        "first_token_s": 0.2,
        "repair": Repaired(state=RepairState.VALID),
        "breaker": "closed",
    }
    return CallRecord(**{**fields, **more})


def attempt(failure_class: FailureClass | None) -> AttemptRecord:
    failure = None if failure_class is None else Failure(failure_class=failure_class, code="X")
    return AttemptRecord(
        at=AT,
        correlation_id="c-1",
        attempt=1,
        intent="faq",
        model="haiku",
        model_id="m",
        region="ap-northeast-1",
        latency_s=0.1,
        failure=failure,
    )


def definitions(document: dict[str, Any]) -> dict[str, tuple[str, int]]:
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    return {one["Name"]: (one["Unit"], one["StorageResolution"]) for one in directive["Metrics"]}


def test_a_call_has_its_metrics_by_intent_and_by_model() -> None:
    document = METRICS.document(call())
    assert definitions(document) == {
        "BedrockCalls": ("Count", 1),
        "BedrockLatencyMs": ("Milliseconds", 60),
        "TimeToFirstToken": ("Milliseconds", 60),
        "UnansweredRate": ("None", 1),
        "DegradedRate": ("None", 60),
        "ResponseRepairRate": ("None", 60),
        "ValidationRejectionRate": ("None", 60),
        "CircuitBreakerState": ("None", 1),
    }
    assert {*definitions(document)} == {*CALL_METRICS, *STATE_METRICS}
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == NAMESPACE
    assert directive["Dimensions"] == [[], ["Intent"], ["Model"]]
    assert (document["Intent"], document["Model"]) == ("faq", "haiku")
    assert document["_aws"]["Timestamp"] == 1_795_292_100_000
    assert (document["BedrockLatencyMs"], document["TimeToFirstToken"]) == (800.0, 200.0)


@pytest.mark.parametrize(
    ("status", "unanswered", "rejected"),
    [
        (Status.SUCCESS, 0, 0),
        (Status.BLOCKED, 0, 0),
        (Status.CANCELLED, 0, 0),
        (Status.VALIDATION_ERROR, 0, 1),
        (Status.THROTTLED, 1, 0),
        (Status.TIMEOUT, 1, 0),
        (Status.INTERRUPTED, 1, 0),
        (Status.CIRCUIT_OPEN, 1, 0),
        (Status.RETRIES_EXHAUSTED, 1, 0),
        (Status.ERROR, 1, 0),
    ],
)
def test_rates_are_noughts_and_ones(status: Status, unanswered: int, rejected: int) -> None:
    document = METRICS.document(call(status=status))
    assert document["UnansweredRate"] == unanswered
    assert document["ValidationRejectionRate"] == rejected


def test_a_call_in_which_no_model_was_asked_has_no_latency_of_one() -> None:
    document = METRICS.document(
        call(
            attempts=0, status=Status.CIRCUIT_OPEN, first_token_s=None, repair=None, breaker="open"
        )
    )
    assert {*definitions(document)} == {
        "BedrockCalls",
        "UnansweredRate",
        "DegradedRate",
        "ValidationRejectionRate",
        "CircuitBreakerState",
    }
    assert document["CircuitBreakerState"] == 2
    assert "BedrockLatencyMs" not in document


@pytest.mark.parametrize(("state", "rate"), [("valid", 0), ("repaired", 1), ("unrepairable", 1)])
def test_json_that_did_not_come_valid_counts_as_repaired(state: str, rate: int) -> None:
    document = METRICS.document(call(repair=Repaired(state=RepairState(state))))
    assert document["ResponseRepairRate"] == rate


@pytest.mark.parametrize("mode", Mode)
def test_all_but_the_primarys_own_answer_is_degraded(mode: Mode) -> None:
    assert METRICS.document(call(mode=mode))["DegradedRate"] == int(mode > 1)


@pytest.mark.parametrize(
    ("failure_class", "failed", "throttled"),
    [
        (None, 0, 0),
        (FailureClass.THROTTLE, 1, 1),
        (FailureClass.TRANSIENT, 1, 0),
        (FailureClass.CLIENT_TIMEOUT, 1, 0),
        (FailureClass.REQUEST_BAD, 1, 0),
        (FailureClass.BLOCKED, 0, 0),
        (FailureClass.CANCELLED, 0, 0),
    ],
)
def test_an_attempt_tells_whether_it_failed(
    failure_class: FailureClass | None, failed: int, throttled: int
) -> None:
    document = METRICS.document(attempt(failure_class))
    assert {*definitions(document)} == {*ATTEMPT_METRICS}
    assert (document["BedrockErrorRate"], document["BedrockThrottleRate"]) == (failed, throttled)
    assert {resolution for _, resolution in definitions(document).values()} == {1}


def test_what_was_never_sent_is_no_error_of_a_model() -> None:
    document = METRICS.document(replace(attempt(FailureClass.CONFIG), sent=False))
    assert document["sent"] is False
    assert not {"_aws", *ATTEMPT_METRICS} & set(document)


@pytest.mark.parametrize(
    ("state", "number"), [("closed", 0), ("half_open", 1), ("open", 2), ("forced_open", 2)]
)
def test_a_breakers_state_is_a_number(state: str, number: int) -> None:
    change = TransitionRecord(
        at=AT, before="closed", after=state, reason="r", model="haiku", model_id="m"
    )
    document = METRICS.document(change)
    assert document["CircuitBreakerState"] == number
    assert document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[], ["Model"]]


def test_intents_that_are_not_known_share_one_series() -> None:
    document = METRICS.document(call(intent="whatever a caller wrote"))
    assert document["Intent"] == "other"
    assert document["intent"] == "whatever a caller wrote"
    own = Metrics(intents=frozenset({"returns"}), namespace="Shop/Models")
    assert own.document(call(intent="returns"))["Intent"] == "returns"


def test_no_id_is_a_dimension() -> None:
    for record in (call(), attempt(None)):
        document = METRICS.document(record)
        for directive in document["_aws"]["CloudWatchMetrics"]:
            assert {name for one in directive["Dimensions"] for name in one} <= {"Intent", "Model"}


def put(measurements: list[Measurement], **more: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"namespace": "Test", "at": AT, "labels": {"Model": "haiku"}}
    return embedded({"log_type": "x"}, measurements, **{**options, **more})


def test_more_than_a_hundred_metrics_are_several_directives() -> None:
    document = put([Measurement(name=f"m{number}", value=number) for number in range(250)])
    directives = document["_aws"]["CloudWatchMetrics"]
    assert [len(one["Metrics"]) for one in directives] == [100, 100, 50]
    assert document["m249"] == 249


def test_a_metric_has_at_most_a_hundred_values_all_of_them_numbers() -> None:
    values = (float("nan"), float("inf"), *map(float, range(150)))
    document = put([Measurement(name="m", value=values), Measurement(name="n", value=float("nan"))])
    assert document["m"] == list(range(100))
    assert "n" not in document
    assert put([Measurement(name="n", value=())]) == {"log_type": "x"}


@pytest.mark.parametrize("odd", [None, "x", 10**400, [], {}, float("inf"), (None, "x")], ids=repr)
def test_a_value_that_is_no_number_is_left_out(odd: Any) -> None:
    assert put([Measurement(name="m", value=odd)]) == {"log_type": "x"}
    assert put([Measurement(name="m", value=odd), Measurement(name="n", value=1)])["n"] == 1


def test_a_metric_takes_no_name_that_is_taken() -> None:
    names = ["log_type", "Model", "_aws", "m", "m"]
    measured = [Measurement(name=name, value=number) for number, name in enumerate(names)]
    document = put(measured, dimension_sets=[("Model",)])
    assert (document["log_type"], document["Model"], document["m"]) == ("x", "haiku", 3)
    assert [*definitions(document)] == ["m"]


def test_a_set_with_too_many_dimensions_or_without_a_value_is_left_out() -> None:
    many = [f"d{number}" for number in range(31)]
    labels = {"Model": "haiku", "Intent": "", **dict.fromkeys(many, "v")}
    one = [Measurement(name="m", value=1)]
    document = put(one, labels=labels, dimension_sets=[many, ("Intent",), ("Model",)])
    assert document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Model"]]
    assert put(one, dimension_sets=[many]) == {"log_type": "x"}


def test_what_is_embedded_is_what_cloudwatch_reads() -> None:
    measured = [
        Measurement(
            name="m", value=(1.0, 2.0), unit=Unit.MILLISECONDS, resolution=Resolution.SECOND
        )
    ]
    document = put(measured, dimension_sets=[(), ("Model",)])
    bare, by_model = embedded_in(json.dumps(document))
    assert (bare.values, bare.unit, bare.resolution) == ((1.0, 2.0), "Milliseconds", 1)
    assert (bare.dimensions, by_model.dimensions) == ({}, {"Model": "haiku"})
    assert by_model.at == AT.timestamp()
