"""Every metric that MangaAssist publishes, in the normal world.

Counts that are normally zero are published as zero: a quiet system is seen to be quiet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.telemetry.shapes import Latency, Level, Rate, Shape
from mangaops.sandbox.telemetry.signals import Cell, Signal

SONNET = "jp.anthropic.claude-sonnet-4-6"
HAIKU = "jp.anthropic.claude-haiku-4-5-20251001-v1:0"
MODEL_IDS: Mapping[str, str] = MappingProxyType({"sonnet": SONNET, "haiku": HAIKU})
INTENTS: Mapping[str, str] = MappingProxyType(
    {
        "greeting": "haiku",
        "faq": "haiku",
        "order_tracking": "haiku",
        "recommendation": "sonnet",
        "comparison": "sonnet",
    }
)
"""Intent -> the model that serves it."""

_MS, _COUNT, _PERCENT = "Milliseconds", "Count", "Percent"
_SAMPLES = {"greeting": 3, "faq": 5, "order_tracking": 4, "recommendation": 5, "comparison": 4}
_RESPONSES = {
    "greeting": (500, 900),
    "faq": (800, 1500),
    "order_tracking": (900, 1600),
    "recommendation": (1500, 2300),
    "comparison": (1600, 2500),
}
_NETWORK = {"NatGatewayId": DEFAULT_RESOURCES["nat_gateway"]}
_GATEWAY = {
    "ApiId": DEFAULT_RESOURCES["websocket_api"],
    "Stage": DEFAULT_RESOURCES["websocket_stage"],
}
_HOST = {
    "ClusterName": DEFAULT_RESOURCES["cluster"],
    "ServiceName": DEFAULT_RESOURCES["service"],
}
_INVALIDATOR = {"FunctionName": DEFAULT_RESOURCES["invalidator"]}


def signals(*, account: str, collection_id: str, group_id: str) -> tuple[Signal, ...]:
    """All metrics; the ids are those of the OpenSearch Serverless resources."""
    collection = {
        "ClientId": account,
        "CollectionId": collection_id,
        "CollectionName": DEFAULT_RESOURCES["collection"],
    }
    group = {
        "ClientId": account,
        "CollectionGroupId": group_id,
        "CollectionGroupName": DEFAULT_RESOURCES["collection_group"],
    }
    return (
        *_streaming(),
        *_orchestrator(),
        *_business(),
        *_bedrock(),
        *_host_and_network(),
        _one(
            "AWS/AOSS", "SearchRequestLatency", _MS, Latency(p50=150, p95=350, cap=850), collection
        ),
        _one("AWS/AOSS", "SearchRequestRate", _COUNT, Rate(per_minute=60), collection),
        _one("AWS/AOSS", "SearchOCU", _COUNT, Level(level=3), group),
    )


def _one(
    namespace: str, name: str, unit: str, shape: Shape, labels: Mapping[str, str] | None = None
) -> Signal:
    """A metric with one series."""
    return Signal(
        namespace=namespace,
        name=name,
        unit=unit,
        cells=(Cell(labels=labels or {}, shape=shape),),
        published=(tuple(sorted(labels or {})),),
    )


def _streaming() -> Iterator[Signal]:
    namespace = DEFAULT_RESOURCES["streaming_namespace"]
    yield Signal(
        namespace=namespace,
        name="first_token_latency_ms",
        unit=_MS,
        cells=tuple(
            Cell(
                labels={"Intent": intent, "Model": model},
                shape=Latency(p50=180, p95=290, cap=380, samples=_SAMPLES[intent])
                if model == "haiku"
                else Latency(p50=600, p95=900, cap=1080, samples=_SAMPLES[intent]),
            )
            for intent, model in INTENTS.items()
        ),
        published=((), ("Model",), ("Intent",), ("Intent", "Model")),
    )
    yield _one(namespace, "streams", _COUNT, Rate(per_minute=22))
    yield _one(namespace, "stream_cancellations", _COUNT, Rate(per_minute=0.1))
    yield _one(namespace, "max_frame_gap_ms", _MS, Latency(p50=500, p95=1000, cap=1450))


def _orchestrator() -> Iterator[Signal]:
    namespace = DEFAULT_RESOURCES["orchestrator_namespace"]
    rag = Latency(p50=350, p95=650, cap=1200)
    tasks = {
        "rag": rag,
        "session": Latency(p50=40, p95=110),
        "profile": Latency(p50=60, p95=150),
        "cache": Latency(p50=8, p95=30),
    }
    yield Signal(
        namespace=namespace,
        name="parallel_task_latency_ms",
        unit=_MS,
        cells=tuple(Cell(labels={"Task": task}, shape=shape) for task, shape in tasks.items()),
        published=(("Task",),),
    )
    yield _one(namespace, "parallel_rag_latency_ms", _MS, rag)
    yield _one(namespace, "pool_pings", _COUNT, Rate(per_minute=20))
    yield _one(namespace, "pool_ping_failures", _COUNT, Rate(per_minute=0))
    yield Signal(
        namespace=namespace,
        name="response_latency_ms",
        unit=_MS,
        cells=tuple(
            Cell(labels={"Intent": intent}, shape=Latency(p50=p50, p95=p95, cap=1.2 * p95))
            for intent, (p50, p95) in _RESPONSES.items()
        ),
        published=(("Intent",),),
    )


def _business() -> Iterator[Signal]:
    namespace = DEFAULT_RESOURCES["business_namespace"]
    for name, per_minute in (
        ("recommendation_clicks", 60),
        ("recommendation_purchases", 6),
        ("cart_abandonments", 4),
    ):
        yield Signal(
            namespace=namespace,
            name=name,
            unit=_COUNT,
            cells=(Cell(shape=Rate(per_minute=per_minute)),),
            daily=True,
        )


def _bedrock() -> Iterator[Signal]:
    for name, unit, sonnet, haiku in (
        ("Invocations", _COUNT, Rate(per_minute=9), Rate(per_minute=13)),
        ("InvocationThrottles", _COUNT, Rate(per_minute=0), Rate(per_minute=0)),
        ("InvocationClientErrors", _COUNT, Rate(per_minute=0), Rate(per_minute=0)),
        ("InvocationServerErrors", _COUNT, Rate(per_minute=0), Rate(per_minute=0)),
        ("InvocationLatency", _MS, Latency(p50=550, p95=850), Latency(p50=220, p95=380)),
        ("TimeToFirstToken", _MS, Latency(p50=420, p95=700), Latency(p50=120, p95=220)),
        ("OutputTokenCount", _COUNT, Latency(p50=380, p95=620), Latency(p50=90, p95=220)),
    ):
        yield Signal(
            namespace="AWS/Bedrock",
            name=name,
            unit=unit,
            cells=(
                Cell(labels={"ModelId": SONNET}, shape=sonnet),
                Cell(labels={"ModelId": HAIKU}, shape=haiku),
            ),
            published=(("ModelId",),),
        )


def _host_and_network() -> Iterator[Signal]:
    for namespace, name, unit, shape, labels in (
        ("AWS/ECS", "CPUUtilization", _PERCENT, Level(level=48, noise=5), _HOST),
        ("AWS/ECS", "MemoryUtilization", _PERCENT, Level(level=55, noise=2), _HOST),
        ("AWS/ApiGateway", "IntegrationLatency", _MS, Latency(p50=30, p95=50), _GATEWAY),
        ("AWS/ApiGateway", "ConnectCount", _COUNT, Rate(per_minute=24), _GATEWAY),
        ("AWS/ApiGateway", "MessageCount", _COUNT, Rate(per_minute=830), _GATEWAY),
        ("AWS/ApiGateway", "ClientError", _COUNT, Rate(per_minute=0.05), _GATEWAY),
        ("AWS/ApiGateway", "ExecutionError", _COUNT, Rate(per_minute=0), _GATEWAY),
        ("AWS/NATGateway", "IdleTimeoutCount", _COUNT, Rate(per_minute=0), _NETWORK),
        ("AWS/NATGateway", "ErrorPortAllocation", _COUNT, Rate(per_minute=0), _NETWORK),
        ("AWS/NATGateway", "PacketsDropCount", _COUNT, Rate(per_minute=0), _NETWORK),
        ("AWS/Lambda", "Invocations", _COUNT, Rate(per_minute=2), _INVALIDATOR),
        ("AWS/Lambda", "Errors", _COUNT, Rate(per_minute=0), _INVALIDATOR),
        ("AWS/Lambda", "Throttles", _COUNT, Rate(per_minute=0), _INVALIDATOR),
        ("AWS/Lambda", "IteratorAge", _MS, Latency(p50=150, p95=400, cap=900), _INVALIDATOR),
    ):
        yield _one(namespace, name, unit, shape, labels)
