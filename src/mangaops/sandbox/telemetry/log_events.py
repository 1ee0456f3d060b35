"""One minute of a log mix -> log events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.telemetry.log_mix import GROUPS, CallErrors, Closes, LogMix, Spread
from mangaops.sandbox.telemetry.normal import INTENTS, MODEL_IDS
from mangaops.sandbox.telemetry.shapes import poisson

ORCHESTRATOR = DEFAULT_RESOURCES["orchestrator_log"]
WEBSOCKET = DEFAULT_RESOURCES["websocket_log"]
RESOLVER = DEFAULT_RESOURCES["resolver_log"]
INVALIDATOR = DEFAULT_RESOURCES["invalidator_log"]

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
_SEARCH_NAME = "k2m9x4v7q1w8e5r3t6y0.ap-northeast-1.aoss.amazonaws.com."
_PREFIX = "INFO:mangaassist:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An event: the log group, seconds within the minute, and the message."""

    group: str
    second: float
    message: str


def minute_of(mix: LogMix, random: Random) -> list[Line]:
    """Everything that is logged in one minute; `none` and `stops` are the caller's."""
    documents = [
        *_calls(mix, random),
        *_closes(mix, random),
        *_dns(mix, random),
        *_invalidations(mix, random),
    ]
    return [
        Line(
            group=group,
            second=second,
            message=(_PREFIX if GROUPS[group] in mix.not_json else "") + json.dumps(document),
        )
        for group, second, document in documents
    ]


_Document = tuple[str, float, Mapping[str, object]]


def _pick(random: Random, weights: Mapping[str, float]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _calls(mix: LogMix, random: Random) -> Iterator[_Document]:
    for _ in range(poisson(random, mix.calls.per_minute)):
        second = random.uniform(0, 59.9)
        intent = _pick(random, _WEIGHTS)
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
    return {
        "log_type": "bedrock_call",
        **identity,
        "status": "success",
        "latency_ms": round(latency),
        "time_to_first_token_ms": round(first_token),
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "max_output_tokens": _MAX_OUTPUT,
        "retry_count": 0,
        "attempts": 1,
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


def _attempts(call: Mapping[str, object], second: float) -> Iterator[_Document]:
    attempts = call["attempts"]
    for attempt in range(1, attempts + 1 if isinstance(attempts, int) else 2):
        code = str(call.get("error_code", ""))
        yield (
            ORCHESTRATOR,
            second,
            {
                "log_type": "bedrock_attempt",
                "correlation_id": call["correlation_id"],
                "attempt": attempt,
                "status": call["status"],
                **({"error_code": code} if code else {}),
                "http_status": _HTTP_STATUS.get(code, 200),
                "latency_ms": call["latency_ms"],
                "aws_request_id": f"{call['correlation_id']}-{attempt}",
            },
        )


def _tasks(mix: LogMix, correlation: str, second: float, random: Random) -> Iterator[_Document]:
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


def _closes(mix: LogMix, random: Random) -> Iterator[_Document]:
    patterns = mix.websocket.closes
    for _ in range(poisson(random, mix.websocket.closes_per_minute) if patterns else 0):
        pattern = random.choices(patterns, [one.weight for one in patterns])[0]
        yield WEBSOCKET, random.uniform(0, 59.9), _close(pattern, random)
    for _ in range(poisson(random, mix.websocket.gone_per_minute)):
        document = {"log_type": "post_error", "connection_id": _connection(random)}
        yield WEBSOCKET, random.uniform(0, 59.9), {**document, "error": "GoneException"}


def _close(pattern: Closes, random: Random) -> dict[str, object]:
    document: dict[str, object] = {
        "log_type": "ws_close",
        "connection_id": _connection(random),
        "client_network": _pick(random, pattern.networks),
    }
    if pattern.code is not None:
        document["close_code"] = pattern.code
    for name, spread in (("idle_s", pattern.idle_s), ("connection_age_s", pattern.age_s)):
        if spread is not None:
            document[name] = _around(spread, random)
    return document


def _around(spread: Spread, random: Random) -> float:
    return round(max(0.0, spread.value + random.uniform(-spread.spread, spread.spread)), 1)


def _connection(random: Random) -> str:
    return f"K{random.getrandbits(56):014x}="


def _dns(mix: LogMix, random: Random) -> Iterator[_Document]:
    weights = {"NOERROR": 1 - sum(mix.dns.rcodes.values()), **mix.dns.rcodes}
    for _ in range(poisson(random, mix.dns.per_minute)):
        document = {"query_name": _SEARCH_NAME, "rcode": _pick(random, weights)}
        address = f"10.0.{random.randrange(1, 4)}.{random.randrange(10, 250)}"
        yield RESOLVER, random.uniform(0, 59.9), {**document, "srcaddr": address}


def _invalidations(mix: LogMix, random: Random) -> Iterator[_Document]:
    rules = mix.invalidations
    weights = {"": 1 - sum(rules.errors.values()), **rules.errors}
    for _ in range(poisson(random, rules.per_minute)):
        error = _pick(random, weights)
        product = f"manga-{random.randrange(1, 5):02d}{random.randrange(1, 4):02d}"
        document: dict[str, object] = {"log_type": "invalidation", "product_id": product}
        document["keys_deleted"] = 0 if error else rules.keys_deleted
        if error:
            document["error"] = error
        yield INVALIDATOR, random.uniform(0, 59.9), document
