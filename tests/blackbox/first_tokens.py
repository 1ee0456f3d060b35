"""Telemetry of a slow first token: half an hour of everything that the runbook reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blackbox.seeding import Log, Metric, Minutes

STREAMING, ORCHESTRATOR = "MangaAssist/Streaming", "MangaAssist/Orchestrator"
SONNET, HAIKU = "jp.anthropic.claude-sonnet-4-6", "jp.anthropic.claude-haiku-4-5-20251001-v1:0"
SIMPLE, COMPLEX = ("greeting", "faq", "order_tracking"), ("recommendation", "comparison")
INTENTS = (*SIMPLE, *COMPLEX)
ECS = {"ClusterName": "mangaassist-prod", "ServiceName": "orchestrator"}
GATEWAY = {"ApiId": "wsapi0001", "Stage": "prod"}
NAT = {"NatGatewayId": "nat-mangaassist"}
FIRST_TOKEN = "first_token_latency_ms"


def seeded(
    *,
    first_token: Minutes = 2600.0,
    intents: Mapping[str, Minutes] | None = None,
    bedrock: Mapping[str, Minutes] | None = None,
    throttles: Mapping[str, Minutes] | None = None,
    pings: Minutes = 20.0,
    failures: Minutes = 0.0,
    cpu: Minutes = 51.0,
    memory: Minutes = 58.0,
    gateway: Minutes = 61.0,
    rag: Minutes = 640.0,
) -> list[Metric]:
    """Every intent is slow because Bedrock is, as long as nothing else is said."""
    by_intent = {**dict.fromkeys(INTENTS, 2600.0), **(intents or {})}
    latency = {SONNET: 1900.0, HAIKU: 1700.0, **(bedrock or {})}
    throttled = {SONNET: 0.0, HAIKU: 0.0, **(throttles or {})}
    return [
        Metric(STREAMING, FIRST_TOKEN, first_token),
        *(Metric(STREAMING, FIRST_TOKEN, m, {"Intent": i}) for i, m in by_intent.items()),
        *(
            Metric("AWS/Bedrock", name, minutes, {"ModelId": model})
            for name, by_model in (
                ("InvocationLatency", latency),
                ("InvocationThrottles", throttled),
            )
            for model, minutes in by_model.items()
        ),
        Metric(ORCHESTRATOR, "pool_pings", pings),
        Metric(ORCHESTRATOR, "pool_ping_failures", failures),
        Metric("AWS/ECS", "CPUUtilization", cpu, ECS),
        Metric("AWS/ECS", "MemoryUtilization", memory, ECS),
        Metric("AWS/ApiGateway", "IntegrationLatency", gateway, GATEWAY),
        Metric("AWS/NATGateway", "IdleTimeoutCount", 0.0, NAT),
        Metric("AWS/Lambda", "Throttles", 0.0, {"FunctionName": "inventory-invalidator"}),
        Metric(ORCHESTRATOR, "parallel_rag_latency_ms", rag),
    ]


def fast_bedrock(**more: Any) -> list[Metric]:
    return seeded(bedrock={SONNET: 900.0, HAIKU: 350.0}, **more)


def only_sonnet(**more: Any) -> list[Metric]:
    intents = {**dict.fromkeys(SIMPLE, 380.0), **dict.fromkeys(COMPLEX, 2900.0)}
    return seeded(intents={**intents, **more.pop("intents", {})}, **more)


def calls(intent: str, model: str, times: int, ago_s: float = 60.0) -> Log:
    fields = {"log_type": "bedrock_call", "intent": intent, "model": model, "status": "success"}
    return Log("/mangaassist/orchestrator", fields, ago_s=ago_s, times=times)
