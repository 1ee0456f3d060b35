"""Calls to the foundation model, as the orchestrator logs and Bedrock counts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blackbox.cases import Case
from blackbox.seeding import Log, Metric, Minutes

LOG = "/mangaassist/orchestrator"
SONNET, HAIKU = "jp.anthropic.claude-sonnet-4-6", "jp.anthropic.claude-haiku-4-5-20251001-v1:0"
IDS = {"sonnet": SONNET, "haiku": HAIKU}


def counted(*, invocations: Minutes = 49.0, throttles: Minutes = 0.0) -> list[Metric]:
    """What Bedrock counts of each model: an invocation is a call that was not throttled."""
    return [
        Metric("AWS/Bedrock", name, minutes, {"ModelId": model})
        for model in (SONNET, HAIKU)
        for name, minutes in (("Invocations", invocations), ("InvocationThrottles", throttles))
    ]


def call(times: int, status: str = "success", code: str | None = None, **told: Any) -> Log:
    """Equal calls of the last minute. What is given as None is absent from the event."""
    ago_s, model = told.pop("ago_s", 71.0), told.pop("model", "sonnet")
    fields = {
        "log_type": "bedrock_call",
        "intent": "recommendation",
        "model": model,
        "model_id": IDS.get(model),
        "status": status,
        "error_code": code,
        "input_tokens": 1450,
        "output_tokens": 0 if code else 410,
        "latency_ms": 880,
        **told,
    }
    present = {name: value for name, value in fields.items() if value is not None}
    return Log(LOG, present, ago_s=ago_s, times=times)


def case(name: str, conclusion: str, logs: Sequence[Log], **more: Any) -> Case:
    metrics = more.pop("metrics", counted())
    return Case(name=name, metrics=metrics, logs=logs, conclusion=conclusion, **more)
