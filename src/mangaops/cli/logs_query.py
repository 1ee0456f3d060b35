"""`mangaops logs query`: any question to the logs, in AWS or in exported files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.cli.context import AppContext
from mangaops.cli.options import Budget, Output, Show, When, Where
from mangaops.cli.questions import Question
from mangaops.errors import ExitCode, InputError
from mangaops.model.evidence import EvidenceState, Row
from mangaops.render.logs_file import fitted

if TYPE_CHECKING:
    from mangaops.render.logs import Asked
    from mangaops.render.logs_file import AskedFiles

MOST_GROUPS = 50
"""StartQuery takes no more log groups."""
_LONGEST = 10_000
_MALFORMED = "MalformedQueryException"


def question_of(text: str) -> Question:
    """Raises InputError for a query that nobody could run."""
    if not text.strip():
        raise InputError("the query is empty", where="QUERY", hint=_EXAMPLE)
    if len(text) > _LONGEST:
        what = f"the query has {len(text):,} characters"
        raise InputError(what, where="QUERY", hint=f"Logs Insights takes {_LONGEST:,}")
    return Question(name="query", title="", query=text, columns={})


_EXAMPLE = "for example: mangaops logs query 'stats count(*) by intent'"


def ask_files(
    context: AppContext, question: Question, files: Sequence[Path], when: When, show: Show
) -> ExitCode:
    from mangaops.cli.logs_file import asked_of_files, tell_files  # noqa: PLC0415 - not for --help

    asked = asked_of_files(question, files, when, context, show)
    return tell_files(context, show, replace(asked, rows=_fitted(context, show, asked)))


def ask_aws(
    context: AppContext,
    question: Question,
    groups: Sequence[str],
    where: Where,
    when: When,
    budget: Budget,
    show: Show,
) -> ExitCode:
    """AWS judges the query: one that only AWS may know is sent, and said to be such."""
    from mangaops.cli.asking_logs import asked_in_window, asked_of_query  # noqa: PLC0415 - not for --help
    from mangaops.cli.logs_told import told  # noqa: PLC0415 - as above

    if len(groups) > MOST_GROUPS:
        what = f"{len(groups)} log groups are named"
        raise InputError(what, where="--group", hint=f"a query reads {MOST_GROUPS} at most")
    _warn(context, question.query, show)
    ask = partial(asked_of_query, question, groups)
    asked = asked_in_window(context, where, when, budget, show, ask)
    asked = _in_its_columns(asked, question.query)
    if asked.state is EvidenceState.FAILED and _MALFORMED in asked.detail:
        raise _malformed(asked.detail)
    return told(context, show, replace(asked, rows=_fitted(context, show, asked)))


def _in_its_columns(asked: Asked, query: str) -> Asked:
    """With the columns that the query names, in its order: AWS leaves out what a row lacks."""
    if not asked.rows or find_spec("lark") is None:
        return asked
    from mangaops.cli.logs_file import parsed  # noqa: PLC0415 - lark
    from mangaops.sandbox.insights.execute import columns_of  # noqa: PLC0415 - as above

    try:
        named = columns_of(parsed(query))
    except InputError:
        return asked  # only AWS knows it
    columns = tuple(dict.fromkeys((*named, *asked.columns)))
    rows = tuple({name: row.get(name) for name in columns} for row in asked.rows)
    return replace(asked, columns=columns, rows=rows)


def _warn(context: AppContext, query: str, show: Show) -> None:
    """A query outside the portable grammar may run in AWS, and only there."""
    if find_spec("lark") is None:
        return
    from mangaops.cli.logs_file import parsed  # noqa: PLC0415 - lark

    try:
        parsed(query)
    except InputError as error:
        context.note(show, f"note: {error.where}: {error.what}; AWS may know more, so it is asked")


def _malformed(detail: str) -> InputError:
    what, _, _ = detail.partition("; ")
    _, _, told = what.partition(f"{_MALFORMED}: ")
    return InputError(
        f"Logs Insights refuses the query: {told or what}",
        where="QUERY",
        hint="correct it; nothing was scanned",
    )


def _fitted(context: AppContext, show: Show, asked: Asked | AskedFiles) -> Sequence[Row]:
    """The rows as wide as the terminal where they are a table for people; told if any is cut."""
    if show.output is not Output.TEXT:
        return asked.rows
    width = context.terminal.width
    rows, shortened = fitted(asked.columns, asked.rows, width)
    if shortened:
        context.note(show, f"note: cut to fit {width} columns; --output json has all of it")
    return rows
