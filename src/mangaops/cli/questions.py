"""The four saved questions about the orchestrator's logs, in the portable grammar.

Two of the saved queries that they come from are not valid Logs Insights: there is no
`percentile()` (it is `pct`), and `sum(case when ...)` is SQL.

A retry has saved a call that the model itself answered at last (`mode` 1 or 2). With another
model, a stored answer or a template (`mode` 3 and more) the status is `success` as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mangaops.model.field_type import FieldType

_N, _T, _AT = FieldType.NUMBER, FieldType.TEXT, FieldType.TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One query with the columns of its answer and their display units."""

    name: str
    title: str
    query: str
    columns: Mapping[str, FieldType]
    units: Mapping[str, str] = field(default_factory=dict)


_ALL = (
    Question(
        name="errors",
        title="failed calls to the foundation model by error and intent",
        query="""\
filter log_type = "bedrock_call" and status != "success"
| stats count(*) as errors by error_code, intent
| sort errors desc""",
        columns={"error_code": _T, "intent": _T, "errors": _N},
    ),
    Question(
        name="retries",
        title="calls that needed a retry, and how many of them it saved",
        query="""\
filter log_type = "bedrock_call" and retry_count > 0
| fields strcontains(status, "success") * least(greatest(3 - coalesce(mode, 1), 0), 1) as ok
| stats count(*) as retried, sum(ok) as saved, sum(ok) * 100 / count(*) as saved_pct""",
        columns={"retried": _N, "saved": _N, "saved_pct": _N},
        units={"saved_pct": "percent"},
    ),
    Question(
        name="breaker",
        title="transitions of the circuit breaker, newest first",
        query="""\
filter log_type = "breaker_transition"
| fields @timestamp, from, to, reason, region, model_id
| sort @timestamp desc
| limit 100""",
        columns={
            "@timestamp": _AT,
            "from": _T,
            "to": _T,
            "reason": _T,
            "region": _T,
            "model_id": _T,
        },
        units={"@timestamp": "instant"},
    ),
    Question(
        name="latency",
        title="latency of successful calls by intent",
        query="""\
filter log_type = "bedrock_call" and status = "success"
| stats avg(latency_ms) as avg_ms, pct(latency_ms, 50) as p50, pct(latency_ms, 95) as p95,
    pct(latency_ms, 99) as p99, count(*) as calls by intent
| sort p95 desc""",
        columns={"intent": _T, "avg_ms": _N, "p50": _N, "p95": _N, "p99": _N, "calls": _N},
        units={"avg_ms": "ms", "p50": "ms", "p95": "ms", "p99": "ms"},
    ),
)

QUESTIONS: Mapping[str, Question] = MappingProxyType({each.name: each for each in _ALL})

EVERY_CALL = Question(
    name="calls",
    title="all calls to the foundation model",
    query='filter log_type = "bedrock_call" | stats count(*) as calls',
    columns={"calls": _N},
)
"""Asked when a question matched nothing, to tell "there was none" from "the log is not read"."""
