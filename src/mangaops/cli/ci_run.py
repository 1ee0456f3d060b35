"""One `mangaops ci` from its options to its exit code."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from mangaops.cli.ci_remedies import cannot_rehearse
from mangaops.cli.ci_steps import Steps, targets
from mangaops.cli.ci_systems import annotate, write_junit, write_summary
from mangaops.cli.context import AppContext, library_of
from mangaops.cli.junit_file import refuse_foreign
from mangaops.cli.options import Output, Show, Where
from mangaops.cli.progress import one_line
from mangaops.cli.testing import percentage
from mangaops.errors import ExitCode
from mangaops.render.ci_report import Check, CiReport, State, Step

if TYPE_CHECKING:
    from mangaops.cli.ci import Checks


def ci_told(
    context: AppContext, paths: Sequence[Path], where: Where, checks: Checks, show: Show
) -> ExitCode:
    """Runs all steps, tells, and says what the process returns."""
    percentage(checks.min_coverage)
    if checks.junit is not None:
        refuse_foreign(checks.junit)
    began = context.monotonic()
    library = library_of(where, context)
    steps = Steps(context, library, where, checks, show, cannot_rehearse=cannot_rehearse)
    found = targets(paths, library)
    with one_line(context, show) as say:
        ran = steps.run(found, say)
    failed = [check for check in ran if check.state is State.FAILED]
    report = CiReport(
        checks=tuple(ran),
        findings=tuple(steps.findings),
        tests=tuple(steps.reports),
        seconds=context.monotonic() - began,
        command=_next(failed[0]) if failed else "",
    )
    _tell(context, report, checks, show)
    if failed:
        return ExitCode.PROBLEM_FOUND
    return ExitCode.DONE if report.passed else ExitCode.TOOL_FAILED


def _next(check: Check) -> str:
    """What tells more of one failed check."""
    file = shlex.quote(check.file)
    match check.step:
        case Step.LINT:
            return f"mangaops runbook lint {file}"
        case Step.TESTS:
            return f"mangaops runbook test {file} --coverage -v"
        case Step.MUTANTS:
            return f"mangaops runbook test {file} --mutate"
        case Step.READING:
            return f"mangaops diagnose {file} --dry-run"
        case Step.REMEDIES:
            return f"mangaops ci {file} -v"


def _tell(context: AppContext, report: CiReport, checks: Checks, show: Show) -> None:
    from mangaops.render.ci import ci_annotations, ci_document, ci_markdown, ci_text  # noqa: PLC0415 - rich
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    if checks.junit is not None:
        from mangaops.render.ci_junit import ci_junit  # noqa: PLC0415 - only when asked for

        write_junit(ci_junit(report), checks.junit)
    if checks.summary is not None:
        write_summary(ci_markdown(report), checks.summary)
    annotate(context, ci_annotations(report), asked=checks.github)
    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(ci_document(report)))
        case Output.MARKDOWN:
            terminal.emit(ci_markdown(report))
        case Output.TEXT:
            text = ci_text(
                report, width=terminal.width, colour=terminal.colour, verbose=show.verbose
            )
            terminal.emit(text)
        case _:
            assert_never(show.output)
