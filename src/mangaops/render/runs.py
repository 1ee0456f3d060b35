"""The list of past runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mangaops.model.evidence import JSON, Row
from mangaops.model.time import iso
from mangaops.render.figures import age, instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """One run in a list: when it was recorded and what it concluded."""

    run: str
    at: datetime
    runbook: str
    environment: str
    verdict: str
    diagnosis: str


def past_run(run: str, at: datetime, document: Mapping[str, Any]) -> PastRun:
    """From a recorded document of `mangaops.diagnosis/1`."""
    concluded = document.get("diagnosis") or {}
    status = str(document.get("status", ""))
    return PastRun(
        run=run,
        at=at,
        runbook=str(document.get("runbook", "")),
        environment=str((document.get("environment") or {}).get("name", "")),
        verdict=str(document.get("verdict", "")) if status == "diagnosed" else status,
        diagnosis=str(concluded.get("id", "")),
    )


COLUMNS = ("run", "when", "age", "environment", "runbook", "verdict", "diagnosis")


def past_rows(runs: Sequence[PastRun], now: datetime) -> list[Row]:
    return [
        {
            "run": run.run,
            "when": instant(run.at),
            "age": age(run.at, now),
            "environment": run.environment,
            "runbook": run.runbook,
            "verdict": run.verdict,
            "diagnosis": run.diagnosis or None,
        }
        for run in runs
    ]


def history_document(runs: Sequence[PastRun]) -> dict[str, JSON]:
    listed: list[JSON] = [
        {
            "run": run.run,
            "at": iso(run.at),
            "environment": run.environment,
            "runbook": run.runbook,
            "verdict": run.verdict,
            "diagnosis": run.diagnosis or None,
        }
        for run in runs
    ]
    return {"schema": "mangaops.history/1", "runs": listed}
