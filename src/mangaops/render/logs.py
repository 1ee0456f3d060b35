"""The answer to one question about the logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mangaops.model.diagnosis import Cost
from mangaops.model.evidence import JSON, EvidenceState, Row
from mangaops.model.site import Site
from mangaops.model.time import Window, iso
from mangaops.render.figures import dollars, scanned

SCHEMA = "mangaops.logs/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Rows with what was really asked; `detail` says why there are none."""

    question: str
    title: str
    site: Site
    window: Window
    state: EvidenceState
    detail: str
    query: Mapping[str, JSON]
    columns: Sequence[str]
    units: Mapping[str, str]
    rows: Sequence[Row]
    cost: Cost
    seconds: float
    interrupted: bool = False


def logs_document(asked: Asked) -> dict[str, JSON]:
    rows: list[JSON] = [dict(row) for row in asked.rows]
    return {
        "schema": SCHEMA,
        "question": asked.question,
        "environment": {
            "name": asked.site.name,
            "account": asked.site.account,
            "region": asked.site.region,
            "caller": asked.site.caller,
        },
        "window": {"from": iso(asked.window.start), "to": iso(asked.window.end)},
        "state": asked.state.value,
        "detail": asked.detail,
        "query": asked.query,
        "columns": list(asked.columns),
        "rows": rows,
        "cost": {
            "api_calls": asked.cost.api_calls,
            "metrics_requested": asked.cost.metrics_requested,
            "log_bytes_scanned": asked.cost.log_bytes_scanned,
            "usd_estimate": round(asked.cost.usd_estimate, 6),
        },
        "seconds": round(asked.seconds, 3),
    }


def logs_heading(asked: Asked, *, width: int, colour: bool, now: datetime) -> str:
    """What stands above the table: where, when, what was asked, what it cost."""
    from rich.console import Group  # noqa: PLC0415 - JSON needs no rich
    from rich.text import Text  # noqa: PLC0415 - as above

    from mangaops.render.diagnosis import header  # noqa: PLC0415 - as above
    from mangaops.render.screen import prose, to_text  # noqa: PLC0415 - as above

    cost = asked.cost
    paid = f"{scanned(cost.log_bytes_scanned)} scanned, {dollars(cost.usd_estimate)}"
    parts = [
        *header(asked.site, asked.window, "", now=now, width=width),
        *([prose(asked.title, "strong")] if asked.title else []),
        prose(f"{paid}, {asked.seconds:.1f} s", "quiet"),
        Text(""),
    ]
    return to_text(Group(*parts), width=width, colour=colour)
