"""What was read, and how well. Missing, failed, stale and zero are different values.

`Evidence.value` is one of four shapes, and only present in state `ok`:

    Series        numbers over time: one metric, one statistic
    SeriesGroup   the same for every value of a dimension (`Intent: "*"`)
    Table         rows of scalars: a log query, a list of deployments
    Record        named fields, each a scalar or a Table: one resource
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

Scalar: TypeAlias = str | float | int | bool | None
Row: TypeAlias = Mapping[str, Scalar]
JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


class EvidenceState(StrEnum):
    """How the reading of one piece of evidence ended."""

    OK = "ok"
    NO_DATA = "no_data"
    DENIED = "denied"
    FAILED = "failed"
    TIMEOUT = "timeout"
    STALE = "stale"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One statistic of one metric.

    `points` holds (start of the bucket in epoch seconds, value), ascending, with
    no entry where there was no datapoint. `newest` is the end of the newest
    minute that has data, in epoch seconds. `sparse` marks a count that is only
    published when there is something to count: a minute without a datapoint is
    no gap then. `samples` counts the raw values behind the points where it was
    read. `earlier` holds the same hours of earlier days, newest day first.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    start: float
    end: float
    period: float
    points: tuple[tuple[float, float], ...]
    newest: float | None = None
    samples: float | None = None
    sparse: bool = False
    earlier: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesGroup:
    """One series for each combination of the dimensions in `by` that was found."""

    by: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows with the same columns; an absent value is None."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One resource: a field that could not be read is absent from `fields`."""

    fields: Mapping[str, Scalar | Table]


Value: TypeAlias = Series | SeriesGroup | Table | Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One piece of evidence as it was read.

    `query` is what was really asked of AWS, `summary` a few figures for people,
    `newest` the time of the newest datapoint or row, `detail` says in one
    sentence why the state is not ok (error code, call, what to do). `partial` says that
    there were more rows than are read, so that the value holds with less weight. `hidden`
    are the secrets that its reader took out: looked for elsewhere in the run, never kept.
    """

    id: str
    kind: str
    state: EvidenceState
    value: Value | None = None
    summary: Mapping[str, JSON] = field(default_factory=dict)
    query: Mapping[str, JSON] = field(default_factory=dict)
    newest: datetime | None = None
    seconds: float = 0.0
    detail: str = ""
    partial: bool = False
    hidden: tuple[str, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSet:
    """What has been read so far; an id that is absent has not been read yet."""

    items: Mapping[str, Evidence] = field(default_factory=dict)

    def get(self, evidence_id: str) -> Evidence | None:
        return self.items.get(evidence_id)

    def __contains__(self, evidence_id: str) -> bool:
        return evidence_id in self.items

    def __iter__(self) -> Iterator[Evidence]:
        return iter(self.items.values())

    def with_items(self, *items: Evidence) -> EvidenceSet:
        """This set with `items` added or replaced."""
        return EvidenceSet(items={**self.items, **{item.id: item for item in items}})
