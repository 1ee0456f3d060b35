"""Telemetry of a slow retrieval: all that the runbook rag-timeout reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blackbox.seeding import Log, Metric, Minutes

ORCHESTRATOR = "MangaAssist/Orchestrator"
ECS = {"ClusterName": "mangaassist-prod", "ServiceName": "orchestrator"}
NAT = {"NatGatewayId": "nat-mangaassist"}
CLIENT = {"ClientId": "123456789012"}
COLLECTION = {**CLIENT, "CollectionId": "c0llect10n0001", "CollectionName": "manga-products"}
GROUP = {**CLIENT, "CollectionGroupId": "gr0up0001", "CollectionGroupName": "mangaassist-search"}
NEVER = None
HOUR = 60


def seeded(
    *,
    rag: Minutes = 4100.0,
    tasks: Mapping[str, Minutes] | None = None,
    cpu: Minutes = 47.0,
    memory: Minutes = 52.0,
    nat: Mapping[str, Minutes] | None = None,
    search: Minutes = 700.0,
    rate: Minutes = 300.0,
    ocu: Minutes = 4.0,
) -> list[Metric]:
    """Only retrieval is slow, the collection is fast, and it has capacity to spare."""
    by_task = {"session": 90.0, "profile": 110.0, "cache": 20.0, **(tasks or {})}
    by_name = {"ErrorPortAllocation": 0.0, "PacketsDropCount": 0.0, **(nat or {})}
    return [
        Metric(ORCHESTRATOR, "parallel_rag_latency_ms", rag),
        *(
            Metric(ORCHESTRATOR, "parallel_task_latency_ms", minutes, {"Task": task})
            for task, minutes in {"rag": rag, **by_task}.items()
        ),
        Metric("AWS/ECS", "CPUUtilization", cpu, ECS),
        Metric("AWS/ECS", "MemoryUtilization", memory, ECS),
        *(Metric("AWS/NATGateway", name, minutes, NAT) for name, minutes in by_name.items()),
        Metric("AWS/AOSS", "SearchRequestLatency", search, COLLECTION),
        Metric("AWS/AOSS", "SearchRequestRate", rate, COLLECTION, last=HOUR),
        Metric("AWS/AOSS", "SearchOCU", ocu, GROUP),
    ]


def dns(rcode: str, times: int, ago_s: float = 60.0, name: str = "abc.aoss.amazonaws.com.") -> Log:
    fields = {"query_name": name, "rcode": rcode, "srcaddr": "10.0.1.7"}
    return Log("/aws/route53/resolver/mangaassist", fields, ago_s=ago_s, times=times)


def timed_out(times: int, degraded: int, answered: int) -> list[Log]:
    group = "/mangaassist/orchestrator"
    message = "Proceeding without RAG context due to timeout"
    return [
        Log(group, {"log_type": "parallel_task", "task": "rag", "status": "timeout"}, times=times),
        Log(group, {"log_type": "degraded", "message": message}, times=degraded),
        Log(group, {"log_type": "bedrock_call", "status": "success"}, times=answered),
    ]


def both_slow(**more: Any) -> list[Metric]:
    return seeded(tasks={"session": 1400.0, "profile": 1300.0}, **more)
