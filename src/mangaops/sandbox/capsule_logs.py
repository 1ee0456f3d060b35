"""Log queries of a capsule: the recorded query is answered with the recorded rows.

Any other query, and the same text over other groups, runs over the log groups' events, of
which a capsule has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mangaops.model.evidence import Evidence, EvidenceState, Scalar, Table
from mangaops.model.query import FieldType, LogQuery
from mangaops.model.time import Window
from mangaops.sandbox.insights.execute import QueryResult, Statistics
from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswer:
    """Rows as they were read. Times are moved by how much later the query ends than then."""

    table: Table
    times: frozenset[str]
    ended: float
    statistics: Statistics
    fault: Fault | None = None

    def rows(self, end: float) -> QueryResult:
        """As Logs Insights would say it of a query that ends at `end`, in epoch seconds."""
        later = end - self.ended
        return QueryResult(
            rows=tuple(
                {
                    name: self._text(name, value, later)
                    for name, value in row.items()
                    if value is not None
                }
                for row in self.table.rows
            ),
            statistics=self.statistics,
        )

    def _text(self, name: str, value: Scalar, later: float) -> str:
        if name in self.times and isinstance(value, int | float):
            at = datetime.fromtimestamp(value + later, UTC)
            return at.strftime("%Y-%m-%d %H:%M:%S.%f")
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)


@dataclass(slots=True)
class RecordedLogs:
    """Answers by query text and groups; empty unless the world holds a capsule."""

    answers: dict[tuple[frozenset[str], str], RecordedAnswer] = field(default_factory=dict)

    def find(self, groups: frozenset[str], text: str) -> RecordedAnswer | None:
        """Raises the Fault that the query met when it was recorded."""
        found = self.answers.get((groups, text.strip()))
        if found is not None and found.fault is not None:
            raise found.fault
        return found


def recorded_logs(_world: World) -> RecordedLogs:
    """The one of a world: `world.state(recorded_logs)`."""
    return RecordedLogs()


def keep_logs(world: World, query: LogQuery, item: Evidence, window: Window) -> None:
    """Put what was recorded of one declaration into the world."""
    times = frozenset(name for name, kind in query.columns.items() if kind == FieldType.TIME)
    table = item.value if isinstance(item.value, Table) else Table(columns=(), rows=())
    world.state(recorded_logs).answers[frozenset(query.groups), query.query.strip()] = (
        RecordedAnswer(
            table=table,
            times=times,
            ended=window.end.timestamp(),
            statistics=_statistics(item.summary, len(table.rows)),
            fault=_fault(item),
        )
    )


def _statistics(summary: Mapping[str, Any], rows: int) -> Statistics:
    return Statistics(
        matched=int(summary.get("matched") or rows),
        scanned=int(summary.get("scanned") or rows),
        bytes_scanned=int(summary.get("bytes") or 0),
    )


def _fault(item: Evidence) -> Fault | None:
    match item.state:
        case EvidenceState.DENIED:
            message = f"User is not authorized to perform: logs:StartQuery ({item.detail})"
            return Fault("AccessDeniedException", message)
        case EvidenceState.FAILED | EvidenceState.TIMEOUT | EvidenceState.STALE:
            return Fault("InvalidParameterException", f"it failed when recorded: {item.detail}")
        case _:
            return None
