"""The answer of `mangaops ci`: text, JSON, Markdown for the summary of a job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mangaops.model.evidence import JSON, Row
from mangaops.render.annotations import annotated, annotation
from mangaops.render.ci_report import Check, CiReport, State, Step
from mangaops.render.escaping import escaped
from mangaops.render.figures import counted
from mangaops.render.grid import grid_markdown
from mangaops.render.screen import WIDEST, prose, to_text, typed_line
from mangaops.testing.report import Report

_WORDS = {
    State.PASSED: ("ok", "fine"),
    State.FAILED: ("FAIL", "fail"),
    State.NOT_RUN: ("??", "fail"),
    State.SKIPPED: ("--", ""),
}
_AT_THEIR_LINES = (Step.LINT, Step.TESTS)


def ci_text(report: CiReport, *, width: int, colour: bool, verbose: bool) -> str:
    """A line for each check, then what failed, then the sums."""
    name = max(len(check.runbook) for check in report.checks)
    parts: list[RenderableType] = []
    for check in report.checks:
        parts.append(_line(check, name))
        notes = check.notes if verbose and check not in report.warned else ()
        parts += [Padding(prose(note, "quiet"), (0, 0, 0, 6)) for note in notes]
    for check, lines in _details(report):
        parts += [Text(""), Text(f"{check.step} of {check.runbook} ({check.file})", style="strong")]
        parts += [Padding(Text(line), (0, 0, 0, 2)) for line in lines]
    parts += [Text(""), *(Text(f"{step:<9} {sums(report.of(step))}") for step in report.steps)]
    parts.append(prose(total(report), "strong"))
    if report.command:
        parts.append(typed_line("next:", report.command))
    return to_text(Group(*parts), width=min(width, WIDEST), colour=colour)


def ci_markdown(report: CiReport) -> str:
    """A table of runbooks by steps, then what failed."""
    steps = report.steps
    names = list(dict.fromkeys(check.runbook for check in report.checks))
    found = {(check.runbook, check.step): check for check in report.checks}
    rows: list[Row] = [
        {"runbook": name, **{step.value: _cell(found.get((name, step))) for step in steps}}
        for name in names
    ]
    table = grid_markdown(("runbook", *steps), rows, {})
    lines = [f"## Runbooks: {total(report)}", "", table.rstrip()]
    for check, details in _details(report):
        told = "\n".join(details).replace("```", "'''")
        lines += ["", f"**{check.step} of {escaped(check.runbook)}**", "", "```text", told, "```"]
    return "\n".join(lines) + "\n"


def ci_document(report: CiReport) -> dict[str, JSON]:
    """`mangaops.ci/1`."""
    return {
        "schema": "mangaops.ci/1",
        "passed": report.passed,
        "seconds": round(report.seconds, 3),
        "checks": [
            {
                "step": check.step.value,
                "runbook": check.runbook,
                "file": check.file,
                "state": check.state.value,
                "told": check.told,
                "seconds": round(check.seconds, 3),
                "problems": list(check.problems),
                "notes": list(check.notes),
            }
            for check in report.checks
        ],
    }


def ci_annotations(report: CiReport) -> Iterator[str]:
    """Lines for the log of a workflow; findings and failed tests at their own lines."""
    if report.findings:
        yield from annotated(Report(tested=(), findings=report.findings))
    for tests in report.tests:
        yield from annotated(tests)
    shown = any(True for tests in report.tests for _ in annotated(tests))
    for check in (*report.failed, *report.not_run[:1]):
        told = "\n".join(check.problems)
        if check.step in _AT_THEIR_LINES and (report.findings or shown):
            continue
        yield annotation("error", told, file=check.file, title=f"{check.step} of {check.runbook}")


def sums(checks: Sequence[Check]) -> str:
    """`5 passed, 1 failed   2.1 s`."""
    counted = Counter(check.state for check in checks)
    told = ", ".join(f"{counted[state]} {state}" for state in State if counted[state])
    return f"{told:<24} {sum(check.seconds for check in checks):6.1f} s"


def total(report: CiReport) -> str:
    names = {check.runbook for check in report.checks}
    runbooks = counted(len(names), "runbook")
    checks = f"{len(report.checks)} checks"
    failed = f"{len(report.failed)} failed" if report.failed else "none failed"
    not_run = f", {len(report.not_run)} could not be run" if report.not_run else ""
    return f"{runbooks}, {checks}, {failed}{not_run} ({report.seconds:.1f} s)"


def _details(report: CiReport) -> Iterator[tuple[Check, Sequence[str]]]:
    """Warnings, what failed, and once why the rest could not be run."""
    yield from ((check, check.notes) for check in report.warned)
    yield from ((check, check.problems) for check in (*report.failed, *report.not_run[:1]))


def _line(check: Check, name: int) -> Text:
    word, style = _WORDS[check.state]
    return Text.assemble(
        f"{check.step:<9}",
        f"{check.runbook:<{name}} ",
        (f"{check.seconds:5.1f} s  ", "quiet"),
        (f"{word:<5}", style),
        check.told,
    )


def _cell(check: Check | None) -> str:
    if check is None:
        return ""
    word, _ = _WORDS[check.state]
    return f"{word} {check.told}"
