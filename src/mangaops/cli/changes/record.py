"""What the records of runs hold, for `history`: diagnoses and changes together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from mangaops.cli.context import AppContext
from mangaops.cli.options import Output, Show
from mangaops.errors import MangaopsError
from mangaops.model.change import RunStatus
from mangaops.remedy.journals.history import History, read
from mangaops.render.journal import journal_document, journal_markdown, journal_text
from mangaops.render.json_text import to_json
from mangaops.render.runs import PastRun, past_change, past_run

_TOOK_BACK = {RunStatus.VERIFIED.value, RunStatus.UNVERIFIED.value}


def past(context: AppContext, show: Show, limit: int) -> list[PastRun]:
    """The newest runs; one that cannot be read is told and left out."""
    store = context.runs
    changes = set(store.changes())
    undone = undone_by(context)
    runs: list[PastRun] = []
    for name in store.everything()[:limit]:
        try:
            if name in changes:
                runs.append(_change(context, name, undone))
            else:
                recorded = store.read(name)
                runs.append(past_run(recorded.run, recorded.at, recorded.document))
        except MangaopsError as error:
            context.note(show, f"note: {error.what}")
    return runs


def _change(context: AppContext, name: str, undone: Mapping[str, str]) -> PastRun:
    path = context.runs.journal(name)
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return past_change(read(path), at, undone)


def undone_by(context: AppContext) -> dict[str, str]:
    """Which run took which run back. A run that was taken back itself takes nothing back, nor
    does one whose journal cannot be read.
    """
    undone: dict[str, str] = {}
    for name in context.runs.changes():
        history = None if name in undone else _history(context, name)
        if history and history.plan and history.plan.undoes and history.status in _TOOK_BACK:
            undone.setdefault(history.plan.undoes, name)
    return undone


def _history(context: AppContext, name: str) -> History | None:
    try:
        return read(context.runs.journal(name))
    except MangaopsError:
        return None


def emit_change_record(context: AppContext, show: Show, name: str) -> None:
    """The plan of a change, its journal, how it ended, and whether it can be undone."""
    history = read(context.runs.journal(name))
    undone = undone_by(context)
    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(journal_document(history, undone)))
        case Output.MARKDOWN:
            from mangaops.render.ticket import plan_markdown  # noqa: PLC0415 - only for it

            plan = plan_markdown(history.plan, now=context.clock()) if history.plan else ""
            terminal.emit(plan + "\n" + journal_markdown(history, undone))
        case Output.TEXT:
            terminal.emit(_text(context, show, history, undone))


def _text(context: AppContext, show: Show, history: History, undone: Mapping[str, str]) -> str:
    from mangaops.render.plan import plan_text  # noqa: PLC0415 - only for text

    terminal = context.terminal
    width, colour = terminal.width, terminal.colour
    suffix = history.plan.site.option if history.plan else ""
    journal = journal_text(history, undone, width=width, colour=colour, suffix=suffix)
    if history.plan is None:
        return journal
    now, verbose = context.clock(), show.verbose
    plan = plan_text(history.plan, width=width, colour=colour, now=now, verbose=verbose)
    return f"{plan}\n{journal}"
