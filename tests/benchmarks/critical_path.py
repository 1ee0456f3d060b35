"""The shortest time in which a diagnosis could be had: calls that must follow one another.

Each runbook's chain is stated here, step by step; the durations are those that the
endpoint measured in the same run. A log query costs the call that starts it, half of
whose trip lies behind the start, the time the query takes, and half a trip back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

QUERY = "a log query"

CHAINS: Mapping[str, tuple[str, ...]] = {
    # which metrics exist -> their values -> what the logs say about the routing
    "first-token": ("ListMetrics", "GetMetricData", QUERY),
    # which metrics exist -> their values -> DNS answers (degraded mode beside it)
    "rag-timeout": ("ListMetrics", "GetMetricData", QUERY),
    # cancellations -> how the connections closed
    "websocket-drops": ("GetMetricData", QUERY),
    # conversion -> products in the cache -> their stock -> the path -> the invalidator's log
    "stale-recommendations": ("GetMetricData", "BatchGetItem", QUERY),
    # which intents -> their latency -> prompt versions -> calls before and after
    "latency-regression": ("ListMetrics", "GetMetricData", "Scan", QUERY),
    # which models -> throttles, which hold the trigger -> classes of errors
    "fm-errors": ("ListMetrics", "GetMetricData", QUERY),
}


def critical_path(runbook: str, calls: Sequence[Mapping[str, object]], query: float) -> float:
    """Seconds; `calls` is the endpoint's log of one diagnosis, `query` how long a query takes."""
    durations: dict[str, list[float]] = {}
    for call in calls:
        start, end = float(str(call["start"])), float(str(call["end"]))
        durations.setdefault(str(call["operation"]), []).append(end - start)
    return sum(_step(name, durations, query) for name in CHAINS[runbook])


def _step(name: str, durations: Mapping[str, list[float]], query: float) -> float:
    if name != QUERY:
        return min(durations[name])
    return min(durations["StartQuery"]) + query
