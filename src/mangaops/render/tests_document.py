"""Runbook tests as JSON (`mangaops.tests/1`) and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mangaops.model.edge import EdgeKind
from mangaops.model.evidence import JSON, Row
from mangaops.render.escaping import escaped
from mangaops.render.finding import finding_document, finding_lines
from mangaops.render.grid import grid_markdown
from mangaops.render.tests_text import summary
from mangaops.testing.case import Outcome
from mangaops.testing.coverage import Covered
from mangaops.testing.report import Report, Tested

SCHEMA = "mangaops.tests/1"


def tests_document(report: Report) -> dict[str, JSON]:
    """Everything that came of the tests, in the order of the files."""
    return {
        "schema": SCHEMA,
        "tests": report.ran,
        "failed": report.failed,
        "files": [_file(tested) for tested in report.tested],
        "coverage": [_covered(one) for one in report.coverage],
        "floor": report.floor,
        "below": [one.runbook for one in report.below],
        "findings": [finding_document(finding) for finding in report.findings],
    }


def _file(tested: Tested) -> Mapping[str, JSON]:
    return {
        "file": tested.file.file,
        "runbook": tested.runbook.name,
        "tests": [_test(outcome) for outcome in tested.outcomes],
    }


def _test(outcome: Outcome) -> Mapping[str, JSON]:
    diagnosis = outcome.diagnosis
    return {
        "name": outcome.case.name,
        "line": outcome.case.place.line,
        "passed": outcome.passed,
        "diagnosis": diagnosis.id if diagnosis else None,
        "differences": [
            {"what": one.what, "expected": one.expected, "got": one.got}
            for one in outcome.differences
        ],
        "error": outcome.error,
    }


def _covered(one: Covered) -> Mapping[str, JSON]:
    branches, missing = one.count(EdgeKind.BRANCH), one.count(EdgeKind.MISSING)
    return {
        "runbook": one.runbook,
        "branches": {"taken": branches[0], "of": branches[1]},
        "missing": {"taken": missing[0], "of": missing[1]},
        "percent": round(one.percent, 1),
        "untested": [str(edge) for edge in one.untested],
    }


def tests_markdown(report: Report) -> str:
    """The summary, each failure with its differences, and a table of coverage."""
    return "".join(f"{part}\n" for part in _parts(report))


def _parts(report: Report) -> Iterator[str]:
    yield f"**{escaped(summary(report))}**\n"
    for finding in report.findings:
        yield "```text\n" + "\n".join(finding_lines(finding)) + "\n```\n"
    for tested in report.tested:
        for outcome in tested.failed:
            yield from _failure(tested.runbook.name, outcome)
    if report.coverage:
        columns = ("runbook", "branches", "missing data", "untested")
        yield grid_markdown(columns, [_row(one) for one in report.coverage], {})


def _failure(runbook: str, outcome: Outcome) -> Iterator[str]:
    yield f"### {escaped(f'{runbook} / {outcome.case.name}')}\n\n{escaped(outcome.case.where)}\n"
    if outcome.error:
        yield f"{escaped(outcome.error)}\n"
    rows: list[Row] = [
        {"": one.what, "expected": one.expected, "got": one.got} for one in outcome.differences
    ]
    if rows:
        yield grid_markdown(("", "expected", "got"), rows, {})


def _row(one: Covered) -> Row:
    branches, missing = one.count(EdgeKind.BRANCH), one.count(EdgeKind.MISSING)
    return {
        "runbook": one.runbook,
        "branches": f"{branches[0]}/{branches[1]}",
        "missing data": f"{missing[0]}/{missing[1]}",
        "untested": ", ".join(str(edge) for edge in one.untested) or "none",
    }
