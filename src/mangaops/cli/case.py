"""A case: on stdout in the form that --output asks for, and back from its record."""

from __future__ import annotations

from datetime import datetime

from mangaops.cli.context import AppContext
from mangaops.cli.options import Output, Show
from mangaops.errors import MangaopsError
from mangaops.render.case import Case
from mangaops.render.document import case_document
from mangaops.render.json_text import to_json
from mangaops.render.recorded import case_from


def emit_case(context: AppContext, show: Show, case: Case, *, now: datetime | None = None) -> None:
    """Tell it; rich is loaded for text only; a script that wants JSON need not wait for it.

    `now` is the moment of telling: that of the recorded run when it is replayed.
    """
    match show.output:
        case Output.JSON:
            context.terminal.emit(to_json(case_document(case)))
        case Output.MARKDOWN:
            from mangaops.render.markdown import case_markdown  # noqa: PLC0415 - as above

            context.terminal.emit(case_markdown(case))
        case Output.TEXT:
            from mangaops.render.diagnosis import case_text  # noqa: PLC0415 - as above

            terminal = context.terminal
            at = now or context.clock()
            terminal.emit(case_text(case, width=terminal.width, colour=terminal.colour, now=at))


def case_of(context: AppContext, run: str) -> Case:
    """The recorded run as a case."""
    recorded = context.runs.find(run)
    try:
        return case_from(recorded.document)
    except (KeyError, TypeError, ValueError) as error:
        raise MangaopsError(
            f"the record of run {recorded.run} cannot be read",
            where=str(context.runs.folder / recorded.run),
            hint="it was written by another version, or changed since",
        ) from error
