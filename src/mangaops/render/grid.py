"""Rows of scalars as an aligned table, Markdown or JSON: log questions, lists of things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from mangaops.model.evidence import Row, Scalar
from mangaops.render.escaping import escaped
from mangaops.render.figures import figure

_GAP = "  "


def grid_text(columns: Sequence[str], rows: Sequence[Row], units: Mapping[str, str]) -> str:
    """Columns as wide as their widest cell, numbers to the right. Lines are never cut."""
    cells = [[_cell(row.get(name), units.get(name, "")) for name in columns] for row in rows]
    numeric = [_is_numeric(name, rows) for name in columns]
    widths = [
        max(cell_len(text) for text in (name, *(line[i] for line in cells)))
        for i, name in enumerate(columns)
    ]
    lines = [list(columns), *cells]
    return "".join(_joined(line, widths, numeric) for line in lines)


def _joined(line: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    padded = []
    for text, width, right in zip(line, widths, numeric, strict=True):
        blanks = " " * (width - cell_len(text))
        padded.append(blanks + text if right else text + blanks)
    return _GAP.join(padded).rstrip() + "\n"


def _is_numeric(name: str, rows: Sequence[Row]) -> bool:
    values = [row.get(name) for row in rows]
    return any(_number(v) for v in values) and all(v is None or _number(v) for v in values)


def _number(value: Scalar) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cell(value: Scalar, unit: str) -> str:
    return "-" if value is None else " ".join(figure(value, unit).split())


def grid_markdown(columns: Sequence[str], rows: Sequence[Row], units: Mapping[str, str]) -> str:
    lines = [columns, ["---"] * len(columns)]
    lines += [[escaped(_cell(row.get(c), units.get(c, ""))) for c in columns] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
