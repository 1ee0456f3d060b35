"""What Logs Insights answered, told: rows on stdout, why there are none on stderr."""

from __future__ import annotations

from collections.abc import Callable

from mangaops.cli.answer import emit_rows
from mangaops.cli.context import AppContext
from mangaops.cli.options import Output, Show
from mangaops.errors import AwsError, ExitCode, Interrupted
from mangaops.model.evidence import EvidenceState
from mangaops.render.logs import Asked, logs_document, logs_heading


def told(context: AppContext, show: Show, answer: Asked) -> ExitCode:
    """Raises AwsError for logs that could not be read, and Interrupted."""
    _refuse_unread(answer)
    _tell(context, show, answer)
    return ExitCode.DONE if answer.state is EvidenceState.OK else ExitCode.INCONCLUSIVE


def _tell(context: AppContext, show: Show, answer: Asked) -> None:
    terminal = context.terminal
    if show.output is Output.TEXT:
        heading: Callable[..., str] = logs_heading
        now = context.clock()
        terminal.emit(heading(answer, width=terminal.width, colour=terminal.colour, now=now))
    emit_rows(context, show, logs_document(answer), answer.columns, answer.rows, answer.units)
    if answer.detail and show.output is not Output.JSON:
        terminal.say(answer.detail)


def _refuse_unread(answer: Asked) -> None:
    """Logs that cannot be read at all are an error, not an answer without rows."""
    if answer.interrupted and answer.state is not EvidenceState.OK:
        what = "interrupted before the logs were read; the query was stopped"
        raise Interrupted(what, where=f"mangaops logs {answer.question}", hint="run it again")
    if answer.state in {EvidenceState.DENIED, EvidenceState.FAILED}:
        what, _, hint = answer.detail.partition("; ")
        raise AwsError(what, where=f"mangaops logs {answer.question}", hint=hint)
