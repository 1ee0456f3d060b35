"""A capsule by hand, with evidence in several states."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.file import to_bytes
from mangaops.model.diagnosis import Cost
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState, Series, Table
from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.model.site import Site
from mangaops.model.time import Window
from mangaops.runbook.library import shipped_folder
from mangaops.runbook.load import load_runbook

NOW = datetime(2026, 1, 7, 12, 0, 20, 5, tzinfo=UTC)
END = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)
_TEXT = "name: first-token\n"

CAPSULE = Capsule(
    run="r-7f3a",
    tool="0.1.0",
    at=NOW,
    runbook="first-token",
    file="runbooks/first-token.yaml",
    digest=hashlib.sha256(_TEXT.encode()).hexdigest(),
    text=_TEXT,
    site=Site(name="prod", region="ap-northeast-1", account="123456789012", caller="arn"),
    window=Window(start=END - timedelta(minutes=30), end=END),
    evidence=EvidenceSet(
        items={
            "first_token": Evidence(
                id="first_token",
                kind="metric",
                state=EvidenceState.OK,
                value=Series(
                    start=END.timestamp() - 1800,
                    end=END.timestamp(),
                    period=60,
                    points=((END.timestamp() - 60, 3400.5),),
                    newest=END.timestamp(),
                ),
                query={"namespace": "MangaAssist/Streaming", "name": "FirstToken", "stat": "p95"},
                newest=END,
                seconds=0.2,
            ),
            "simple_calls": Evidence(
                id="simple_calls",
                kind="logs",
                state=EvidenceState.OK,
                value=Table(columns=("intent", "n"), rows=({"intent": "faq", "n": 12},)),
            ),
            "health": Evidence(
                id="health", kind="health_events", state=EvidenceState.DENIED, detail="denied"
            ),
            "scaling": Evidence(
                id="scaling", kind="scaling_target", state=EvidenceState.NOT_NEEDED
            ),
        }
    ),
    cost=Cost(api_calls=4, metrics_requested=12, log_bytes_scanned=5, usd_estimate=0.0005),
    seconds=1.3125,
    resources={"cluster": "mine"},
    parameters={"*": {"sustained": "5m"}, "first-token": {"intents": ("a", "b"), "limit": 2.5}},
    sets={"sustained": "5m"},
    answers={"quality": "yes"},
    suffix=" --env prod",
)


def shipped_capsule(file: Path) -> Path:
    """Writes to `file` one of the shipped runbook, in which nothing could be read."""
    runbook = load_runbook(shipped_folder() / "first-token.yaml")
    items = {
        name: Evidence(id=name, kind=declared.kind, state=EvidenceState.NO_DATA, detail="none")
        for name, declared in runbook.evidence.items()
    }
    capsule = replace(
        CAPSULE,
        text=runbook.text,
        digest=runbook.digest,
        evidence=EvidenceSet(items=items),
        resources=DEFAULT_RESOURCES,
        parameters={},
        answers={},
        force=True,
    )
    file.write_bytes(to_bytes(capsule))
    return file
