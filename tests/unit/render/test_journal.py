"""A change's journal as it is shown, listed and verified."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mangaops.model.evidence import JSON
from mangaops.remedy.journals.history import History, read
from mangaops.remedy.journals.journal import FILE, Journal, Kind
from mangaops.remedy.plans.plan_file import digest, to_document
from mangaops.render.grid import grid_text
from mangaops.render.journal import (
    check_document,
    check_rows,
    end_words,
    journal_document,
    journal_markdown,
    journal_text,
    undo_words,
)
from mangaops.render.runs import COLUMNS, history_document, past_change, past_rows
from support import plans

ENTRIES: tuple[tuple[Kind, dict[str, JSON]], ...] = (
    (
        Kind.OPENED,
        {
            "run": "r-91bc",
            "plan": to_document(plans.PLAN),
            "approval": {
                "digest": digest(plans.PLAN),
                "operator": "ana",
                "at": "2026-11-21T11:31:20Z",
                "how": "typed",
            },
        },
    ),
    (Kind.LOCKED, {"names": list(plans.PLAN.locks)}),
    (Kind.INTENT, {"step": 1, "operation": "ecs:UpdateService", "about": {"service": "api"}}),
    (Kind.RESULT, {"step": 1, "operation": "ecs:UpdateService", "told": {"deployment": "d-2"}}),
    (Kind.APPLIED, {"step": 1, "detail": ""}),
    (Kind.VERIFIED, {"step": 1, "detail": "4 of 4 tasks run"}),
    (Kind.CLOSED, {"status": "verified", "detail": ""}),
)


def written(folder: Path, entries: int = len(ENTRIES)) -> History:
    """A journal of the first entries, a second apart."""
    ticks = iter(range(100))
    start = datetime(2026, 11, 21, 11, 31, 20, tzinfo=UTC)
    path = folder / "r-91bc" / FILE
    with Journal(path, clock=lambda: start + timedelta(seconds=next(ticks))) as journal:
        for kind, fields in ENTRIES[:entries]:
            journal.append(kind, **fields)
    return read(path)


def test_each_entry_is_a_line(tmp_path: Path) -> None:
    history = written(tmp_path)
    lines = journal_text(history, {}, width=120, colour=False, suffix=" --env prod").splitlines()
    assert lines[2:] == [
        "11:31:22.000  1 intent    ecs:UpdateService, service=api",
        "11:31:23.000  1 result    ecs:UpdateService, deployment=d-2",
        "11:31:24.000  1 applied",
        "11:31:25.000  1 verified  4 of 4 tasks run",
        "11:31:26.000    closed    verified",
        "",
        "r-91bc: verified",
        "undo: mangaops undo r-91bc --env prod",
    ]
    assert journal_markdown(history, {}).splitlines()[0] == "## Run r-91bc: verified"


@pytest.mark.parametrize(
    ("entries", "end", "undo"),
    [
        (7, "verified", "possible"),
        (5, "ended without a word after step 1", "possible"),
        (3, "ended without a word after step 1", "possible"),
        (2, "ended without a word before any step", "none"),
        (0, "ended without a word before any step", "none"),
    ],
)
def test_how_it_ended_and_whether_it_can_be_undone(
    tmp_path: Path, entries: int, end: str, undo: str
) -> None:
    history = written(tmp_path, entries)
    assert (end_words(history), undo_words(history, {})) == (end, undo)


def test_what_was_undone_says_by_which_run(tmp_path: Path) -> None:
    history = written(tmp_path)
    assert undo_words(history, {"r-91bc": "r-12ab"}) == "undone by r-12ab"
    text = journal_text(history, {"r-91bc": "r-12ab"}, width=80, colour=False)
    assert text.splitlines()[-1] == "undo: undone by r-12ab"


def test_the_document_has_the_plan_and_every_entry(tmp_path: Path) -> None:
    document = journal_document(written(tmp_path), {})
    assert document["plan"] == to_document(plans.PLAN)
    entries = document["entries"]
    assert isinstance(entries, list)
    assert [entry["kind"] for entry in entries] == [kind.value for kind, _ in ENTRIES]
    assert entries[2] == {
        "seq": 3,
        "at": "2026-11-21T11:31:22Z",
        "kind": "intent",
        "about": {"service": "api"},
        "operation": "ecs:UpdateService",
        "step": 1,
    }
    assert "plan" not in entries[0]
    json.dumps(document)


def test_a_journal_is_as_it_was_written_or_every_finding_has_its_line(tmp_path: Path) -> None:
    good = written(tmp_path)
    torn = replace(good, torn=True)
    path = tmp_path / "r-91bc" / FILE
    path.write_bytes(path.read_bytes().replace(b"d-2", b"d-3"))
    bad = read(path)
    assert [(row["line"], row["finding"]) for row in check_rows([good, torn, bad])] == [
        (None, "as it was written"),
        (None, "as it was written, incomplete at its end"),
        (4, "this entry was altered: its hash is of another one"),
        (5, "the entry before it is not the one that was: altered or missing"),
    ]
    assert check_document([bad])["runs"] == [
        {
            "run": "r-91bc",
            "entries": 7,
            "torn": False,
            "findings": [{"line": one.line, "what": one.what} for one in bad.findings],
        }
    ]


def test_a_list_of_runs_fits_the_terminal(tmp_path: Path) -> None:
    past = past_change(written(tmp_path), plans.NOW, {})
    rows = past_rows([past], plans.NOW, 60)
    lines = grid_text(COLUMNS, rows, {}).splitlines()
    assert [len(line) for line in lines if len(line) > 60] == []
    assert lines[1].endswith("…")


def test_a_change_is_a_row_of_the_list(tmp_path: Path) -> None:
    past = past_change(written(tmp_path), plans.NOW, {})
    (row,) = past_rows([past], plans.NOW, 200)
    assert tuple(row.values()) == (
        "r-91bc",
        "just now",
        "verified",
        "possible",
        f"{plans.PLAN.arguments} for r-7f3a (prod)",
    )
    assert history_document([past])["runs"] == [
        {
            "run": "r-91bc",
            "at": "2026-11-21T11:31:20Z",
            "environment": "prod",
            "kind": "change",
            "remedy": plans.PLAN.arguments,
            "status": "verified",
            "for": "r-7f3a",
            "undo": "possible",
        }
    ]


def test_a_journal_of_another_version_is_as_it_was_written_and_its_undo_is_not_known(
    tmp_path: Path,
) -> None:
    history = replace(written(tmp_path), plan=None, strange="line 1: `confirm` is missing")
    assert undo_words(history, {}) == "unknown"
    text = journal_text(history, {}, width=100, colour=False)
    told = "! this version of mangaops cannot read all of it: line 1: `confirm` is missing"
    assert told in text.splitlines()
    assert check_rows([history])[0]["finding"] == "as it was written"
