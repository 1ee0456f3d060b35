"""Two capsules side by side, what changed most first: text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.differing import CapsuleDiff
from mangaops.evidence.capsule.measuring import Change, What
from mangaops.model.evidence import JSON, Row, Scalar
from mangaops.model.time import iso
from mangaops.render.escaping import escaped, visible
from mangaops.render.figures import figure, margin
from mangaops.render.grid import grid_markdown
from mangaops.render.screen import WIDEST, prose, to_text

COLUMNS = ("what", "A", "B", "change")
_MOST = 40
"""Lines of a table: what follows has changed too little to be read."""
_LONGEST = 40


def diff_text(
    found: CapsuleDiff,
    a: Capsule,
    b: Capsule,
    *,
    width: int,
    colour: bool,
    units: Mapping[str, str],
) -> str:
    """`units` are the display units of evidence, by id."""
    parts: list[RenderableType] = [prose(line, "strong") for line in _heads(a, b)]
    parts.append(Text(""))
    rows = [_row(change, units) for change in found.changes[:_MOST]]
    rows += [_row(change, {}) for change in found.circumstances]
    parts.append(_table(rows) if rows else prose("Nothing that both hold has changed."))
    parts += [prose(line, "quiet") for line in _rest(found)]
    return to_text(Group(*parts), width=min(width, WIDEST), colour=colour)


def diff_markdown(found: CapsuleDiff, a: Capsule, b: Capsule, *, units: Mapping[str, str]) -> str:
    heads = "".join(f"- {escaped(line)}\n" for line in _heads(a, b))
    rows = [_row(change, units) for change in found.changes]
    rows += [_row(change, {}) for change in found.circumstances]
    table = grid_markdown(COLUMNS, rows, {}) if rows else "Nothing that both hold has changed.\n"
    only = "".join(f"\n{escaped(line)}\n" for line in _only(found))
    return f"## What changed\n\n{heads}\n{table}{only}"


def diff_document(found: CapsuleDiff, a: Capsule, b: Capsule) -> dict[str, JSON]:
    """`mangaops.capsule-diff/1`. `weight` sorts the changes; what it means says
    `evidence/capsule/measuring.py`. A value that only one of them has is null in the other.
    """
    return {
        "schema": "mangaops.capsule-diff/1",
        "a": _named(a),
        "b": _named(b),
        "compared": found.common,
        "only_in_a": list(found.only_a),
        "only_in_b": list(found.only_b),
        "changes": [_document(change) for change in found.changes],
        "circumstances": [_document(change) for change in found.circumstances],
    }


def _named(capsule: Capsule) -> JSON:
    return {
        "run": capsule.run,
        "runbook": capsule.runbook,
        "digest": capsule.digest,
        "window": {"from": iso(capsule.window.start), "to": iso(capsule.window.end)},
    }


def _document(change: Change) -> JSON:
    return {
        "evidence": change.evidence,
        "subject": change.subject,
        "what": change.what.value,
        "a": change.a,
        "b": change.b,
        "weight": round(change.weight, 4),
    }


def _heads(a: Capsule, b: Capsule) -> Iterator[str]:
    for name, one in (("A", a), ("B", b)):
        window = f"{iso(one.window.start)} to {iso(one.window.end)}"
        yield f"{name}  {one.runbook}  run {one.run}  {window}"


def _table(rows: list[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    table.add_column(COLUMNS[0], overflow="fold")
    for name in COLUMNS[1:]:
        table.add_column(name, justify="right", overflow="fold", max_width=20)
    for row in rows:
        table.add_row(*(Text(visible(str(row[name]))) for name in COLUMNS))
    return table


def _row(change: Change, units: Mapping[str, str]) -> Row:
    unit = units.get(change.evidence, "") if change.what is What.SERIES else ""
    subject = change.subject
    if change.what is What.ROWS:
        subject = f"{subject} rows".strip()
    name = f"{change.evidence} {subject}".strip()
    cells = (name, _cell(change.a, unit), _cell(change.b, unit), _change(change))
    return dict(zip(COLUMNS, cells, strict=True))


def _cell(value: Scalar, unit: str) -> str:
    if value is None:
        return "-"
    text = figure(value, unit)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + ".."


def _change(change: Change) -> str:
    """`+21 %`, `x 5.2`, `from 0`, `only in A`."""
    a, b = change.a, change.b
    if a is None or b is None:
        return "only in B" if a is None else "only in A"
    if not isinstance(a, int | float) or not isinstance(b, int | float):
        return "changed"
    if isinstance(a, bool) or isinstance(b, bool):
        return "changed"
    if a == 0:
        return "from 0"
    ratio = b / a
    return f"x {ratio:,.1f}" if ratio >= 2 else margin(ratio - 1)


def _rest(found: CapsuleDiff) -> Iterator[str]:
    more = len(found.changes) - _MOST
    if more > 0:
        yield f"{more} smaller changes are in --output json."
    yield ""
    yield "The largest change first: medians of the window, less how much they scatter."
    yield from _only(found)


def _only(found: CapsuleDiff) -> Iterator[str]:
    for name, ids in (("A", found.only_a), ("B", found.only_b)):
        if ids:
            yield f"Only in {name}: {', '.join(ids)}."
