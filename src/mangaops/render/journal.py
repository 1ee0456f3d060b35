"""The journal of a change: how it ended, each entry as a line, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mangaops.model.evidence import JSON, Row
from mangaops.model.plan import UndoKind
from mangaops.model.time import iso
from mangaops.remedy.journals.history import Entry, History
from mangaops.remedy.journals.journal import Kind
from mangaops.remedy.plans.plan_file import to_document
from mangaops.render.escaping import escaped, visible
from mangaops.render.fields import short_digest
from mangaops.render.screen import WIDEST, to_text, typed_line

SCHEMA = "mangaops.journal/1"
CHECK_SCHEMA = "mangaops.journal-check/1"
UNDO_POSSIBLE, UNDO_NONE, UNDO_UNKNOWN = "possible", "none", "unknown"
CHECK_COLUMNS = ("run", "entries", "line", "finding")
_STYLES = {Kind.FAILED: "fail", Kind.UNVERIFIED: "unsure", Kind.VERIFIED: "fine"}
_LONGEST = 300
_FIRST = ("operation", "status", "outlook", "detail")
"""Fields that need no name, and the order in which they are told."""


def end_words(history: History) -> str:
    """`verified`; `ended without a word after step 2` where the process was killed."""
    if history.closed:
        return history.status
    last = max((entry.step for entry in history.entries), default=0)
    return f"{history.status} after step {last}" if last else f"{history.status} before any step"


def undo_words(history: History, undone: Mapping[str, str]) -> str:
    """Whether `mangaops undo` can do anything: `possible`, `none`, `undone by r-12ab`, or
    `unknown` where this version cannot read the journal.
    """
    if history.run in undone:
        return f"undone by {undone[history.run]}"
    if history.strange:
        return UNDO_UNKNOWN
    steps = history.plan.steps if history.plan else ()
    touched = (step for step in steps if history.touched(step.number))
    return UNDO_POSSIBLE if any(s.undo is not UndoKind.NONE for s in touched) else UNDO_NONE


def journal_document(history: History, undone: Mapping[str, str]) -> dict[str, JSON]:
    """`mangaops.journal/1`: the plan, who approved it, and every entry."""
    approval = history.approval
    return {
        "schema": SCHEMA,
        "run": history.run,
        "status": end_words(history),
        "undo": undo_words(history, undone),
        "torn": history.torn,
        "findings": [{"line": one.line, "what": one.what} for one in history.findings],
        "plan": to_document(history.plan) if history.plan else None,
        "approval": {
            "digest": approval.digest,
            "operator": approval.operator,
            "at": iso(approval.at),
            "how": approval.how,
        }
        if approval
        else None,
        "entries": [_entry(entry) for entry in history.entries],
    }


def _entry(entry: Entry) -> JSON:
    own = {name: value for name, value in entry.fields.items() if name != "plan"}
    return {"seq": entry.seq, "at": iso(entry.at), "kind": entry.kind.value, **own}


def journal_text(
    history: History, undone: Mapping[str, str], *, width: int, colour: bool, suffix: str = ""
) -> str:
    """What happened, entry by entry, and how it can be taken back."""
    parts: list[RenderableType] = [_entries(history), Text("")]
    parts += [Text(f"! line {one.line}: {one.what}", style="fail") for one in history.findings]
    if history.strange:
        told = f"! this version of mangaops cannot read all of it: {history.strange}"
        parts.append(Text(visible(told), style="unsure"))
    if history.torn:
        parts.append(Text("! its last line is incomplete, as after a crash", style="unsure"))
    undo = undo_words(history, undone)
    parts.append(Text.assemble((f"{history.run}: ", "quiet"), (end_words(history), "strong")))
    if undo == UNDO_POSSIBLE:
        parts.append(typed_line("undo:", f"mangaops undo {history.run}{suffix}"))
    else:
        parts.append(Text(f"undo: {undo}", style="quiet"))
    return to_text(Group(*parts), width=min(width, WIDEST), colour=colour)


def journal_markdown(history: History, undone: Mapping[str, str]) -> str:
    lines = [f"## Run {history.run}: {escaped(end_words(history))}", ""]
    lines += [f"- {' '.join(map(escaped, _cells(entry)))}" for entry in history.entries]
    lines += [f"- **line {one.line}**: {escaped(one.what)}" for one in history.findings]
    lines += [f"- undo: {undo_words(history, undone)}"]
    return "\n".join(lines) + "\n"


def _entries(history: History) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="quiet")
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for entry in history.entries:
        time, kind, words = _cells(entry)
        grid.add_row(time, Text(kind, style=_STYLES.get(entry.kind, "")), Text(words))
    return grid


def _cells(entry: Entry) -> tuple[str, str, str]:
    at = entry.at.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]
    kind = f"{entry.step} {entry.kind.value}" if entry.step else f"  {entry.kind.value}"
    return at, kind, visible(", ".join(_facts(entry)))


def _facts(entry: Entry) -> Iterator[str]:
    """Its fields in words; the plan and the step stand elsewhere."""
    fields = {name: entry.fields[name] for name in _FIRST if name in entry.fields}
    for name, value in {**fields, **entry.fields}.items():
        if name in {"plan", "step", "run"} or value in ("", None):
            continue
        if name in _FIRST:
            yield str(value)
        elif isinstance(value, Mapping):
            yield " ".join(f"{key}={_short(item)}" for key, item in value.items())
        elif isinstance(value, list):
            yield " ".join(map(_short, value))
        else:
            yield f"{name} {_short(value)}"


def _short(value: JSON) -> str:
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = short_digest(told)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def check_document(histories: Sequence[History]) -> dict[str, JSON]:
    """`mangaops.journal-check/1`: every journal with what is wrong with it."""
    runs: list[JSON] = [
        {
            "run": one.run,
            "entries": len(one.entries),
            "torn": one.torn,
            "findings": [{"line": found.line, "what": found.what} for found in one.findings],
        }
        for one in histories
    ]
    return {"schema": CHECK_SCHEMA, "runs": runs}


def check_rows(histories: Sequence[History]) -> list[Row]:
    """A row for each finding, or one for a journal without any."""
    rows: list[Row] = []
    for one in histories:
        told: list[tuple[int | None, str]] = [(found.line, found.what) for found in one.findings]
        whole = "as it was written" + (", incomplete at its end" if one.torn else "")
        rows += [
            {"run": one.run, "entries": len(one.entries), "line": line, "finding": what}
            for line, what in told or [(None, whole)]
        ]
    return rows
