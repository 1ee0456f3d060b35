"""What AWS tells of the time of a change: after the run before it, up to the run itself."""

from __future__ import annotations

from datetime import timedelta

from mangaops.bench.history import Change, Measure, Series
from mangaops.bench.runs.sample import CacheMode
from mangaops.cli.bench.changes_beside import _with_rows
from mangaops.render.bench_history import history_document, history_text
from support.bench_runs import START

CHANGE = Change(
    index=12,
    run="b-12",
    at=START,
    since="b-11",
    since_at=START - timedelta(days=1),
    before=1000.0,
    after=1300.0,
    p_value=0.001,
)
SERIES = Series(
    intent="faq",
    measure=Measure.P95,
    environment="prod",
    cache=CacheMode.OFF,
    points=(),
    changes=(CHANGE,),
)


def _row(what: str, **before: float) -> dict[str, str | float]:
    return {"at": (START - timedelta(**before)).timestamp(), "kind": "prompt", "what": what}


def test_only_what_happened_between_the_two_runs_is_told_the_oldest_first() -> None:
    rows = [
        _row("late", hours=1),
        _row("at the run before", days=1),
        _row("after it", hours=-1),
        _row("early", hours=20),
        {"at": None, "kind": "prompt", "what": "nobody knows when"},
    ]
    told = _with_rows(SERIES, rows)
    assert told.changes
    assert told.changes[0].told == ("2026-01-06T07:00:00Z early", "2026-01-07T02:00:00Z late")
    assert "    2026-01-06T07:00:00Z early" in history_text([told], width=80, colour=False)
    assert "2026-01-07T02:00:00Z late" in str(history_document([told]))
