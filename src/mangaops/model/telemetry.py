"""What is asked of CloudWatch and Logs Insights, and what they answer.

These pass between a gateway of `aws` and a reader of `evidence`, which may not
import each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRequest:
    """One statistic of one metric, in buckets of `period` seconds (a multiple of 60)."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str
    period: int


class MetricState(StrEnum):
    """How CloudWatch answered one request, in its own words."""

    COMPLETE = "Complete"
    PARTIAL = "PartialData"
    FORBIDDEN = "Forbidden"
    INTERNAL_ERROR = "InternalError"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAnswer:
    """`points` are (start of the bucket in epoch seconds, value), ascending."""

    state: MetricState
    points: tuple[tuple[float, float], ...] = ()
    messages: tuple[str, ...] = ()


class QueryStatus(StrEnum):
    """The status of a Logs Insights query, in its own words."""

    SCHEDULED = "Scheduled"
    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    TIMEOUT = "Timeout"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswer:
    """Rows hold text only, and no key for an absent field. Unless the status is
    `Complete` they are not the result. A count is None where AWS did not tell it.
    """

    status: QueryStatus
    rows: tuple[Mapping[str, str], ...] = ()
    records_scanned: float | None = None
    records_matched: float | None = None
    bytes_scanned: float = 0
