"""What is in a capsule: its circumstances, and every piece of evidence with its state."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.model.evidence import (
    JSON,
    Evidence,
    Record,
    Row,
    Series,
    SeriesGroup,
    Table,
    Value,
)
from mangaops.model.time import iso
from mangaops.render import figures
from mangaops.render.escaping import escaped, visible
from mangaops.render.grid import grid_markdown
from mangaops.render.screen import WIDEST, to_text, typed_line

COLUMNS = ("evidence", "kind", "state", "holds")


def capsule_text(capsule: Capsule, *, wanted: str, width: int, colour: bool) -> str:
    """`wanted` is what the capsule was asked for by, for the next command."""
    facts = Grid.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="quiet", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(capsule):
        facts.add_row(name, Text(visible(value)))
    items = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    for name in COLUMNS:
        items.add_column(name, overflow="fold")
    for item in capsule.evidence:
        items.add_row(*(Text(visible(str(cell))) for cell in _row(item).values()))
    parts: list[RenderableType] = [
        facts,
        Text(""),
        items,
        Text(""),
        typed_line("next:", f"mangaops diagnose --replay {wanted}"),
    ]
    return to_text(Group(*parts), width=min(width, WIDEST), colour=colour)


def capsule_markdown(capsule: Capsule) -> str:
    facts = "".join(f"- {name}: {escaped(value)}\n" for name, value in _facts(capsule))
    rows = [_row(item) for item in capsule.evidence]
    return f"## Capsule of {capsule.run}\n\n{facts}\n{grid_markdown(COLUMNS, rows, {})}"


def capsule_summary(capsule: Capsule) -> dict[str, JSON]:
    """`mangaops.capsule-summary/1`: everything but the values and the runbook's text."""
    return {
        "schema": "mangaops.capsule-summary/1",
        "run": capsule.run,
        "at": iso(capsule.at),
        "tool": capsule.tool,
        "runbook": {"name": capsule.runbook, "digest": capsule.digest},
        "environment": {
            "name": capsule.site.name,
            "account": capsule.site.account,
            "region": capsule.site.region,
        },
        "window": {"from": iso(capsule.window.start), "to": iso(capsule.window.end)},
        "sets": dict(capsule.sets),
        "answers": dict(capsule.answers),
        "force": capsule.force,
        "interrupted": capsule.interrupted,
        "evidence": {
            item.id: {
                "kind": item.kind,
                "state": item.state.value,
                "holds": _held(item.value) if item.value is not None else "",
                "newest": iso(item.newest) if item.newest else None,
                "detail": item.detail,
            }
            for item in capsule.evidence
        },
    }


def _facts(capsule: Capsule) -> Iterator[tuple[str, str]]:
    site, window = capsule.site, capsule.window
    place = (site.name, figures.account(site.account), site.region)
    yield "run", f"{capsule.run}, {iso(capsule.at)}, mangaops {capsule.tool}"
    yield "runbook", f"{capsule.runbook} {capsule.digest[:8]}"
    yield "where", "  ".join(part for part in place if part)
    yield "window", f"{iso(window.start)} to {iso(window.end)}"
    for name, pairs in (("set", capsule.sets), ("answers", capsule.answers)):
        if pairs:
            yield name, ", ".join(f"{key}={value or '(none)'}" for key, value in pairs.items())
    if capsule.force:
        yield "forced", "walked although the trigger did not hold"
    if capsule.interrupted:
        yield "interrupted", "what was not read by then is in state timeout"


def _row(item: Evidence) -> Row:
    held = _held(item.value) if item.value is not None else item.detail
    return dict(zip(COLUMNS, (item.id, item.kind, item.state.value, held or "-"), strict=True))


def _held(value: Value) -> str:
    match value:
        case Series():
            return _many(len(value.points), "value")
        case SeriesGroup():
            points = sum(len(one.points) for one in value.series)
            return f"{_many(len(value.series), 'series')}, {_many(points, 'value')}"
        case Table():
            return _many(len(value.rows), "row")
        case Record():
            return _many(len(value.fields), "field")


def _many(number: int, what: str) -> str:
    plural = "" if number == 1 or what.endswith("s") else "s"
    return f"{number:,} {what}{plural}"
