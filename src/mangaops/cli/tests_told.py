"""One `mangaops runbook test` from its options to its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mangaops.cli.context import AppContext
from mangaops.cli.options import Output, Show
from mangaops.cli.testing import Wanted, exit_code, run_tests, untested
from mangaops.cli.tests_options import Testing
from mangaops.cli.tests_sources import TestSources
from mangaops.errors import ExitCode, InputError
from mangaops.runbook.library import Library
from mangaops.testing.given import Sources
from mangaops.testing.report import Report


def tests_told(
    context: AppContext, paths: Sequence[Path], library: Library, testing: Testing, show: Show
) -> ExitCode:
    """Runs, tells, and says what the process returns."""
    wanted = Wanted(
        paths=paths,
        only=testing.only,
        coverage=testing.coverage or testing.min_coverage is not None,
        floor=testing.min_coverage,
    )
    sources = TestSources(context, show)
    report = run_tests(wanted, library, sources)
    if testing.junit is not None:
        write_junit(report, testing.junit)
    if testing.github or context.environ.get("GITHUB_ACTIONS") == "true":
        annotate(context, report)
    emit_report(context, show, report)
    without = untested(wanted, library)
    if without:
        context.note(show, f"note: no tests: {', '.join(without)}")
    code = exit_code(report)
    return _mutated(context, report, sources, show) if testing.mutate and not code else code


def _mutated(context: AppContext, report: Report, sources: Sources, show: Show) -> ExitCode:
    """Only once all tests pass: what fails already notices nothing."""
    from mangaops.cli.mutating import mutated, tell_mutations  # noqa: PLC0415 - takes a while

    files = [(tested.file, tested.runbook) for tested in report.tested]
    mutations = mutated(files, sources, context, show)
    tell_mutations(mutations, context, show)
    sound = all(one.sound for one in mutations)
    return ExitCode.DONE if sound else ExitCode.PROBLEM_FOUND


def emit_report(context: AppContext, show: Show, report: Report) -> None:
    """The answer on stdout."""
    from mangaops.render.finding import finding_lines  # noqa: PLC0415 - rich, not for --help
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above
    from mangaops.render.tests_document import tests_document, tests_markdown  # noqa: PLC0415 - as above
    from mangaops.render.tests_text import tests_text  # noqa: PLC0415 - as above

    terminal = context.terminal
    match show.output:
        case Output.JSON:
            terminal.emit(to_json(tests_document(report)))
        case Output.MARKDOWN:
            terminal.emit(tests_markdown(report))
        case Output.TEXT:
            for finding in report.findings:
                terminal.emit("".join(f"{line}\n" for line in finding_lines(finding)))
            text = tests_text(
                report, width=terminal.width, colour=terminal.colour, verbose=show.verbose
            )
            terminal.emit(text)


def write_junit(report: Report, file: Path) -> None:
    """Raises InputError where it cannot be written."""
    from mangaops.render.junit import junit_xml  # noqa: PLC0415 - only when asked for

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(junit_xml(report), encoding="utf-8")
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise InputError(what, where=str(file), hint="--junit FILE") from None


def annotate(context: AppContext, report: Report) -> None:
    """On stderr, which the log of a workflow shows as well: stdout stays the answer."""
    from mangaops.render.annotations import annotated  # noqa: PLC0415 - only for GitHub

    for line in annotated(report):
        context.terminal.say(line)
