"""The orchestrator's log: model calls, their attempts, their parallel tasks, the breaker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.telemetry.log_mix import CallErrors, LogMix
from mangaops.sandbox.telemetry.normal import INTENTS, MODEL_IDS
from mangaops.sandbox.telemetry.shapes import poisson

Document = tuple[str, float, Mapping[str, object]]
"""Log group, second within the minute, event."""

ORCHESTRATOR = DEFAULT_RESOURCES["orchestrator_log"]
_PROBE_EVERY = 5
_WEIGHTS = {"greeting": 3, "faq": 6, "order_tracking": 4, "recommendation": 5, "comparison": 4}
_TOKENS: Mapping[str, tuple[int, int]] = {
    "greeting": (260, 60),
    "faq": (640, 180),
    "order_tracking": (700, 150),
    "recommendation": (2100, 420),
    "comparison": (2400, 520),
}
"""Intent -> normal input and output tokens."""
_TIMES = {"haiku": (150, 3.0), "sonnet": (520, 2.4)}
"""Model -> time to the first token, and milliseconds for each token of output."""
_MAX_OUTPUT = 900
_FAILED_LATENCY = {"timeout": 30_000.0, "throttled": 60.0}
_HTTP_STATUS = {
    "ThrottlingException": 429,
    "ResourceNotFoundException": 404,
    "AccessDeniedException": 403,
    "ValidationException": 400,
    "InternalServerException": 500,
    "ServiceUnavailableException": 503,
    "ModelTimeoutException": 408,
}


def pick(random: Random, weights: Mapping[str, float]) -> str:
    """One of the names, each as likely as its weight says."""
    return random.choices(list(weights), list(weights.values()))[0]


def calls_of(mix: LogMix, random: Random) -> Iterator[Document]:
    """The model calls of a minute, each with its attempts and tasks."""
    for _ in range(poisson(random, mix.calls.per_minute)):
        second = random.uniform(0, 59.9)
        intent = pick(random, _WEIGHTS)
        normal = 0.97 if INTENTS[intent] == "sonnet" else 0.02
        share = mix.calls.sonnet_share.get(intent, normal)
        model = "sonnet" if random.random() < share else "haiku"
        identity = {
            "correlation_id": f"c-{random.getrandbits(48):012x}",
            "session_hash": f"{random.getrandbits(32):08x}",
            "intent": intent,
            "model": model,
            "model_id": MODEL_IDS[model],
        }
        failure = _failure(mix.calls.errors, intent, model, random)
        call = _failed(identity, failure, random) if failure else _answered(identity, mix, random)
        yield ORCHESTRATOR, second, call
        yield from _attempts(call, second)
        yield from _tasks(mix, identity["correlation_id"], second, random)


def _failure(
    errors: Sequence[CallErrors], intent: str, model: str, random: Random
) -> CallErrors | None:
    drawn = random.random()
    for error in errors:
        if error.models and model not in error.models:
            continue
        if error.intents and intent not in error.intents:
            continue
        if drawn < error.share:
            return error
        drawn -= error.share
    return None


def _answered(identity: Mapping[str, str], mix: LogMix, random: Random) -> dict[str, object]:
    calls, intent = mix.calls, identity["intent"]
    changed = not calls.intents or intent in calls.intents
    grow_input, grow_output, slow = (
        (calls.input, calls.output, calls.latency) if changed else (1.0, 1.0, 1.0)
    )
    tokens_in, tokens_out = _TOKENS[intent]
    input_tokens = round(tokens_in * grow_input * random.uniform(0.9, 1.1))
    output_tokens = round(tokens_out * grow_output * random.uniform(0.8, 1.2))
    first, each = _TIMES[identity["model"]]
    first_token = first * slow * (1 + 0.3 * (grow_input - 1)) * random.uniform(0.8, 1.3)
    latency = first_token + each * output_tokens * slow * random.uniform(0.9, 1.1)
    repaired = random.random() < calls.repaired
    retries = int(random.random() < calls.retried)
    return {
        "log_type": "bedrock_call",
        **identity,
        "status": "success",
        "latency_ms": round(latency),
        "time_to_first_token_ms": round(first_token),
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "max_output_tokens": _MAX_OUTPUT,
        "retry_count": retries,
        "attempts": retries + 1,
        "stop_reason": "end_turn",
        "mode": 1,
        "prompt_version": "v2.0",
        "response_valid_json": random.random() >= calls.invalid,
        **({"repair": "repaired"} if repaired else {}),
    }


def _failed(identity: Mapping[str, str], error: CallErrors, random: Random) -> dict[str, object]:
    usual = _FAILED_LATENCY.get(error.status, 350.0)
    tokens_in, _ = _TOKENS[identity["intent"]]
    retried = 2 if error.status in {"throttled", "retries_exhausted"} else 0
    document: dict[str, object] = {
        "log_type": "bedrock_call",
        **identity,
        "status": error.status,
        "error_code": error.code,
        "error_message": error.message,
        "latency_ms": round(usual * random.uniform(0.8, 1.2)),
        "input_tokens": error.input_tokens or round(tokens_in * random.uniform(0.9, 1.1)),
        "max_output_tokens": _MAX_OUTPUT,
        "retry_count": retried,
        "attempts": retried + 1,
        "mode": 4,
        "prompt_version": "v2.0",
    }
    return {name: value for name, value in document.items() if value != ""}


def _attempts(call: Mapping[str, object], second: float) -> Iterator[Document]:
    attempts = int(str(call["attempts"]))
    for attempt in range(1, attempts + 1):
        saved = call["status"] == "success" and attempt < attempts
        code = "ThrottlingException" if saved else str(call.get("error_code", ""))
        yield (
            ORCHESTRATOR,
            second,
            {
                "log_type": "bedrock_attempt",
                "correlation_id": call["correlation_id"],
                "attempt": attempt,
                "status": "throttled" if saved else call["status"],
                **({"error_code": code} if code else {}),
                "http_status": _HTTP_STATUS.get(code, 200),
                "latency_ms": call["latency_ms"],
                "aws_request_id": f"{call['correlation_id']}-{attempt}",
            },
        )


def breakers_of(mix: LogMix, since: int) -> Iterator[Document]:
    """Open in minute 1; a probe every five minutes fails."""
    moves = [("closed", "open", "failure rate above 50 %")]
    if since > 1:
        moves = [
            ("open", "half_open", "the wait is over"),
            ("half_open", "open", "the probe failed"),
        ]
    for model in mix.calls.breaker if since % _PROBE_EVERY == 1 else ():
        for second, (before, after, reason) in enumerate(moves, start=10):
            document = {"log_type": "breaker_transition", "from": before, "to": after}
            yield (
                ORCHESTRATOR,
                second,
                {**document, "reason": reason, "model_id": MODEL_IDS[model]},
            )


def _tasks(mix: LogMix, correlation: str, second: float, random: Random) -> Iterator[Document]:
    for task, usual in (("rag", 350), ("session", 40), ("profile", 60), ("cache", 8)):
        timed_out = task == "rag" and random.random() < mix.tasks.rag_timeouts
        document: dict[str, object] = {
            "log_type": "parallel_task",
            "correlation_id": correlation,
            "task": task,
            "status": "timeout" if timed_out else "ok",
            "duration_ms": 5000 if timed_out else round(usual * random.uniform(0.7, 1.5)),
        }
        if timed_out:
            document["error"] = "TimeoutError"
        yield ORCHESTRATOR, second, document
        if timed_out and mix.tasks.degraded_mode:
            message = "Proceeding without RAG context due to timeout"
            degraded = {"log_type": "degraded", "message": message, "missing": ["rag"]}
            yield ORCHESTRATOR, second, {**degraded, "correlation_id": correlation}
