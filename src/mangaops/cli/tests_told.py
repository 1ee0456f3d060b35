"""One `mangaops runbook test` from its options to its exit code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mangaops.cli.ci_systems import annotate, write_junit
from mangaops.cli.context import AppContext
from mangaops.cli.junit_file import refuse_foreign
from mangaops.cli.options import Output, Show
from mangaops.cli.testing import Wanted, exit_code, percentage, run_tests
from mangaops.cli.tests_options import Testing
from mangaops.cli.tests_sources import TestSources
from mangaops.errors import ExitCode, InputError
from mangaops.runbook.library import Library
from mangaops.testing.given import Sources
from mangaops.testing.mutants.verdict import Mutation
from mangaops.testing.report import Report


def tests_told(
    context: AppContext, paths: Sequence[Path], library: Library, testing: Testing, show: Show
) -> ExitCode:
    """Runs, tells, and says what the process returns."""
    _refuse_conflicts(testing)
    wanted = Wanted(
        paths=paths,
        only=testing.only or "",
        coverage=testing.coverage or testing.min_coverage is not None,
        floor=testing.min_coverage,
    )
    sources = TestSources(context, show)
    report = run_tests(wanted, library, sources)
    code = exit_code(report)
    if testing.junit is not None:
        from mangaops.render.junit import junit_xml  # noqa: PLC0415 - only when asked for

        write_junit(junit_xml(report), testing.junit)
    mutations = _mutated(context, report, sources, show) if testing.mutate and not code else ()
    annotate(context, _annotations(report, mutations), asked=testing.github)
    emit_report(context, show, report, mutations)
    if report.without:
        context.note(show, f"note: no tests: {', '.join(report.without)}")
    return code if all(one.sound for one in mutations) else ExitCode.PROBLEM_FOUND


def _refuse_conflicts(testing: Testing) -> None:
    """Raises InputError before any test runs."""
    if testing.min_coverage is not None:
        percentage(testing.min_coverage)
    if testing.only is not None and not testing.only.strip():
        raise InputError("no text is given", where="--only", hint="a part of a test's name")
    if testing.only and testing.mutate:
        what = "--only conflicts with --mutate: what one test misses another may notice"
        raise InputError(what, where="--mutate", hint="give one of them")
    if testing.junit is not None:
        refuse_foreign(testing.junit)


def _mutated(
    context: AppContext, report: Report, sources: Sources, show: Show
) -> tuple[Mutation, ...]:
    """Only once all tests pass: what fails already notices nothing."""
    from mangaops.cli.mutating import mutated  # noqa: PLC0415 - only when asked for

    files = [(tested.file, tested.runbook) for tested in report.tested]
    return mutated(files, sources, context, show)


def emit_report(
    context: AppContext, show: Show, report: Report, mutations: Sequence[Mutation] = ()
) -> None:
    """The answer on stdout; in JSON one document, with the mutants in it."""
    from mangaops.render.finding import finding_lines  # noqa: PLC0415 - rich, not for --help
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above
    from mangaops.render.mutants import mutation_document, mutation_lines  # noqa: PLC0415 - as above
    from mangaops.render.tests_document import tests_document, tests_markdown  # noqa: PLC0415 - as above
    from mangaops.render.tests_text import tests_text  # noqa: PLC0415 - as above

    terminal = context.terminal
    lines = mutation_lines(mutations, verbose=show.verbose) if mutations else ()
    mutants = "".join(f"{line}\n" for line in lines)
    match show.output:
        case Output.JSON:
            more = {"mutation": mutation_document(mutations)} if mutations else {}
            terminal.emit(to_json({**tests_document(report), **more}))
        case Output.MARKDOWN:
            fenced = f"```text\n{mutants}```\n" if mutants else ""
            terminal.emit(tests_markdown(report) + fenced)
        case Output.TEXT:
            for finding in report.findings:
                terminal.emit("".join(f"{line}\n" for line in finding_lines(finding)))
            text = tests_text(
                report, width=terminal.width, colour=terminal.colour, verbose=show.verbose
            )
            terminal.emit(text + mutants)


def _annotations(report: Report, mutations: Sequence[Mutation]) -> Iterator[str]:
    from mangaops.render.annotations import annotated, of_survivors  # noqa: PLC0415 - only for GitHub

    yield from annotated(report)
    yield from of_survivors(mutations)
