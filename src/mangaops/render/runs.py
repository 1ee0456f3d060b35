"""The list of past runs: what was diagnosed and what was changed, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mangaops.model.evidence import JSON, Row
from mangaops.model.time import iso
from mangaops.remedy.journals.history import History
from mangaops.render.figures import age
from mangaops.render.journal import end_words, undo_words

DIAGNOSIS, CHANGE = "diagnosis", "change"
_GAPS = "  "
_LEAST = 20
"""Columns that are worth a text, however narrow the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """One run in a list. `what` is the runbook or the remedy as it was typed, `end` the
    verdict or the status, `about` the diagnosis's id or the run that a change takes back.
    `undo` is empty for a diagnosis.
    """

    run: str
    at: datetime
    kind: str
    environment: str
    what: str
    end: str
    about: str = ""
    undo: str = ""


def past_run(run: str, at: datetime, document: Mapping[str, Any]) -> PastRun:
    """From a recorded document of `mangaops.diagnosis/1`."""
    concluded = document.get("diagnosis") or {}
    status = str(document.get("status", ""))
    return PastRun(
        run=run,
        at=at,
        kind=DIAGNOSIS,
        environment=str((document.get("environment") or {}).get("name", "")),
        what=str(document.get("runbook", "")),
        end=str(document.get("verdict", "")) if status == "diagnosed" else status,
        about=str(concluded.get("id", "")),
    )


def past_change(history: History, at: datetime, undone: Mapping[str, str]) -> PastRun:
    """From the journal of a change; `undone` names the run that took a run back."""
    plan = history.plan
    return PastRun(
        run=history.run,
        at=history.entries[0].at if history.entries else at,
        kind=CHANGE,
        environment=plan.site.name if plan else "",
        what=plan.arguments if plan else "",
        end=end_words(history),
        about=(plan.undoes or plan.reason.run) if plan else "",
        undo=undo_words(history, undone),
    )


COLUMNS = ("run", "age", "end", "undo", "what")


def past_rows(runs: Sequence[PastRun], now: datetime, width: int) -> list[Row]:
    """`what` is cut so that a line fits `width`; the documents have all of it."""
    rows: list[Row] = [
        {
            "run": run.run,
            "age": age(run.at, now),
            "end": run.end,
            "undo": run.undo or None,
            "what": _what(run),
        }
        for run in runs
    ]
    taken = sum(max([4, *(len(str(row[name] or "-")) for row in rows)]) for name in COLUMNS[:-1])
    room = max(_LEAST, width - taken - len(_GAPS) * (len(COLUMNS) - 1))
    return [{**row, "what": _cut(str(row["what"]), room)} for row in rows]


def _what(run: PastRun) -> str:
    """What was typed and what it was about, and where."""
    about = f" {run.about}" if run.about and run.kind == DIAGNOSIS else ""
    reason = f" for {run.about}" if run.about and run.kind == CHANGE else ""
    place = f" ({run.environment})" if run.environment else ""
    return f"{run.what or 'nothing was planned'}{about}{reason}{place}"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def history_document(runs: Sequence[PastRun]) -> dict[str, JSON]:
    """`mangaops.history/1`; a change has `remedy`, `status` and `undo`, a diagnosis the rest."""
    return {"schema": "mangaops.history/1", "runs": [_listed(run) for run in runs]}


def _listed(run: PastRun) -> JSON:
    of_kind: dict[str, JSON]
    if run.kind == DIAGNOSIS:
        of_kind = {"runbook": run.what, "verdict": run.end, "diagnosis": run.about or None}
    else:
        of_kind = {
            "remedy": run.what,
            "status": run.end,
            "for": run.about or None,
            "undo": run.undo,
        }
    return {
        "run": run.run,
        "at": iso(run.at),
        "environment": run.environment,
        "kind": run.kind,
        **of_kind,
    }
