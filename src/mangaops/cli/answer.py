"""The answer on stdout, in the form that --output asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mangaops.cli.context import AppContext
from mangaops.cli.options import Output, Show
from mangaops.model.evidence import JSON, Row
from mangaops.render.json_text import to_json

_NO_UNITS: Mapping[str, str] = MappingProxyType({})


def emit_rows(
    context: AppContext,
    show: Show,
    document: Mapping[str, JSON],
    columns: Sequence[str],
    rows: Sequence[Row],
    units: Mapping[str, str] = _NO_UNITS,
) -> None:
    """A table of `columns`, or `document` when JSON was asked for."""
    if show.output is Output.JSON:
        context.terminal.emit(to_json(document))
        return
    from mangaops.render.grid import grid_markdown, grid_text  # noqa: PLC0415 - JSON needs no rich

    match show.output:
        case Output.MARKDOWN:
            context.terminal.emit(grid_markdown(columns, rows, units))
        case Output.TEXT if rows:
            context.terminal.emit(grid_text(columns, rows, units))
        case Output.TEXT:
            return
